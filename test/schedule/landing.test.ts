/** A body that is whole and on its way to its place: its seat and its worker serve the next line. */

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { sleep } from '../../src/clock.ts';
import { PdlError } from '../../src/errors.ts';
import type { Kept, Result, Transfer } from '../../src/types.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { kept, world } from './world.ts';

const urls = (count: number, host = 'h') => Array.from({ length: count }, (_, i) => `http://${host}/${i}`);

/** Transfers of `ms`, whose bodies land when told to. */
function runway(clock: ReturnType<typeof fakeClock>, ms: number) {
  const waiting: { url: string; land: (kept: Kept) => void; crash: (error: unknown) => void }[] = [];
  const self = {
    waiting,
    starts: [] as number[],
    running: 0,
    mostRunning: 0,
    mostLanding: 0,
    most: 0,
    see() {
      self.mostRunning = Math.max(self.mostRunning, self.running);
      self.mostLanding = Math.max(self.mostLanding, waiting.length);
      self.most = Math.max(self.most, self.running + waiting.length);
    },
    transfer: (async (task) => {
      self.starts.push(clock.now());
      self.running += 1;
      self.see();
      await sleep(clock, ms, task.signal).finally(() => {
        self.running -= 1;
      });
      const landed = new Promise<Kept>((land, crash) => waiting.push({ url: task.url, land, crash }));
      self.see();
      return { status: 'landing', landed };
    }) as Transfer,
    landAll() {
      for (const { land } of waiting.splice(0)) land(kept);
    },
  };
  return self;
}

const told = (results: Result[]) =>
  results.map((result) => (result.status === 'failed' ? result.error.code : result.status));

test('while a body lands its seat and its worker serve the next line', async () => {
  const clock = fakeClock(1);
  const way = runway(clock, 100);
  const made = world(clock, { maxWorkers: 1, perHost: 1 }, urls(2), way.transfer);
  const done = made.all();
  await clock.advance(250);
  assert.deepEqual(way.starts, [1_000, 1_100], 'the second starts when the first is whole');
  assert.equal(way.waiting.length, 2);
  assert.equal(made.run.untaken, 0, 'nothing is told before it has landed');
  way.landAll();
  assert.deepEqual(told(await clock.until(done)), ['saved', 'saved']);
});

test('results come in the order of landing', async () => {
  const clock = fakeClock(2);
  const way = runway(clock, 100);
  const done = world(clock, { maxWorkers: 2 }, urls(3), way.transfer).all();
  await clock.advance(1_000);
  for (const one of way.waiting.splice(0).reverse()) {
    one.land(kept);
    await clock.advance(1);
  }
  const results = await clock.until(done);
  assert.deepEqual(
    results.map(({ url, seq }) => [url, seq]),
    [2, 1, 0].map((i, at) => [`http://h/${i}`, at + 1]),
  );
});

for (const workers of [1, 3, 8]) {
  test(`${workers} workers whose bodies never land are held up: twice as many bodies and no more`, async () => {
    const clock = fakeClock(workers);
    const way = runway(clock, 100);
    const made = world(clock, { maxWorkers: workers }, urls(100), way.transfer);
    const done = made.all();
    await clock.advance(60_000);
    assert.equal(way.mostRunning, workers);
    assert.equal(way.waiting.length, 2 * workers);
    assert.equal(way.starts.length, 2 * workers);
    // One lands: one starts.
    way.waiting.shift()!.land(kept);
    await clock.advance(1_000);
    assert.equal(way.starts.length, 2 * workers + 1);
    const timer = async () => {
      for (;;) {
        way.landAll();
        await sleep(clock, 10);
      }
    };
    void timer();
    assert.equal((await clock.until(done)).length, 100);
    assert.equal(way.most, 2 * workers);
  });
}

test('never more than -j transfers, nor than 2 × -j bodies, at any speed of network and disk; every line ends once', async () => {
  const shape = fc.record({
    workers: fc.integer({ min: 1, max: 6 }),
    lines: fc.integer({ min: 1, max: 60 }),
    network: fc.integer({ min: 1, max: 300 }),
    disk: fc.integer({ min: 0, max: 900 }),
    fails: fc.integer({ min: 2, max: 9 }),
    seed: fc.nat(),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ workers, lines, network, disk, fails, seed }) => {
      const clock = fakeClock(seed);
      let [running, landing] = [0, 0];
      const transfer: Transfer = async (task) => {
        running += 1;
        assert.ok(running <= workers && running + landing <= 2 * workers, `${running} run, ${landing} land`);
        await sleep(clock, Math.ceil(clock.random() * network), task.signal);
        running -= 1;
        landing += 1;
        const land = async () => {
          await sleep(clock, Math.ceil(clock.random() * disk));
          landing -= 1;
          if (Number(task.url.split('/').at(-1)) % fails === 0) throw new PdlError('DISK', 'Cannot write: full');
          return kept;
        };
        return { status: 'landing', landed: land() };
      };
      const results = await clock.until(world(clock, { maxWorkers: workers, retry: 0 }, urls(lines), transfer).all());
      assert.deepEqual(
        results.map(({ line }) => line).sort((a, b) => a - b),
        urls(lines).map((_, i) => i + 1),
      );
      const failed = results.filter(({ status }) => status === 'failed');
      assert.equal(failed.length, Math.ceil(lines / fails));
      assert.deepEqual([running, landing, clock.pending], [0, 0, 0]);
    }),
    { numRuns: 40 },
  );
});

test('a body that cannot land fails its own line only, and frees its place', async () => {
  const clock = fakeClock(4);
  const way = runway(clock, 100);
  const done = world(clock, { maxWorkers: 1 }, urls(4), way.transfer).all();
  await clock.advance(1_000);
  assert.equal(way.waiting.length, 2);
  way.waiting.shift()!.crash(new PdlError('EXISTS', 'Cannot save: something has appeared'));
  await clock.advance(1_000);
  assert.equal(way.starts.length, 3);
  way.landAll();
  await clock.advance(1_000);
  way.landAll();
  assert.deepEqual(told(await clock.until(done)), ['EXISTS', 'saved', 'saved', 'saved']);
});

test('a body whose landing failed before anyone looked fails its line, and no rejection goes unheard', async () => {
  const clock = fakeClock(5);
  const transfer: Transfer = async () => ({
    status: 'landing',
    landed: Promise.reject(new PdlError('DISK', 'Cannot write: full')),
  });
  const results = await clock.until(world(clock, { maxWorkers: 2 }, urls(5), transfer).all());
  assert.deepEqual(told(results), Array(5).fill('DISK'));
});

test('a bug in a landing cuts the run and is thrown, as one in a transfer is', async () => {
  const clock = fakeClock(6);
  const bug = new TypeError('a bug');
  const transfer: Transfer = async () => ({ status: 'landing', landed: Promise.reject(bug) });
  const made = world(clock, { maxWorkers: 2 }, urls(5), transfer);
  await assert.rejects(clock.until(made.all()), bug);
});

test('what a landing fails by is tried again where the policy says so', async () => {
  const clock = fakeClock(7);
  let tries = 0;
  const transfer: Transfer = async () => {
    tries += 1;
    await sleep(clock, 100);
    const landed = tries === 1 ? Promise.reject(new PdlError('TRUNCATED', 'cut')) : Promise.resolve(kept);
    return { status: 'landing', landed };
  };
  const [result] = await clock.until(world(clock, { maxWorkers: 1 }, urls(1), transfer).all());
  assert.deepEqual([result?.status, result?.attempts], ['saved', 2]);
});

test('a landing that fails and is tried again later frees its place now', async () => {
  const clock = fakeClock(7);
  const way = runway(clock, 100);
  const done = world(clock, { maxWorkers: 1 }, urls(4), way.transfer).all();
  await clock.advance(1_000);
  way.waiting.shift()!.crash(new PdlError('TRUNCATED', 'cut'));
  await clock.advance(0);
  assert.equal(way.starts.length, 3, 'another line starts before the backoff is over');
  for (let lands = 0; lands < 5; lands += 1) {
    await clock.advance(5_000);
    way.landAll();
  }
  assert.deepEqual(told(await clock.until(done)), ['saved', 'saved', 'saved', 'saved']);
});

test('a rest begins at the end of the transfer, not of the landing', async () => {
  const clock = fakeClock(8);
  const starts: number[] = [];
  const transfer: Transfer = async () => {
    starts.push(clock.now());
    await sleep(clock, 100);
    return { status: 'landing', landed: sleep(clock, 3_000).then(() => kept) };
  };
  await clock.until(world(clock, { maxWorkers: 4, perHost: 1, delay: 5 }, urls(4), transfer).all());
  assert.deepEqual(starts, [1_000, 6_100, 11_200, 16_300]);
});

test('a line’s time takes its landing in, and no request of it is on the wire meanwhile', async () => {
  const clock = fakeClock(9);
  const running: boolean[] = [];
  const transfer: Transfer = async (task) => {
    await sleep(clock, 100);
    const landing = async () => {
      await sleep(clock, 1_000);
      running.push(task.meter.running);
      return kept;
    };
    return { status: 'landing', landed: landing() };
  };
  const [result] = await clock.until(world(clock, {}, urls(1), transfer).all());
  assert.deepEqual([running, result?.durationMs], [[false], 1_100]);
});

for (const how of ['stop', 'cut'] as const) {
  test(`a ${how} of the run waits for the files that land, and starts no others`, async () => {
    const clock = fakeClock(10);
    const way = runway(clock, 100);
    const made = world(clock, { maxWorkers: 2 }, urls(20), way.transfer);
    let over = false;
    const done = made.all().finally(() => {
      over = true;
    });
    await clock.advance(150);
    assert.deepEqual([way.waiting.length, way.running], [2, 2]);
    if (how === 'stop') made.run.stop('quota');
    else made.run.cut();
    await clock.advance(60_000);
    assert.equal(over, false, 'it waits');
    assert.equal(way.starts.length, 4);
    way.landAll();
    const results = await clock.until(done);
    assert.deepEqual(told(results), Array(how === 'stop' ? 4 : 2).fill('saved'));
    assert.equal(made.left, how === 'stop' ? 16 : 18);
  });
}

test('leaving the loop waits for the files that land', async () => {
  const clock = fakeClock(11);
  const way = runway(clock, 100);
  const made = world(clock, { maxWorkers: 2 }, urls(20), way.transfer);
  const first = made.results.next();
  await clock.advance(150);
  way.waiting.shift()!.land(kept);
  await clock.until(first);
  let left = false;
  const leaving = made.results.return({ left: null }).finally(() => {
    left = true;
  });
  await clock.advance(10_000);
  assert.deepEqual([left, way.running], [false, 0]);
  way.landAll();
  await clock.until(leaving);
});
