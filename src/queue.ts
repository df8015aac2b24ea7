/** Many machines over one Redis: one pdl hands a list over and reports it, the others fetch. */

import { randomUUID } from 'node:crypto';
import { UsageError } from './errors.js';
import { checkedSource } from './list/intake.js';
import { type Options, type Settings, settle } from './options.js';
import { runNames } from './queue/keys.js';
import type { Result, Source, Summary } from './types.js';

type Results = AsyncGenerator<Result, Summary, undefined>;

/** Where the machines meet. */
export interface QueueOptions {
  /** `redis://[[user]:password@]host[:port][/database]`, or `rediss://` for TLS. Redis 6.2 or later, not a cluster, `noeviction`. */
  queue: string;
  /** ms that a lost machine keeps its hosts and its run. Default 30,000; the same for all who share the queue. */
  leaseMs?: number | undefined;
}

/** What `submit` takes beside the options of a run. */
export interface SubmitOptions extends QueueOptions {
  /** Name under which an interrupted run is taken up again: up to 100 letters, digits, `.`, `_` and `-`. Default: a new one each time. */
  run?: string | undefined;
}

/** How long a lost machine keeps what it had. */
const leaseMs = 30_000;

/**
 * Hands what `source` lists to the workers of a queue, and yields each result as it arrives, as `download` does.
 *
 * Names are given here, in list order; files land where the workers are. What concerns requests, politeness and files
 * (`delay`, `dir`, `existing`, …) is the workers' to decide: of `options` only `name`, `names`, `shard`, `signal` and
 * `clock` count. Interrupted, the same list under the same `run` goes on: each line's result is yielded once over all
 * of it. A submitter that was killed may repeat the results of its last moment. A result that nobody took keeps its
 * place in Redis; beyond a million of them the workers of the run wait.
 * @throws UsageError for wrong options, a missing package, a queue that cannot be used, or a run in use with another list
 * @throws PdlError LOCKED when another pdl reports this run
 * @example for await (const result of submit(urls, { queue: 'redis://queue.example', run: 'monday' })) console.log(result.url, result.status);
 */
export function submit(source: Source, options: Options & SubmitOptions): AsyncGenerator<Result, Summary, undefined> {
  const { queue, run = `run-${randomUUID()}`, leaseMs: lease = leaseMs, ...rest } = options;
  if (!runNames.test(run)) {
    throw new UsageError(
      `Cannot use run ${JSON.stringify(run).slice(0, 120)}: allowed are 1 to 100 letters, digits, dots, _ and -`,
    );
  }
  return handed(checkedSource(source), queue, run, lease, settle(rest));
}

/**
 * Fetches for the queue until the signal aborts or a limit (`quota`, `deadline`, …) is reached, and yields what this
 * worker does. It finishes what runs, as `download` does, and gives back the rest.
 *
 * It owns the hosts it fetches from: while its lease lasts nobody else asks them, so that `delay`, `perHost` and the
 * rest hold over all machines, given that all workers have the same. Lines that are cut off, and those that fail by this machine's
 * disk, are given back.
 * @throws UsageError for wrong options, a missing package, a queue that cannot be used, or a run of another major version
 * @throws PdlError LOCKED or DISK as `download` does
 * @example for await (const result of work({ queue: 'redis://queue.example', dir: 'out', delay: '1-4' })) console.log(result.url, result.status);
 */
export function work(options: Options & QueueOptions): AsyncGenerator<Result, Summary, undefined> {
  const { queue, leaseMs: lease = leaseMs, ...rest } = options;
  const settings = settle(rest);
  if (settings.shard !== null) throw new UsageError('Cannot use shard here: the queue itself deals the hosts out');
  return worked(queue, lease, rest, settings);
}

// Loaded when they are needed: most runs are local ones.
async function* handed(...[source, queue, run, lease, settings]: [Source, string, string, number, Settings]): Results {
  const { report } = await import('./queue/report.js');
  return yield* report(source, queue, run, lease, settings);
}

async function* worked(...[queue, lease, options, settings]: [string, number, Options, Settings]): Results {
  const { serve } = await import('./queue/serve.js');
  return yield* serve(queue, lease, options, settings);
}
