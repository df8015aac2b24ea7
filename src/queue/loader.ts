/** Brings the chunks of a shard in, one look after the other, until there are lines enough or the shard is done. */

import { type Clock, sleep } from '../clock.js';
import { UsageError } from '../errors.js';
import { type Fetched, nextChunks } from './chunks.js';
import type { Lease, Leases } from './leases.js';
import type { Loaded } from './outbox.js';
import type { Redis } from './server.js';

/** Lines of a shard below which its next chunks are loaded. */
export const fewLines = 64;
/** Lines asked for at a time. */
const chunkLines = 128;
/** Between two looks at a shard that had nothing for us, ms. */
const againMs = 1_000;

/** A shard that is ours. */
export interface Shard {
  chunks: Set<Loaded>;
  /** Lines under way. */
  open: number;
  loading: boolean;
  /** A further chunk was asked for while one was loading. */
  asked: boolean;
  /** Clock time before which it is not worth asking for a further chunk. */
  dryUntil: number;
}

export interface LoaderParts {
  redis: Redis;
  clock: Clock;
  leases: Leases;
  /** A shard may have got lines when its job was about to end. */
  again(shard: number): Promise<void>;
  fail(error: unknown): void;
}

/** @returns what asks for more lines of a lease; it may be called at any time. */
export function openLoader(
  { redis, clock, leases, again, fail }: LoaderParts,
  over: AbortSignal,
  shards: Map<Lease, Shard>,
  admit: (shard: Shard, lease: Lease, chunk: Fetched) => void,
): (lease: Lease) => void {
  const load = async (lease: Lease, shard: Shard): Promise<void> => {
    while (!over.aborted && lease.holds() && shard.open < fewLines) {
      const next = await nextChunks(redis, lease, shard.chunks, chunkLines);
      if (over.aborted || !lease.holds()) return;
      if (next.kind === 'chunks') for (const chunk of next.chunks) admit(shard, lease, chunk);
      else if (next.kind === 'lost') return leases.lose(lease);
      else if (next.kind === 'foreign') throw new UsageError(foreignRun);
      else if (next.kind === 'none' && shard.chunks.size === 0) return finish(lease);
      else {
        shard.dryUntil = clock.now() + againMs;
        if (shard.open > 0 || shard.chunks.size > 0) return;
        await sleep(clock, againMs, over);
      }
    }
  };

  const finish = async (lease: Lease) => {
    shards.delete(lease);
    await leases.leave(lease, true);
    await again(lease.shard);
  };

  const fill = (lease: Lease) => {
    const shard = shards.get(lease);
    if (shard === undefined || over.aborted) return;
    shard.asked = true;
    if (shard.loading) return;
    shard.loading = true;
    const go = async () => {
      while (shard.asked) {
        shard.asked = false;
        await load(lease, shard);
      }
    };
    go()
      .catch((error) => {
        if (error instanceof TypeError || error instanceof SyntaxError) fail(error);
        // Redis would not answer; as long as the lease holds it may yet.
        else if (!over.aborted) clock.timer(againMs / 10, () => fill(lease));
      })
      .finally(() => {
        shard.loading = false;
      });
  };
  return fill;
}

const foreignRun = 'Cannot work for the queue: a run in it was begun by a pdl of another major version';
