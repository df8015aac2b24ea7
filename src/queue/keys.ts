/** What stands where in the Redis of a queue. Lua builds some of these names itself: not for a Redis cluster. */

/** Host shards of a queue. Fixed: two runs must agree on who owns a host. Enough for 1,000 machines, and 1 ms of work each. */
export const shardCount = 4096;

/** BullMQ's own keys begin with these two words. */
export const prefix = 'pdl';
export const queueName = 'shards';

/** Major version of the pdl whose runs are in here. */
export const versionKey = 'pdl:version';
/** Names of the runs that are not finished. */
export const runsKey = 'pdl:runs';

/** BullMQ's id of a shard's job: no colon, and no plain number. */
export function jobIdOf(shard: number): string {
  return `shard-${shard}`;
}

export function shardOfJob(jobId: string): number {
  return Number(jobId.slice('shard-'.length));
}

/** Chunks of a shard, of all runs, oldest first: `CHUNK@RUN`, where CHUNK is shard, last line and number of lines, with dots between. */
export function chunksKey(shard: number): string {
  return `pdl:chunks:${shard}`;
}

/** There while the hosts of a shard still rest from their last owner; holds its name. */
export function restKey(shard: number): string {
  return `pdl:rest:${shard}`;
}

export interface RunKeys {
  /** Token of the pdl that reports the run. */
  owner: string;
  /** Hash: what is known of the run as a whole. */
  meta: string;
  /** Hash: shard → number of its last line handed over. */
  last: string;
  /** Hash: chunk → its packed lines. */
  chunks: string;
  /** Stream: packed results. */
  results: string;
}

export function runKeys(run: string): RunKeys {
  const of = (name: string) => `pdl:run:${run}:${name}`;
  return { owner: of('owner'), meta: of('meta'), last: of('last'), chunks: of('chunks'), results: of('results') };
}

/** What a run may be called: it is part of keys, and of a shell's command line. */
export const runNames = /^[A-Za-z0-9._-]{1,100}$/;
