import assert from 'node:assert/strict';
import test from 'node:test';
import { PdlError } from '../../src/errors.ts';
import type { Options } from '../../src/options.ts';
import type { Layer, Task } from '../../src/types.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { slow, world } from './world.ts';

const linesOf = (host: string, count: number) => Array.from({ length: count }, (_, at) => `http://${host}/${at}`);

/** Most lines that were begun and not ended, over a run of 100 ms requests. */
async function mostAhead(lines: readonly string[], options: Options): Promise<number> {
  const clock = fakeClock();
  let [begun, most] = [0, 0];
  const counted: Layer = (next) => async (task) => {
    most = Math.max(most, ++begun);
    return next(task).finally(() => {
      begun -= 1;
    });
  };
  const { all } = world(
    clock,
    options,
    lines,
    slow(clock, () => 100),
    { layers: [counted] },
  );
  assert.equal((await clock.until(all())).length, lines.length);
  return most;
}

test('lines that nothing holds back are begun a few rounds ahead, not a window ahead', async () => {
  const lines = Array.from({ length: 2_000 }, (_, at) => `http://h${at % 4}/${at}`);
  const most = await mostAhead(lines, { maxWorkers: 8 });
  assert.ok(most >= 16 && most <= 8 + 4 * 8 + 1, `${most} lines`);
});

test('one host alone is looked behind for others, a thousand lines deep', async () => {
  const most = await mostAhead(linesOf('h', 3_000), { maxWorkers: 8 });
  assert.ok(most > 900 && most <= 1_000 + 8 + 1, `${most} lines`);
});

test('no host takes more than half of the workers while another has lines that could start', async () => {
  const clock = fakeClock();
  const ends: Record<string, number> = {};
  const transfer = slow(clock, (task) => (task.url.includes('//drip/') ? 1e9 : 100));
  const lines = [...linesOf('drip', 900), ...linesOf('good', 40)];
  const { all, run } = world(clock, { maxWorkers: 8 }, lines, async (task) => {
    const outcome = await transfer(task);
    ends[task.url] = clock.now();
    return outcome;
  });
  const done = all();
  await clock.advance(1_100);
  assert.equal(Object.keys(ends).length, 40, 'four workers at 100 ms each');
  run.cut();
  await clock.until(done);
});

test('a host that is alone takes all workers', async () => {
  const clock = fakeClock();
  const { all, events } = world(
    clock,
    { maxWorkers: 8 },
    linesOf('h', 8),
    slow(clock, () => 100),
  );
  const done = all();
  await clock.advance(50);
  assert.equal(events.filter(({ type }) => type === 'start').length, 8);
  await clock.until(done);
});

test('where a host rests, the whole window is begun, since other hosts may fill the rest', async () => {
  assert.equal(await mostAhead(linesOf('h', 300), { maxWorkers: 8, delay: 1, window: 200 }), 200);
  assert.equal(await mostAhead(linesOf('h', 300), { maxWorkers: 8, rate: '10/s', window: 200 }), 200);
});

test('a list sorted by host is read on until the workers have enough to do', async () => {
  const lines = ['a', 'b', 'c', 'd'].flatMap((host) => linesOf(host, 100));
  const clock = fakeClock();
  let [running, most] = [0, 0];
  const busy = (task: Task) => {
    most = Math.max(most, ++running);
    return slow(
      clock,
      () => 100,
    )(task).finally(() => {
      running -= 1;
    });
  };
  const { all } = world(clock, { maxWorkers: 8, perHost: 2 }, lines, busy);
  assert.equal((await clock.until(all())).length, 400);
  assert.equal(most, 8, 'all workers are busy, two on each of four hosts');
});

test('a host that is parked stops counting: lines behind it are read at once', async () => {
  const clock = fakeClock();
  const reachedAt: number[] = [];
  let refused = false;
  const transfer = (task: Task) => {
    if (task.url.includes('//busy/') && !refused) {
      refused = true;
      throw new PdlError('HTTP_STATUS', 'Cannot fetch it: 429', { status: 429, retryAfterMs: 60_000 });
    }
    if (task.url.includes('//free/')) reachedAt.push(clock.now());
    return slow(clock, () => 100)(task);
  };
  const lines = [...linesOf('busy', 500), ...linesOf('free', 20)];
  const { all } = world(clock, { maxWorkers: 4 }, lines, async (task) => transfer(task));
  const began = clock.now();
  await clock.until(all());
  assert.equal(reachedAt.length, 20);
  assert.ok(reachedAt[0]! - began < 1_000, `the free host was first asked after ${reachedAt[0]! - began} ms`);
});

test('lines that are withdrawn or turned away leave nothing behind that would stop the reading', async () => {
  const clock = fakeClock();
  const down = new PdlError('CONNECT', 'Cannot connect to dead', { reason: 'ECONNREFUSED' });
  const transfer = async (task: Task) => {
    if (task.url.includes('//dead/')) throw down;
    return slow(clock, () => 10)(task);
  };
  const lines = linesOf('dead', 400).flatMap((line, at) => [line, `http://good/${at}`]);
  const { all } = world(clock, { maxWorkers: 4, window: 50 }, lines, transfer);
  const results = await clock.until(all());
  assert.equal(results.filter(({ status }) => status === 'saved').length, 400);
  assert.equal(results.length, 800);
});
