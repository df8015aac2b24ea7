/** The live view: what it shows, and that it always fits. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openBoard, type View } from '../../src/report/board.ts';
import { width } from '../../src/report/columns.ts';
import { barsAt, frame } from '../../src/report/frame.ts';
import { plainLine } from '../../src/report/plain.ts';
import { watch } from '../../src/report/watch.ts';
import type { Event, Meter, Outcome, Task } from '../../src/types.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { failed, saved, skipped } from './results.ts';

const view: View = {
  elapsedMs: 30_000,
  saved: 10,
  skipped: 1,
  failed: 1,
  total: 200,
  bytes: 3_565_158,
  speed: 1_258_291,
  leftMs: 12_000,
  running: [
    { name: 'a.jpg', received: 512_000, total: 1_024_000 },
    { name: 'b.mp3', received: 2048, total: -1 },
  ],
  waiting: [{ host: 'example.org', ms: 12_000, why: 'retry-after' }],
};
const bar = (share: number, columns: number) => '='.repeat(Math.round(share * columns)).padEnd(columns);

test('totals, a bar for each running transfer, and what is waited for', () => {
  assert.deepEqual(frame(view, 81, bar), [
    '12/200 6%  10 saved  1 failed  1 skipped  3.4MiB  1.2MiB/s  12.0s left',
    'a.jpg                               [==============             ]    50% 1000KiB',
    'b.mp3                                                                     2.0KiB',
    'waiting: example.org 12.0s, Retry-After',
  ]);
});

test('no percent and no guess while the end of the list is not known', () => {
  assert.equal(
    frame({ ...view, total: null, leftMs: null, running: [] }, 81, bar)[0]?.slice(0, 17),
    '12 done  10 saved',
  );
});

test('no line is as wide as the terminal, whatever it is to show', () => {
  const name = fc.string({ unit: 'binary', maxLength: 80 });
  const amount = fc.nat(2 ** 40);
  const views = fc.record({
    elapsedMs: amount,
    saved: amount,
    skipped: amount,
    failed: amount,
    total: fc.option(amount),
    bytes: amount,
    speed: fc.option(amount),
    leftMs: fc.option(amount),
    running: fc.array(fc.record({ name, received: amount, total: fc.oneof(amount, fc.constant(-1)) }), {
      maxLength: 8,
    }),
    waiting: fc.array(fc.record({ host: name, ms: amount, why: fc.constantFrom('rest' as const, 'offline' as const) })),
  });
  fc.assert(
    fc.property(views, fc.integer({ min: 2, max: 200 }), (any, columns) => {
      const lines = frame(any as View, columns, bar);
      assert.equal(lines.length, 1 + any.running.length + (any.waiting.length > 0 ? 1 : 0));
      for (const line of lines) {
        assert.ok(width(line) < columns, `${width(line)} of ${columns}: ${line}`);
        assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u);
      }
    }),
  );
});

test('at most min(j, rows - 4, 8) bars', () => {
  assert.deepEqual([barsAt(24, 16), barsAt(24, 3), barsAt(10, 16), barsAt(3, 4)], [8, 3, 6, 0]);
});

function fakeTask(name: string): Task & { meter: Meter } {
  const meter = { readAt: 0, startedAt: 1, attempts: 1, waitedMs: 0, running: true, received: 0, total: -1 };
  const job = { id: name, url: `http://h/${name}`, name, origin: { source: '-', number: 1, text: '' } };
  return { job, meter, tell() {} } as unknown as Task & { meter: Meter };
}

test('the board samples what runs and counts what was received in this run alone', async () => {
  const clock = fakeClock();
  const board = openBoard(clock);
  const heard: Event[] = [];
  board.onEvent = (event) => heard.push(event);
  const endings: ((outcome: Outcome) => void)[] = [];
  const layer = watch(board)(() => new Promise((resolve) => endings.push(resolve)));
  const [first, second] = [fakeTask('a'), fakeTask('b')];
  const done = [layer(first), layer(second)];
  board.look();

  second.tell({ type: 'start', url: 'http://h/b', host: 'h', attempt: 1, restMs: 0 });
  await second.onHead?.({ status: 206, url: '', offset: 1000, headers: {} });
  second.meter.received = 1500;
  first.meter.received = 300;
  await clock.advance(1000);
  const look = board.look();
  assert.deepEqual([look.bytes, look.speed, look.running.length], [800, 800, 2]);

  first.meter.received = 0; // starts over
  board.look();
  first.meter.received = 200;
  second.meter.running = false;
  await clock.advance(1000);
  assert.deepEqual([board.look().bytes, board.look(0).running.length], [1000, 0]);
  assert.deepEqual(
    board.look().running.map(({ name }) => name),
    ['a'],
  );

  for (const end of endings) end({ status: 'skipped', reason: 'unchanged' });
  await Promise.all(done);
  for (const result of [saved(), skipped(), failed()]) board.end(result);
  board.total = 10;
  const last = board.look();
  assert.deepEqual([last.saved, last.skipped, last.failed, last.total, last.bytes], [1, 1, 1, 10, 1000]);
  assert.equal(last.leftMs, (7 / 2) * 2000);
  assert.deepEqual(
    heard.map(({ type }) => type),
    ['start'],
  );
});

test('a wait is shown until it is over, or the host starts again', async () => {
  const clock = fakeClock();
  const board = openBoard(clock);
  const layer = watch(board)(() => new Promise(() => {}));
  const task = fakeTask('a');
  void layer(task);
  task.tell({ type: 'wait', host: 'h', ms: 5000, why: 'retry-after' });
  task.tell({ type: 'wait', host: 'g', ms: 9000, why: 'backoff' });
  await clock.advance(1000);
  assert.deepEqual(board.look().waiting, [
    { host: 'h', ms: 4000, why: 'retry-after' },
    { host: 'g', ms: 8000, why: 'backoff' },
  ]);
  task.tell({ type: 'start', url: 'http://g/', host: 'g', attempt: 1, restMs: 0 });
  await clock.advance(5000);
  assert.deepEqual(board.look().waiting, []);
});

test('a plain line tells the same without bars', () => {
  assert.equal(
    plainLine(view),
    '30.0s: 12/200 done, 10 saved, 1 skipped, 1 failed, 2 running, 3.4MiB, 1.2MiB/s, 12.0s left',
  );
});
