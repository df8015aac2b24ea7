/** What a submitter does in Redis, each step whole or not at all. */

import { chunksKey, jobIdOf, prefix, queueName, shardCount } from './keys.js';

const jobKey = `'${prefix}:${queueName}:${jobIdOf(0).slice(0, -1)}' .. `;
const listKey = `'${chunksKey(0).slice(0, -1)}' .. `;

/** Takes a run that nobody has. Keys owner, meta, runs; token, lease, version, name. */
export const claimScript = `
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return {0} end
redis.call('SADD', KEYS[3], ARGV[4])
redis.call('HSETNX', KEYS[2], 'v', ARGV[3])
return {1, redis.call('HINCRBY', KEYS[2], 'term', 1), redis.call('HGET', KEYS[2], 'v')}`;

/** A claim that ran out may be made again as long as nobody else had the run meanwhile. */
export const keepScript = `
local owner = redis.call('GET', KEYS[1])
if owner == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if owner or redis.call('HGET', KEYS[2], 'term') ~= ARGV[3] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

/** Hands chunks over, each once; says which of their shards have no job. Keys owner, meta, last, chunks. */
export const pushScript = `
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

/** Shards with lines and without a job. */
export const strandedScript = `
local without = {}
for shard = 0, ${shardCount - 1} do
  if redis.call('EXISTS', ${listKey}shard) == 1 and redis.call('EXISTS', ${jobKey}shard) == 0 then
    without[#without + 1] = shard
  end
end
return without`;

/** An entry of the results was taken, counted once however often it is said. Keys results, meta. */
export const ackScript = `
if redis.call('XDEL', KEYS[1], ARGV[1]) == 1 then
  redis.call('HINCRBY', KEYS[2], 'waiting', -ARGV[2])
  redis.call('HINCRBY', KEYS[2], 'acked', ARGV[2])
  redis.call('HDEL', KEYS[2], 'part')
end
redis.call('HSET', KEYS[2], 'told', ARGV[3])`;

/** Nothing stays of a run. Keys owner, meta, last, chunks, results, runs. */
export const removeScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SREM', KEYS[6], ARGV[2])
return redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5])`;

/** Lets a run go. */
export const releaseScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;
