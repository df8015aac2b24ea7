import assert from 'node:assert/strict';
import test from 'node:test';
import type { ErrorCode } from '../../src/errors.ts';
import { PdlError } from '../../src/errors.ts';
import { reached, watch } from '../../src/schedule/limits.ts';
import { openRun } from '../../src/schedule/run.ts';
import { failed, passed } from '../../src/schedule/settle.ts';
import type { Result } from '../../src/types.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { jobOf, kept } from './world.ts';

const never = Number.POSITIVE_INFINITY;
const none = { maxFailures: never, quota: never, deadline: never, minFree: 0 };
const job = jobOf('http://h/');
const failure = (code: ErrorCode) => failed(job, new PdlError(code, 'x'));
const saved = (bytes: number, resumedFrom = 0): Result => ({
  ...passed(job, { status: 'skipped', reason: 'exists' }),
  ...kept,
  bytes,
  resumedFrom,
});

function setUp(limits: Partial<typeof none>, free: () => Promise<number> = async () => 0) {
  const clock = fakeClock();
  const run = openRun({ signal: null }, clock);
  return { clock, run, watched: watch({ ...none, ...limits }, run, free) };
}

test('which limit is reached is a matter of figures', () => {
  const tally = { failures: 2, bytes: 100, disk: false };
  assert.equal(reached(tally, none), null);
  assert.equal(reached(tally, { ...none, maxFailures: 2 }), 'max-failures');
  assert.equal(reached(tally, { ...none, quota: 100 }), 'quota');
  assert.equal(reached({ ...tally, disk: true }, { ...none, quota: 1 }), 'disk');
});

test('the Nth failure stops the run; skips and lines that were cut do not', () => {
  const { run, watched } = setUp({ maxFailures: 2 });
  watched.see(failure('RESET'));
  watched.see(failure('ABORTED'));
  watched.see(passed(job, { status: 'skipped', reason: 'exists' }));
  assert.equal(run.stopped, null);
  watched.see(failure('DNS'));
  assert.equal(run.stopped, 'max-failures');
});

test('the quota counts what came over the network, not what was there', () => {
  const { run, watched } = setUp({ quota: 1_000 });
  watched.see(saved(5_000, 4_500));
  assert.equal(run.stopped, null);
  watched.see(saved(500));
  assert.equal(run.stopped, 'quota');
  assert.equal(watched.tally.bytes, 1_000);
});

test('a disk that refuses stops the run', () => {
  const { run, watched } = setUp({});
  watched.see(failure('EXISTS'));
  assert.equal(run.stopped, null);
  watched.see(failure('DISK'));
  assert.equal(run.stopped, 'disk');
});

test('the deadline stops the run in time', async () => {
  const { clock, run } = setUp({ deadline: 60_000 });
  await clock.advance(59_999);
  assert.equal(run.stopped, null);
  await clock.advance(1);
  assert.equal(run.stopped, 'deadline');
});

test('free space is looked at first, then each second, and only if a limit is set', async () => {
  let looks = 0;
  let left = 2_000;
  const free = async () => {
    looks += 1;
    return left;
  };
  const { clock, run, watched } = setUp({ minFree: 1_000 }, free);
  await watched.looked;
  assert.equal(looks, 1);
  await clock.advance(5_000);
  assert.equal(looks, 6);
  left = 999;
  await clock.advance(1_000);
  assert.equal(run.stopped, 'min-free');
  await clock.advance(5_000);
  assert.equal(looks, 7);
  const off = setUp({}, free);
  await off.watched.looked;
  assert.equal(looks, 7);
});
