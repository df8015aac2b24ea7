/** One run as its submitter holds it: claimed by one pdl at a time, its lines handed over once, its results taken once. */

import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.js';
import { sleep } from '../clock.js';
import { PdlError, UsageError } from '../errors.js';
import { type RunKeys, runKeys, runsKey } from './keys.js';
import {
  ackScript,
  claimScript,
  keepScript,
  pushScript,
  releaseScript,
  removeScript,
  strandedScript,
} from './run-scripts.js';
import { major, type Server } from './server.js';

/** Lines of one shard, packed. */
export interface Chunk {
  shard: number;
  /** Number of its last line; later chunks of the shard hold later lines. */
  last: number;
  count: number;
  blob: Buffer;
}

/** How far the list was read, and the hash of all its lines to there. */
export interface Milestone {
  at: number;
  digest: string;
}

/** What an earlier pdl left of the run. */
export interface Past extends Milestone {
  /** Lines handed over, and those among them whose results were taken. */
  handed: number;
  acked: number;
  /** Number of the last line whose end was told without a worker. */
  told: number;
  /** Results taken of the stream's first entry. */
  part: { id: string; taken: number } | null;
  /** By shard: number of the last line handed over. */
  last: Map<number, number>;
}

export interface Run {
  readonly name: string;
  readonly keys: RunKeys;
  readonly past: Past;
  /** Hands chunks over; returns the shards that have no job yet. */
  push(chunks: readonly Chunk[], read: Milestone): Promise<number[]>;
  /** Shards with lines and without a job: a worker was lost at the wrong moment. */
  stranded(): Promise<number[]>;
  /** All results of a stream entry were taken. */
  ack(id: string, count: number, told: number): Promise<void>;
  /** The entry was taken in part; the next pdl goes on from there. */
  park(part: { id: string; taken: number } | null, told: number): Promise<void>;
  /** All is told: nothing of the run stays. */
  remove(): Promise<void>;
  /** Lets the run go, for this or another pdl to take it up. */
  release(): Promise<void>;
  /** Renews the claim no more: what Redis does not hear of runs out. */
  drop(): void;
}

/**
 * Claims a run, new or left by another.
 * @throws PdlError LOCKED while another pdl reports it; UsageError for one of another major version.
 */
export async function openRun({ redis }: Server, name: string, leaseMs: number, clock: Clock): Promise<Run> {
  const keys = runKeys(name);
  const token = randomUUID();
  const claim = () => redis.eval(claimScript, 3, keys.owner, keys.meta, runsKey, token, leaseMs, major, name);
  let claimed = (await claim()) as [number, number, string];
  // A pdl that was killed has the run for one lease more.
  for (let waited = 0; claimed[0] === 0 && waited <= leaseMs; waited += leaseMs / 10) {
    await sleep(clock, leaseMs / 10);
    claimed = (await claim()) as [number, number, string];
  }
  if (claimed[0] === 0) {
    throw new PdlError(
      'LOCKED',
      `Cannot take up the run ${name}: another pdl reports its results (--run names another)`,
    );
  }
  const [, term, made] = claimed;
  let closed = false;
  const keep = async () => (await redis.eval(keepScript, 2, keys.owner, keys.meta, token, leaseMs, term)) === 1;
  let cancel = () => {};
  const renew = () => {
    if (!closed) void keep().catch(() => {});
    cancel = clock.timer(leaseMs / 3, renew);
  };
  const end = () => {
    closed = true;
    cancel();
  };
  const release = async () => {
    end();
    await redis.eval(releaseScript, 1, keys.owner, token);
  };
  if (made !== major) {
    await release();
    throw new UsageError(`Cannot take up the run ${name}: it was begun by pdl ${made}`);
  }
  renew();
  const past = readPast(await redis.hgetall(keys.meta), await redis.hgetall(keys.last));

  return {
    name,
    keys,
    past,
    async push(chunks, { at, digest }) {
      const words = chunks.flatMap(({ shard, last, count, blob }) => [shard, last, count, blob]);
      const send = () =>
        redis.eval(
          pushScript,
          4,
          ...[keys.owner, keys.meta, keys.last, keys.chunks],
          ...[token, name, at, digest, ...words],
        ) as Promise<number[]>;
      let without = await send();
      if (without[0] === -1 && (await keep())) without = await send();
      if (without[0] !== -1) return without;
      throw new PdlError('LOCKED', `Cannot hand over the run ${name}: another pdl has taken it up`);
    },
    stranded: () => redis.eval(strandedScript, 0) as Promise<number[]>,
    async ack(id, count, told) {
      await redis.eval(ackScript, 2, keys.results, keys.meta, id, count, told);
    },
    async park(part, told) {
      await redis.hset(keys.meta, { told, ...(part && { part: `${part.id} ${part.taken}` }) });
    },
    async remove() {
      end();
      const { owner, meta, last, chunks, results } = keys;
      await redis.eval(removeScript, 6, owner, meta, last, chunks, results, runsKey, token, name);
    },
    release,
    drop: end,
  };
}

function readPast(meta: Record<string, string>, last: Record<string, string>): Past {
  const number = (name: string) => Number(meta[name] ?? 0);
  const [id, taken] = meta['part']?.split(' ') ?? [];
  return {
    at: number('at'),
    digest: meta['digest'] ?? '',
    handed: number('handed'),
    acked: number('acked'),
    told: number('told'),
    part: id === undefined ? null : { id, taken: Number(taken) },
    last: new Map(Object.entries(last).map(([shard, line]) => [Number(shard), Number(line)])),
  };
}
