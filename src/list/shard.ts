/** Which share of a list is one machine's: every host belongs to exactly one shard. */

import { createHash } from 'node:crypto';
import type { Job } from '../types.js';
import { hostOf } from '../url.js';

/** The shard of a host, 0..count-1: the first 8 bytes of SHA-256 of its name as an unsigned number, modulo count. */
export function shardOf(host: string, count: number): number {
  return Number(createHash('sha256').update(host).digest().readBigUInt64BE() % BigInt(count));
}

/** Tells whether a job is ours. Without a shard every job is. */
export function inShard(shard: { index: number; count: number } | null): (job: Job) => boolean {
  if (shard === null) return () => true;
  // Lists are mostly sorted or of few hosts: the last answer is mostly the next one.
  let last: string | null = null;
  let ours = false;
  return ({ url }) => {
    const host = hostOf(url);
    if (host !== last) ours = shardOf(host, shard.count) === shard.index;
    last = host;
    return ours;
  };
}
