/** What the schedule costs by itself: CPU per line with a transfer that does nothing, and memory for a window and for many hosts. */

import { pathToFileURL } from 'node:url';
import { systemClock } from '../../src/clock.ts';
import { type Options, settle as settleOptions } from '../../src/options.ts';
import { asCompleted } from '../../src/schedule/as-completed.ts';
import { politeness } from '../../src/schedule/politeness.ts';
import { retry } from '../../src/schedule/retry.ts';
import { openRun } from '../../src/schedule/run.ts';
import { settle } from '../../src/schedule/settle.ts';
import { stack } from '../../src/schedule/stack.ts';
import { openTurns } from '../../src/schedule/turns.ts';
import type { Transfer } from '../../src/types.ts';
import { jobOf, kept, taskOf } from '../schedule/world.ts';

/** Runs `urls` through the whole schedule; the transfer is given, by default one that is done at once. */
export async function through(
  urls: Iterable<string>,
  options: Options,
  transfer: Transfer = async () => kept,
): Promise<number> {
  const clock = systemClock;
  const settings = settleOptions(options);
  const run = openRun(settings, clock);
  const backlog = 2 * settings.maxWorkers;
  const turns = openTurns(settings, run, clock, () => run.untaken < backlog);
  const work = stack([retry(settings, clock, run), politeness(turns)], transfer);
  let taken = 0;
  const bounds = { window: settings.window, backlog };
  for await (const _ of asCompleted(urls, (url) => settle(taskOf(jobOf(url), clock, run), work, run), run, bounds))
    taken += 1;
  return taken;
}

function* lines(count: number, host: (index: number) => string): Generator<string> {
  for (let index = 0; index < count; index += 1) yield `http://${host(index)}/file/${index}.jpg`;
}

const mb = (bytes: number) => Math.round(bytes / 1_048_576);

export interface ScheduleFigures {
  /** CPU µs per line at a window of 10,000: one host, 100 hosts. */
  oneHostUs: number;
  manyHostsUs: number;
  /** Ten million items that need no request: µs each. */
  skippedUs: number;
  /** MB held by 10,000 waiting lines, and added by a million hosts of one line each. */
  windowMb: number;
  hostsMb: number;
}

export async function measureSchedule(): Promise<ScheduleFigures> {
  const cost = async (count: number, host: (index: number) => string) => {
    await through(lines(count / 10, host), { maxWorkers: 16 });
    const before = process.cpuUsage();
    await through(lines(count, host), { maxWorkers: 16 });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / count;
  };
  const oneHostUs = await cost(200_000, () => 'h');
  const manyHostsUs = await cost(200_000, (index) => `h${index % 100}`);
  const skippedUs = await skipped(2_000_000);
  const windowMb = await windowMemory(10_000);
  const before = heap();
  let most = 0;
  const watch: Transfer = async (task) => {
    if (task.job.url.endsWith('00000.jpg')) most = Math.max(most, heap());
    return kept;
  };
  await through(
    lines(1_000_000, (index) => `h${index}`),
    { maxWorkers: 16 },
    watch,
  );
  return { oneHostUs, manyHostsUs, skippedUs, windowMb, hostsMb: mb(most - before) };
}

async function skipped(count: number): Promise<number> {
  const run = openRun({ signal: null }, systemClock);
  const done = Promise.resolve();
  const job = jobOf('http://h/');
  const before = process.cpuUsage();
  const result = () => ({
    seq: 0,
    at: '',
    source: '',
    line: 1,
    url: '',
    attempts: 0,
    queuedMs: 0,
    waitedMs: 0,
    durationMs: 0,
    job,
    status: 'skipped' as const,
    reason: 'journal' as const,
  });
  const all = asCompleted(
    lines(count, () => 'h'),
    () => done.then(result),
    run,
    { window: 10_000, backlog: 32 },
  );
  for await (const _ of all);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

/** Memory of `count` lines that wait at one host, beside the one that runs. */
async function windowMemory(count: number): Promise<number> {
  let read = 0;
  let held = 0;
  const host = () => {
    read += 1;
    return 'h';
  };
  const before = heap();
  const hold: Transfer = async () => {
    while (read < count) await new Promise((resolve) => setTimeout(resolve, 50));
    if (held === 0) held = heap() - before;
    return kept;
  };
  await through(lines(count, host), { maxWorkers: 1, window: count }, hold);
  return mb(held);
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  const figures = await measureSchedule();
  const us = (value: number) => `${value.toFixed(1)} µs`;
  process.stdout.write(
    `schedule: ${us(figures.oneHostUs)} CPU per line (one host), ${us(figures.manyHostsUs)} (100 hosts), ${us(figures.skippedUs)} skipped; ` +
      `10,000 waiting lines ${figures.windowMb} MB, 1,000,000 hosts +${figures.hostsMb} MB\n`,
  );
}
