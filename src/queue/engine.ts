/** The shards of a queue as jobs of BullMQ: it leases each to one worker at a time and hands it on when the lease runs out. */

import type { Job, Queue, Worker } from 'bullmq';
import { jobIdOf, prefix, queueName, shardOfJob } from './keys.js';
import type { Server } from './server.js';

/** A shard as it was leased. */
export interface Taken {
  shard: number;
  /** Proves the lease. */
  token: string;
  /** An earlier owner lost it without a word. */
  wasLost: boolean;
  job: Job;
}

export interface Shards {
  /** Makes the jobs of shards that have lines; those that are there stay as they are. */
  add(shards: readonly number[]): Promise<void>;
  close(): Promise<void>;
}

export interface Engine extends Shards {
  /** Leases the next shard, waiting up to half a second for one. */
  take(token: string): Promise<Taken | null>;
  /** Prolongs leases; returns the tokens of those that are lost. */
  renew(taken: readonly Taken[]): Promise<Set<string>>;
  /** Gives a shard back, to be taken next. */
  giveBack(taken: Taken): Promise<void>;
  /** The shard has no lines any more. */
  finish(taken: Taken): Promise<void>;
}

// Its jobs never fail: what ends is a lease. BullMQ gives up a job that was lost once, by default.
const endless = 2 ** 31 - 1;

export function openShards({ peers, another }: Server): Shards {
  const queue: Queue = new peers.Queue(queueName, {
    connection: another(),
    prefix,
    streams: { events: { maxLen: 1_000 } },
  });
  queue.on('error', () => {});
  return {
    async add(shards) {
      const jobs = shards.map((shard) => ({
        name: 'shard',
        data: {},
        opts: { jobId: jobIdOf(shard), removeOnComplete: true, removeOnFail: true },
      }));
      if (jobs.length > 0) await queue.addBulk(jobs);
    },
    close: () => queue.close(),
  };
}

/** @param leaseMs how long a lease holds without renewal. */
export async function openEngine(server: Server, leaseMs: number): Promise<Engine> {
  const shards = openShards(server);
  const worker: Worker = new server.peers.Worker(queueName, null, {
    connection: server.another(),
    prefix,
    autorun: false,
    drainDelay: 0.5,
    lockDuration: leaseMs,
    stalledInterval: leaseMs / 2,
    maxStalledCount: endless,
  });
  worker.on('error', () => {});
  await worker.startStalledCheckTimer();
  return {
    add: shards.add,
    async take(token) {
      const job = await worker.getNextJob(token);
      if (job?.id === undefined) return null;
      return { shard: shardOfJob(job.id), token, wasLost: job.stalledCounter > 0, job };
    },
    async renew(taken) {
      const ids = taken.map(({ job }) => job.id!);
      const tokens = taken.map(({ token }) => token);
      const lost = new Set(await worker.extendJobLocks(ids, tokens, leaseMs));
      return new Set(taken.filter(({ job }) => lost.has(job.id!)).map(({ token }) => token));
    },
    async giveBack({ job, token }) {
      await job.moveToWait(token);
    },
    async finish({ job, token }) {
      await job.moveToCompleted(null, token, false);
    },
    async close() {
      await worker.close(true);
      await shards.close();
    },
  };
}
