/** One worker: the ordinary download over the lines of its shards, with a lease behind every request. */

import { hostname } from 'node:os';
import { download } from '../download.js';
import { checked } from '../list/lists.js';
import type { Options, Settings } from '../options.js';
import { openHttp } from '../transfer/http.js';
import type { Result, Summary } from '../types.js';
import { openEngine } from './engine.js';
import { openFence } from './fence.js';
import { chunksKey } from './keys.js';
import { openLeases } from './leases.js';
import { openOutbox } from './outbox.js';
import { recent } from './recent.js';
import { recruit } from './recruit.js';
import { openServer } from './server.js';
import { openSupply } from './supply.js';
import { within } from './within.js';

/** Lines of one shard that may be in the window: a chunk that is worked on, and one ahead. */
const shardLines = 256;
const mostShards = 256;
/** Longest wait for a Redis that does not answer at the end, ms; container engines kill after 30 s. */
const farewellMs = 10_000;

/** Failures of this machine, not of the line: another worker may do better. */
const ownTrouble = new Set(['ABORTED', 'DISK', 'LOCKED']);

let count = 0;

/** Yields what this worker does itself. Ends when the signal aborts or one of its own limits is reached. */
export async function* serve(
  queue: string,
  leaseMs: number,
  options: Options,
  settings: Settings,
): AsyncGenerator<Result, Summary, undefined> {
  const worker = `${hostname()}.${process.pid}`;
  const over = new AbortController();
  const stop = () => over.abort();
  if (settings.signal?.aborted) stop();
  settings.signal?.addEventListener('abort', stop, { once: true });
  const room = await openRoom(`${worker}.${++count}`, queue, leaseMs, settings, over);
  const { supply, fence } = room;
  const run = download(checked(supply.source), {
    ...options,
    layers: [fence.layer, ...settings.layers],
    transport: fence.transport,
    store: settings.store ?? recent(settings),
    named: true,
    signal: over.signal,
  });
  try {
    for (;;) {
      const step = await run.next();
      if (step.done) {
        if (room.failure !== null) throw room.failure.error;
        return step.value;
      }
      const result = step.value;
      result.worker = worker;
      supply.end(result, result.status === 'failed' && ownTrouble.has(result.error.code));
      yield result;
    }
  } finally {
    stop();
    await run.return(undefined as never);
    await room.close();
    settings.signal?.removeEventListener('abort', stop);
  }
}

/** All that stands between Redis and the download. */
async function openRoom(name: string, queue: string, leaseMs: number, settings: Settings, over: AbortController) {
  const { clock } = settings;
  const server = await openServer(queue);
  const { redis } = server;
  const engine = await openEngine(server, leaseMs);
  const times = { leaseMs, restMs: Math.max(settings.delay[1], settings.rate) };
  const leases = openLeases(engine, redis, name, times, clock, (lease) => supply.drop(lease));
  const outbox = openOutbox(redis, clock, {
    complete: (chunk) => supply.complete(chunk),
    lost: ({ lease }) => leases.lose(lease),
    refused: (chunk, place, result) => supply.remember(chunk, place, result),
  });
  const supply = openSupply({
    redis,
    clock,
    leases,
    outbox,
    async again(shard) {
      if ((await redis.exists(chunksKey(shard))) === 1) await engine.add([shard]);
    },
    ready() {
      recruiting ??= recruit(needs, () => leases.take(), supply.begin, clock, over.signal);
    },
    fail(error) {
      room.failure ??= { error };
      over.abort();
    },
  });
  const fence = openFence(settings.transport ?? openHttp(settings, clock), leases, supply);
  let recruiting: Promise<void> | undefined;
  const needs = {
    held: () => leases.held.size,
    open: () => supply.open,
    busy: () => fence.busy,
    workers: settings.maxWorkers,
    most: Math.min(mostShards, Math.max(1, Math.floor(settings.window / shardLines))),
  };

  /** What is done is told, what is left is given back, as far as Redis lets us: what it does not hear of runs out with the leases. */
  const leave = async () => {
    await recruiting;
    await outbox.close(farewellMs);
    await Promise.allSettled([...leases.held.values()].map((lease) => leases.leave(lease, false)));
    await engine.close();
  };
  const room = {
    supply,
    fence,
    failure: null as { error: unknown } | null,
    async close() {
      supply.stop();
      await within(clock, farewellMs, leave());
      leases.close();
      server.close();
    },
  };
  return room;
}
