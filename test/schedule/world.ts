/** A small world for tests of the schedule: tasks, a transfer that takes fake time, and a whole run around them. */

import { type Clock, sleep } from '../../src/clock.ts';
import { type Options, type Settings, settle as settleOptions } from '../../src/options.ts';
import { asCompleted } from '../../src/schedule/as-completed.ts';
import type { Hooks } from '../../src/schedule/hosts.ts';
import { politeness } from '../../src/schedule/politeness.ts';
import { retry } from '../../src/schedule/retry.ts';
import { openRun, type Run } from '../../src/schedule/run.ts';
import { settle } from '../../src/schedule/settle.ts';
import { stack } from '../../src/schedule/stack.ts';
import { openTurns, type Turns } from '../../src/schedule/turns.ts';
import type { Event, Job, Kept, Layer, Meter, Result, Task, Transfer } from '../../src/types.ts';

export function jobOf(url: string, number = 1): Job {
  return { id: url, url, origin: { source: 'test', number, text: url } };
}

function meterAt(now: number): Meter {
  return { readAt: now, startedAt: 0, attempts: 0, waitedMs: 0, running: false, received: 0, total: -1 };
}

export function taskOf(job: Job, clock: Clock, run: Run, tell: (event: Event) => void = () => {}): Task {
  return {
    job,
    signal: run.signal,
    meter: meterAt(clock.now()),
    attempt: 1,
    url: job.url,
    urgent: false,
    deadline: Number.POSITIVE_INFINITY,
    tell,
    fetch: () => Promise.reject(new Error('no inline requests here')),
    add: () => {},
  };
}

export const kept: Kept = {
  status: 'saved',
  path: 'a',
  bytes: 0,
  resumedFrom: 0,
  httpStatus: 200,
  finalUrl: '',
  contentType: null,
  ttfbMs: 0,
};

/** Answers after `ms`; ends at once when the run is cut. */
export function slow(clock: Clock, ms: (task: Task) => number): Transfer {
  return async (task) => {
    await sleep(clock, ms(task), task.signal);
    return kept;
  };
}

export interface World {
  settings: Settings;
  run: Run;
  turns: Turns;
  events: Event[];
  results: AsyncGenerator<Result, { left: number | null }, undefined>;
  /** Takes every result, in order. */
  all(): Promise<Result[]>;
  left: number | null | undefined;
}

export function world(
  clock: Clock,
  options: Options,
  urls: Iterable<string> | AsyncIterable<string>,
  transfer: Transfer,
  {
    layers = [],
    between = [],
    hooks = {},
  }: { layers?: readonly Layer[]; between?: readonly Layer[]; hooks?: Hooks } = {},
): World {
  const settings = settleOptions(options);
  const run = openRun(settings, clock);
  const backlog = 2 * settings.maxWorkers;
  const turns = openTurns(settings, run, clock, () => run.untaken < backlog, hooks);
  const work = stack([...layers, retry(settings, clock, run), ...between, politeness(turns)], transfer);
  const events: Event[] = [];
  let number = 0;
  const results = asCompleted(
    urls,
    (url) =>
      settle(
        taskOf(jobOf(url, ++number), clock, run, (event) => events.push(event)),
        work,
        run,
      ),
    run,
    { window: settings.window, backlog, fed: () => turns.fed },
  );
  const made: World = {
    settings,
    run,
    turns,
    events,
    results,
    left: undefined,
    async all() {
      const taken: Result[] = [];
      for (;;) {
        const step = await results.next();
        if (step.done) {
          made.left = step.value.left;
          return taken;
        }
        taken.push(step.value);
      }
    },
  };
  return made;
}
