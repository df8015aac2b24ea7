/** The whole schedule in fake time, with books of its own that check every rule of politeness on every event. */

import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { type Clock, sleep } from '../../src/clock.ts';
import { PdlError } from '../../src/errors.ts';
import type { Layer, Result, Transfer } from '../../src/types.ts';
import { hostOf } from '../../src/url.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { kept, world } from './world.ts';

export interface Shape {
  hosts: number;
  lines: number;
  workers: number;
  perHost: number;
  /** ms */
  delay: [number, number];
  /** Starts at one host at least this far apart, ms; 0 is off. */
  spacing: number;
  window: number;
  /** Longest transfer, ms. */
  longest: number;
  /** One transfer in so many breaks. 0: none. */
  breaks: number;
  sorted: boolean;
  seed: number;
}

/** Runs a shape through the whole schedule and checks every rule of politeness on every event, by its own bookkeeping. */
export async function simulate(shape: Shape): Promise<{ results: Result[]; elapsed: number }> {
  const inner = fakeClock(shape.seed);
  const [shortest, longest] = shape.delay;
  let running = 0;
  let most = 0;
  const hosts = new Map<string, { busy: number; waiting: number; first: number; last: number; ends: number[] }>();
  const stateOf = (url: string) => {
    const name = hostOf(url);
    let state = hosts.get(name);
    if (state === undefined) {
      state = { busy: 0, waiting: 0, first: Number.NaN, last: Number.NEGATIVE_INFINITY, ends: [] };
      hosts.set(name, state);
    }
    return state;
  };

  /** Between two events: no worker is idle while a line is sure to be ready. */
  const checkIdle = (before: number) => {
    if (running >= shape.workers) return;
    for (const [name, state] of hosts) {
      if (state.waiting === 0) continue;
      if (Number.isNaN(state.first)) assert.fail(`${name} was never asked while a worker was idle`);
      if (state.last + shape.spacing + 1 >= before || state.first + longest + 1 >= before) continue;
      const maybeResting = state.ends.filter((end) => end + longest + 1 >= before).length;
      assert.ok(state.busy + maybeResting >= shape.perHost, `${name} has a rested seat while a worker is idle`);
    }
  };
  let last = inner.now();
  let events = 0;
  const clock: Clock = {
    ...inner,
    timer: (ms, fn) =>
      inner.timer(ms, () => {
        // Everything that was ready has run before a timer fires; the times of `last` are those it could know.
        if (shape.hosts < 50 || ++events % 97 === 0) checkIdle(last);
        last = inner.now();
        fn();
      }),
  };

  const counted: Layer = (next) => (task) => {
    stateOf(task.url).waiting += 1;
    return next(task);
  };
  const transfer: Transfer = async (task) => {
    const state = stateOf(task.url);
    const now = inner.now();
    state.waiting -= 1;
    running += 1;
    most = Math.max(most, running);
    state.busy += 1;
    if (Number.isNaN(state.first)) state.first = now;
    assert.ok(running <= shape.workers, 'never more than -j');
    assert.ok(state.busy <= shape.perHost, 'never more than the seats');
    const resting = state.ends.filter((end) => end + shortest > now).length;
    assert.ok(state.busy + resting <= shape.perHost, 'no seat rested less than A');
    if (shortest > 0 && now > state.first && shape.perHost > 1 && shortest < longest)
      assert.ok(now >= state.first + shortest, 'no later seat before its first rest');
    assert.ok(now >= state.last + shape.spacing, 'starts are spaced');
    state.last = now;
    await sleep(inner, Math.ceil(inner.random() * shape.longest), task.signal);
    running -= 1;
    state.busy -= 1;
    if (longest > 0) {
      state.ends = state.ends.filter((end) => end + longest + 1 >= inner.now());
      state.ends.push(inner.now());
    }
    if (shape.breaks > 0 && inner.random() < 1 / shape.breaks) throw new PdlError('RESET', 'Cannot read: cut');
    return kept;
  };

  const urls = Array.from({ length: shape.lines }, (_, i) => {
    const host = shape.sorted ? Math.floor((i * shape.hosts) / shape.lines) : Math.floor(inner.random() * shape.hosts);
    return `http://h${host}/${i}`;
  });
  const options = {
    maxWorkers: shape.workers,
    perHost: shape.perHost,
    delay: [shortest / 1000, longest / 1000] as const,
    ...(shape.spacing > 0 && { rate: `${1000 / shape.spacing}/s` }),
    window: shape.window,
    retryMaxTime: 1e6,
  };
  const made = world(clock, options, urls, transfer, { between: [counted] });
  const started = inner.now();
  const results = await inner.until(made.all());
  assert.equal(running, 0);
  assert.equal(made.left, 0);
  assert.deepEqual(
    results.map((result) => result.line).sort((a, b) => a - b),
    urls.map((_, i) => i + 1),
    'every line ends once',
  );
  assert.equal(inner.pending, 0, 'no timer is left behind');
  return { results, elapsed: inner.now() - started };
}

// As a program of its own: the test runner's async hooks make every promise three times as dear.
if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  const { results, elapsed } = await simulate(JSON.parse(process.argv[2]!));
  const saved = results.filter((result) => result.status === 'saved').length;
  process.stdout.write(JSON.stringify({ saved, elapsed }));
}
