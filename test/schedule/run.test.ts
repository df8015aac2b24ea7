import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { sleep } from '../../src/clock.ts';
import { PdlError } from '../../src/errors.ts';
import { openAlarms } from '../../src/schedule/alarms.ts';
import { openRun } from '../../src/schedule/run.ts';
import type { Transfer } from '../../src/types.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { kept, slow, world } from './world.ts';

const urls = (count: number) => Array.from({ length: count }, (_, i) => `http://h/${i}`);

test('a signal stops at once and cuts 2 s later', async () => {
  const clock = fakeClock();
  const controller = new AbortController();
  const run = openRun({ signal: controller.signal }, clock);
  controller.abort();
  assert.equal(run.stopped, 'signal');
  assert.equal(run.ending, true);
  await clock.advance(1_999);
  assert.equal(run.signal.aborted, false);
  await clock.advance(1);
  assert.equal(run.signal.reason.code, 'ABORTED');
});

test('a signal that was given before the run lets nothing start', async () => {
  const clock = fakeClock();
  const made = world(clock, { signal: AbortSignal.abort() }, urls(3), async () => kept);
  assert.deepEqual(await clock.until(made.all()), []);
  assert.equal(made.run.stopped, 'signal');
});

test('of several reasons the one with the stronger exit code stays', () => {
  const run = openRun({ signal: null }, fakeClock());
  run.stop('quota');
  run.stop('offline');
  assert.equal(run.stopped, 'quota');
  run.stop('disk');
  run.stop('max-failures');
  assert.equal(run.stopped, 'disk');
  run.stop('signal');
  assert.equal(run.stopped, 'signal');
});

test('a stopped run leaves the lines that wait, for a retry too', async () => {
  const clock = fakeClock(3);
  const transfer: Transfer = async (task) => {
    await sleep(clock, task.url.endsWith('/0') ? 10 : 5_000, task.signal);
    if (task.url.endsWith('/0')) throw new PdlError('RESET', 'cut');
    return kept;
  };
  const made = world(clock, { maxWorkers: 2, delay: 600 }, urls(10), transfer);
  const done = made.all();
  await clock.advance(3_000);
  // Line 1 waits for its retry behind the rest of its host; the other seat rests before its first request.
  made.run.stop('max-failures');
  assert.deepEqual(await clock.until(done), []);
  assert.equal(made.left, 10);
  assert.equal(clock.pending, 0);
});

for (const reason of ['signal', 'deadline', 'quota', 'max-failures', 'min-free', 'disk'] as const)
  test(`what runs may end within 2 s of a stop (${reason}), then it is cut and left`, async () => {
    const clock = fakeClock(4);
    const controller = new AbortController();
    const made = world(
      clock,
      { maxWorkers: 2, signal: controller.signal },
      urls(5),
      slow(clock, (task) => (task.url.endsWith('/0') ? 1_500 : 60_000)),
    );
    const done = made.all();
    await clock.advance(100);
    if (reason === 'signal') controller.abort();
    else made.run.stop(reason);
    const at = clock.now();
    const results = await clock.until(done);
    assert.deepEqual(
      results.map((result) => [result.line, result.status]),
      [[1, 'saved']],
    );
    assert.equal(made.run.stopped, reason);
    assert.equal(clock.now() - at, 2_000);
    assert.equal(made.left, 4);
  });

test('a backoff ends with the run', async () => {
  const clock = fakeClock(5);
  const transfer: Transfer = async () => {
    throw new PdlError('RESET', 'cut');
  };
  const made = world(clock, { retry: 1_000 }, urls(1), transfer);
  const done = made.all();
  await clock.advance(20_000);
  made.run.stop('deadline');
  const at = clock.now();
  assert.deepEqual(await clock.until(done), []);
  assert.equal(made.left, 1);
  assert.equal(clock.now(), at);
});

test('an ended run holds no timer and no listener', async () => {
  const clock = fakeClock();
  const controller = new AbortController();
  const run = openRun({ signal: controller.signal }, clock);
  run.at(clock.now() + 1e6, () => {});
  run.end();
  controller.abort();
  assert.equal(clock.pending, 0);
  assert.equal(run.stopped, null);
});

test('property: alarms ring in order, never early, at most a ms late, on one timer', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { maxLength: 50 }), async (times) => {
      const clock = fakeClock(1, 0);
      const alarms = openAlarms(clock);
      const rung: number[] = [];
      for (const time of times)
        alarms.at(time, () => {
          assert.equal(clock.now() >= time && clock.now() <= time + 1, true);
          rung.push(time);
        });
      assert.equal(clock.pending <= 1, true);
      await clock.runUntilIdle();
      assert.deepEqual(
        rung,
        [...times].sort((a, b) => a - b),
      );
    }),
    { numRuns: 200 },
  );
});

test('an alarm beyond the longest timer of Node rings in its own time', async () => {
  const clock = fakeClock(1, 0);
  const rung: number[] = [];
  openAlarms(clock).at(1e10, () => rung.push(clock.now()));
  await clock.runUntilIdle();
  assert.deepEqual(rung, [1e10]);
});
