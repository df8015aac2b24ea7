/** One run as its submitter holds it: claimed by one pdl at a time, its lines handed over once, its results taken once. */

import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.js';
import { sleep } from '../clock.js';
import { PdlError, UsageError } from '../errors.js';
import { chunksKey, jobIdOf, prefix, queueName, type RunKeys, runKeys, runsKey, shardCount } from './keys.js';
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

const jobKey = `'${prefix}:${queueName}:${jobIdOf(0).slice(0, -1)}' .. `;
const listKey = `'${chunksKey(0).slice(0, -1)}' .. `;

const claimScript = `
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return {0} end
redis.call('SADD', KEYS[3], ARGV[4])
redis.call('HSETNX', KEYS[2], 'v', ARGV[3])
return {1, redis.call('HINCRBY', KEYS[2], 'term', 1), redis.call('HGET', KEYS[2], 'v')}`;

/** A claim that ran out may be made again as long as nobody else had the run meanwhile. */
const keepScript = `
local owner = redis.call('GET', KEYS[1])
if owner == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if owner or redis.call('HGET', KEYS[2], 'term') ~= ARGV[3] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

const pushScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {-1} end
local without = {}
for i = 5, #ARGV, 4 do
  local shard, last = ARGV[i], ARGV[i + 1]
  if tonumber(last) > tonumber(redis.call('HGET', KEYS[3], shard) or '0') then
    local chunk = shard .. '.' .. last .. '.' .. ARGV[i + 2]
    redis.call('HSET', KEYS[4], chunk, ARGV[i + 3])
    redis.call('RPUSH', ${listKey}shard, chunk .. '@' .. ARGV[2])
    redis.call('HSET', KEYS[3], shard, last)
    redis.call('HINCRBY', KEYS[2], 'handed', ARGV[i + 2])
  end
  if redis.call('EXISTS', ${jobKey}shard) == 0 then without[#without + 1] = tonumber(shard) end
end
redis.call('HSET', KEYS[2], 'at', ARGV[3], 'digest', ARGV[4])
return without`;

const strandedScript = `
local without = {}
for shard = 0, ${shardCount - 1} do
  if redis.call('EXISTS', ${listKey}shard) == 1 and redis.call('EXISTS', ${jobKey}shard) == 0 then
    without[#without + 1] = shard
  end
end
return without`;

const ackScript = `
if redis.call('XDEL', KEYS[1], ARGV[1]) == 1 then
  redis.call('HINCRBY', KEYS[2], 'waiting', -ARGV[2])
  redis.call('HINCRBY', KEYS[2], 'acked', ARGV[2])
  redis.call('HDEL', KEYS[2], 'part')
end
redis.call('HSET', KEYS[2], 'told', ARGV[3])`;

const removeScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SREM', KEYS[6], ARGV[2])
return redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5])`;

const releaseScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

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
