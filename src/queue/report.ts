/** One submitter: hands a list over and yields the results of the whole run as they arrive. */

import type { Settings } from '../options.js';
import { gate } from '../schedule/gate.js';
import type { Result, Source, Summary } from '../types.js';
import { openShards } from './engine.js';
import { handOver } from './hand-over.js';
import { deliveries } from './inbox.js';
import { named } from './named.js';
import { openRun } from './run.js';
import { openServer } from './server.js';
import { openTray } from './tray.js';
import { within } from './within.js';

export async function* report(
  source: Source,
  queue: string,
  name: string,
  leaseMs: number,
  settings: Settings,
): AsyncGenerator<Result, Summary, undefined> {
  const { clock, signal } = settings;
  const began = clock.now();
  const summary: Summary = { saved: 0, skipped: 0, failed: 0, left: null, bytes: 0, durationMs: 0, stopped: null };
  const room = await openRoom(source, queue, name, leaseMs, settings);
  const { tray } = room;
  const onAbort = () => tray.news.open();
  signal?.addEventListener('abort', onAbort);
  let seq = 0;
  const told = (result: Result) => {
    summary[result.status] += 1;
    if (result.status === 'saved') summary.bytes += result.bytes - result.resumedFrom;
    return Object.assign(result, { seq: ++seq, at: clock.date().toISOString() });
  };
  try {
    let next: ReturnType<typeof room.results.next> | null = null;
    while (!signal?.aborted && !room.isDone()) {
      for (const result of tray.take()) {
        yield told(result);
        if (signal?.aborted) break;
      }
      if (room.isDone() || signal?.aborted) break;
      if (room.isVerified()) next ??= room.results.next();
      const step = await Promise.race(next === null ? [tray.news.wait()] : [next, tray.news.wait()]);
      if (step && !step.done) {
        tray.put(step.value);
        next = null;
      }
    }
    next?.catch(() => {});
    summary.left = room.left();
    summary.durationMs = Math.round(clock.now() - began);
    summary.stopped = signal?.aborted ? 'signal' : null;
    return summary;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await room.close();
  }
}

/** The run, the list on its way into it, and the results on their way out. */
async function openRoom(source: Source, queue: string, name: string, leaseMs: number, settings: Settings) {
  const { clock } = settings;
  const server = await openServer(queue);
  const shards = openShards(server);
  const run = await openRun(server, name, leaseMs, clock).catch((error) => {
    server.close();
    throw error;
  });
  const tray = openTray(run);
  const { lines, isNamed } = named(source, settings);
  let isVerified = false;
  let isRead = false;
  let failure: { error: unknown } | null = null;
  let over = false;
  const fail = (error: unknown) => {
    failure ??= { error };
    tray.news.open();
  };
  const space = gate();
  const list = handOver({
    lines,
    isNamed,
    run,
    shards,
    clock,
    // Before the list is known to be the run's own nobody takes anything.
    end: (result, line) => tray.end(result, line, isVerified),
    room: () => (list.handed - tray.acked > mostAhead ? space.wait() : undefined),
  });
  tray.onAck = () => space.open();
  list.verified.then(() => {
    isVerified = true;
    tray.news.open();
  }, fail);
  list.done.then(() => {
    isRead = true;
    tray.news.open();
  }, fail);

  /** A worker that was lost between two steps may leave a shard without a job. */
  let cancel = () => {};
  const mend = () => {
    cancel = clock.timer(leaseMs, mend);
    run
      .stranded()
      .then((found) => shards.add(found))
      .catch(() => {});
  };
  cancel = clock.timer(leaseMs, mend);

  const isDone = () => {
    if (failure !== null) throw (failure as { error: unknown }).error;
    return isVerified && isRead && tray.size === 0 && list.handed === tray.acked;
  };
  return {
    tray,
    results: deliveries(server.another(), run.keys.results, () => over),
    isDone,
    isVerified: () => isVerified,
    /** Lines without a result; null when the list was not read to its end. */
    left: () => list.total && list.total - tray.acked - tray.partTaken,
    async close() {
      // Asked first: a list that is stopped looks like one that has ended.
      const wasDone = failure === null && isDone();
      over = true;
      cancel();
      list.stop();
      const leave = async () => {
        await tray.settled();
        if (wasDone) await run.remove();
        else await run.release();
        await shards.close();
      };
      await within(clock, leaseMs, leave());
      run.drop();
      server.close();
    },
  };
}

/** Lines in the queue whose results are not taken: beyond, the list waits. Redis holds 25 to 60 bytes for each. */
const mostAhead = 5_000_000;
