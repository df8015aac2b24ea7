/** Chunks as a worker sees them: the next ones of a shard, and the results of its lines, which are accepted once each. */

import type { Job } from '../types.js';
import { chunksKey, jobIdOf, prefix, queueName } from './keys.js';
import type { Lease } from './leases.js';
import { unpackChunk } from './pack.js';
import { major, type Redis } from './server.js';

/** Results that may wait for a submitter that is away; then its run stands still. Redis holds 80 bytes for each. */
const mostResults = 1_000_000;
/** Runs of which chunks are looked past when their results pile up. */
const looks = 16;

export interface Fetched {
  run: string;
  id: string;
  /** Lines of the chunk that have no result yet, with their places in it. */
  jobs: Map<number, Job>;
  /** Lines of the chunk in all. */
  total: number;
}

/** `lost`: the shard is not ours. `none`: it has no further chunk. `full`: not now. `foreign`: of another pdl's major version. */
export type Next = { kind: 'chunks'; chunks: Fetched[] } | { kind: 'lost' | 'none' | 'full' | 'foreign' };

const lockKey = (shard: number) => `${prefix}:${queueName}:${jobIdOf(shard)}:lock`;

const nextScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'lost'} end
local loaded, answer, lines = {}, {'none'}, 0
for i = 5, #ARGV do loaded[ARGV[i]] = true end
for _, ref in ipairs(redis.call('LRANGE', KEYS[2], 0, #ARGV + ${looks})) do
  if lines < tonumber(ARGV[4]) and not loaded[ref] then
    local chunk, count, run = string.match(ref, '^(.-%.(%d+))@(.*)$')
    local base = 'pdl:run:' .. run .. ':'
    local blob = redis.call('HGET', base .. 'chunks', chunk)
    local known = redis.call('HMGET', base .. 'meta', 'v', 'waiting')
    if not blob then redis.call('LREM', KEYS[2], 1, ref)
    elseif known[1] ~= ARGV[2] then return {'foreign'}
    elseif tonumber(known[2] or '0') >= tonumber(ARGV[3]) then
      if lines == 0 then answer[1] = 'full' end
    else
      answer[1], lines = 'chunks', lines + tonumber(count)
      for _, value in ipairs({run, chunk, blob, redis.call('GET', base .. 'done:' .. chunk) or ''}) do answer[#answer + 1] = value end
    end
  end
end
return answer`;

/** In ioredis, but not in its types. `callBuffer` never answers where commands are gathered into pipelines (ioredis 6.0.0). */
type Binary = Redis & { evalBuffer(script: string, keys: number, ...words: (string | number)[]): Promise<unknown> };

/** Some `lines` lines of a shard. @param loaded its chunks that are here already. */
export async function nextChunks(
  redis: Redis,
  lease: Lease,
  loaded: Iterable<{ run: string; id: string }>,
  lines: number,
): Promise<Next> {
  const refs = [...loaded].map(({ run, id }) => `${id}@${run}`);
  const [kind, ...words] = (await (redis as Binary).evalBuffer(
    nextScript,
    2,
    ...[lockKey(lease.shard), chunksKey(lease.shard)],
    ...[lease.token, major, mostResults, lines, ...refs],
  )) as [Buffer, ...Buffer[]];
  if (kind.toString() !== 'chunks') return { kind: kind.toString() as 'none' };
  const chunks: Fetched[] = [];
  for (let at = 0; at < words.length; at += 4) {
    const [run, id, blob, done] = words.slice(at, at + 4) as [Buffer, Buffer, Buffer, Buffer];
    const all = unpackChunk(blob);
    const jobs = new Map([...all.entries()].filter(([place]) => !isSet(done, place)));
    chunks.push({ run: run.toString(), id: id.toString(), jobs, total: all.length });
  }
  return { kind: 'chunks', chunks };
}

/** SETBIT counts from the highest bit of the first byte. */
function isSet(bits: Buffer, place: number): boolean {
  return (((bits[place >> 3] ?? 0) >> (7 - (place & 7))) & 1) === 1;
}

/** Some lines of a chunk that have their results. */
export interface Ended {
  lease: Lease;
  id: string;
  total: number;
  places: number[];
}

/** Why nothing of a batch was accepted: `lost` the lease, `gone` the chunk is done, `again` that line has its result. */
export interface Refusal {
  id: string;
  why: 'lost' | 'gone' | 'again';
  place: number;
}

/** All or nothing: a result that is there already must not be counted twice, one of a lost owner not at all. */
const acceptScript = `
local base = 'pdl:run:' .. ARGV[1] .. ':'
local groups, refused, i = {}, {}, 4
while i <= #ARGV do
  local shard, token, chunk, total, count = ARGV[i], ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4])
  local bits = base .. 'done:' .. chunk
  if redis.call('GET', '${prefix}:${queueName}:${jobIdOf(0).slice(0, -1)}' .. shard .. ':lock') ~= token then
    refused[#refused + 1] = chunk .. ' lost 0'
  elseif redis.call('HEXISTS', base .. 'chunks', chunk) == 0 then
    refused[#refused + 1] = chunk .. ' gone 0'
  else
    for j = i + 5, i + 4 + count do
      if redis.call('GETBIT', bits, ARGV[j]) == 1 then refused[#refused + 1] = chunk .. ' again ' .. ARGV[j] end
    end
  end
  groups[#groups + 1] = {shard, chunk, total, i + 5, i + 4 + count, bits}
  i = i + 5 + count
end
if #refused > 0 then return {'refused', unpack(refused)} end
local complete = {}
for _, group in ipairs(groups) do
  local shard, chunk, total, first, last, bits = unpack(group)
  for j = first, last do redis.call('SETBIT', bits, ARGV[j], 1) end
  if redis.call('BITCOUNT', bits) == total then
    redis.call('DEL', bits)
    redis.call('HDEL', base .. 'chunks', chunk)
    redis.call('LREM', 'pdl:chunks:' .. shard, 1, chunk .. '@' .. ARGV[1])
    complete[#complete + 1] = chunk
  end
end
redis.call('HINCRBY', base .. 'meta', 'waiting', ARGV[2])
redis.call('XADD', base .. 'results', '*', 'r', ARGV[3])
return {'accepted', unpack(complete)}`;

/** Delivers results of one run, in the order of the groups' places; returns the ids of chunks that are complete now, or why not. */
export async function accept(
  redis: Redis,
  run: string,
  groups: readonly Ended[],
  blob: Buffer,
): Promise<{ complete: string[] } | { refused: Refusal[] }> {
  const words = groups.flatMap(({ lease: { shard, token }, id, total, places }) => [
    ...[shard, token, id, total, places.length],
    ...places,
  ]);
  const count = groups.reduce((sum, { places }) => sum + places.length, 0);
  const [said, ...rest] = (await redis.eval(acceptScript, 0, run, count, blob, ...words)) as string[];
  if (said === 'accepted') return { complete: rest };
  return {
    refused: rest.map((text) => {
      const [id, why, place] = text.split(' ') as [string, Refusal['why'], string];
      return { id, why, place: Number(place) };
    }),
  };
}
