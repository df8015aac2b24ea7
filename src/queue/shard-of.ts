/** The shard of a host within a queue. */

import { shardOf } from '../list/shard.js';
import { shardCount } from './keys.js';

/** Hosts kept in mind: they come again and again, and a hash costs 2 µs. */
const most = 100_000;

export function openShardOf(): (host: string) => number {
  const known = new Map<string, number>();
  return (host) => {
    let shard = known.get(host);
    if (shard !== undefined) return shard;
    shard = shardOf(host, shardCount);
    if (known.size === most) known.clear();
    known.set(host, shard);
    return shard;
  };
}
