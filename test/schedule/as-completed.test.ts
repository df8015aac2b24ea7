import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { sleep } from '../../src/clock.ts';
import { PdlError } from '../../src/errors.ts';
import { asCompleted } from '../../src/schedule/as-completed.ts';
import { growing } from '../../src/schedule/grow.ts';
import { openRun, type Run } from '../../src/schedule/run.ts';
import { passed } from '../../src/schedule/settle.ts';
import type { Result } from '../../src/types.ts';
import { type FakeClock, fakeClock } from '../support/fake-clock.ts';
import { jobOf } from './world.ts';

const bounds = { window: 100, backlog: 16 };
const resultOf = (n: number): Result => passed(jobOf(`http://h/${n}`, n), { status: 'skipped', reason: 'journal' });
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

function setUp(): { clock: FakeClock; run: Run } {
  const clock = fakeClock();
  return { clock, run: openRun({ signal: null }, clock) };
}

async function drain(all: AsyncGenerator<Result, { left: number | null }>) {
  const lines: number[] = [];
  for (;;) {
    const step = await all.next();
    if (step.done) return { lines, left: step.value.left };
    lines.push(step.value.line);
  }
}

test('a slow first line does not hold back a fast last one', async () => {
  const { clock, run } = setUp();
  const times = [300, 100, 200];
  const all = asCompleted(
    [1, 2, 3],
    async (n) => {
      await sleep(clock, times[n - 1]!);
      return resultOf(n);
    },
    run,
    bounds,
  );
  const results: Result[] = [];
  await clock.until(
    (async () => {
      for await (const result of all) results.push(result);
    })(),
  );
  assert.deepEqual(
    results.map((result) => result.line),
    [2, 3, 1],
  );
  assert.deepEqual(
    results.map((result) => result.seq),
    [1, 2, 3],
  );
  assert.deepEqual(
    results.map((result) => result.at),
    ['2026-01-01T00:00:01.100Z', '2026-01-01T00:00:01.200Z', '2026-01-01T00:00:01.300Z'],
  );
});

test('reads no further than the window, and not while results wait', async () => {
  const { clock, run } = setUp();
  let read = 0;
  function* source() {
    for (;;) yield ++read;
  }
  const work = async (n: number) => {
    await sleep(clock, 10);
    return resultOf(n);
  };
  const all = asCompleted(source(), work, run, { window: 5, backlog: 8 });
  await clock.until(all.next());
  await clock.advance(10_000);
  assert.ok(read <= 1 + 8 + 5, `${read} read for a reader that took one`);
  assert.equal(run.untaken >= 8, true);
  await all.return({ left: null });
});

test('property: any source, any times: each item ends once, in the order of completion', async () => {
  const shape = fc.record({
    times: fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 40 }),
    window: fc.integer({ min: 1, max: 50 }),
    backlog: fc.integer({ min: 1, max: 20 }),
    asynchronous: fc.boolean(),
    withdrawn: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ times, window, backlog, asynchronous, withdrawn }) => {
      const { clock, run } = setUp();
      const ended: number[] = [];
      let running = 0;
      const work = async (n: number) => {
        assert.equal(++running <= window, true);
        await sleep(clock, times[n]!);
        running -= 1;
        if (withdrawn && n % 3 === 0) return null;
        ended.push(n);
        return resultOf(n);
      };
      async function* later() {
        for (const n of times.keys()) {
          await sleep(clock, 7);
          yield n;
        }
      }
      const all = asCompleted(asynchronous ? later() : times.keys(), work, run, { window, backlog });
      const { lines, left } = await clock.until(drain(all));
      assert.deepEqual(lines, ended);
      assert.equal(lines.length + (left ?? 0), times.length);
      assert.equal(clock.pending, 0);
    }),
    { numRuns: 300 },
  );
});

test('a source that breaks is one LIST result; what runs goes on', async () => {
  const { clock, run } = setUp();
  async function* source() {
    yield 1;
    yield 2;
    throw new Error('EIO');
  }
  const work = async (n: number) => {
    await sleep(clock, 100);
    return resultOf(n);
  };
  const where = (n: number) => ({ source: 'urls.txt', number: n, text: '' });
  const results: Result[] = [];
  const left = await clock.until(
    (async () => {
      const all = asCompleted(source(), work, run, { ...bounds, where });
      for (;;) {
        const step = await all.next();
        if (step.done) return step.value.left;
        results.push(step.value);
      }
    })(),
  );
  const [broken, ...others] = results;
  assert.equal(broken?.status === 'failed' && broken.error.code, 'LIST');
  assert.equal(broken?.status === 'failed' && broken.error.message, 'Cannot read the list: EIO');
  assert.deepEqual([broken?.source, broken?.line], ['urls.txt', 2]);
  assert.deepEqual(
    others.map((result) => result.line),
    [1, 2],
  );
  assert.equal(left, null);
});

test('a bug of pdl cuts the run and is thrown, not told as a failed line', async () => {
  const { clock, run } = setUp();
  const work = async (n: number) => {
    if (n === 2) throw new RangeError('off by one');
    await sleep(clock, 1_000, run.signal).catch(() => {});
    return resultOf(n);
  };
  const done = drain(asCompleted(numbers(4), work, run, bounds));
  await assert.rejects(clock.until(done), RangeError);
  assert.equal(run.signal.aborted, true);
  assert.equal(run.running, 0);
});

test('leaving the loop cuts what runs, waits for it, and closes the source', async () => {
  const { clock, run } = setUp();
  let closed = false;
  let cleaned = 0;
  function* source() {
    try {
      for (let n = 1; ; n += 1) yield n;
    } finally {
      closed = true;
    }
  }
  const work = async (n: number) => {
    try {
      await sleep(clock, n === 1 ? 10 : 1e9, run.signal);
    } catch {
      await sleep(clock, 5);
      cleaned += 1;
    }
    return resultOf(n);
  };
  const leave = async () => {
    for await (const _ of asCompleted(source(), work, run, { window: 4, backlog: 4 })) break;
  };
  await clock.until(leave());
  assert.equal(closed, true);
  assert.equal(cleaned, 4);
  assert.equal(run.running, 0);
  assert.equal(run.stopped, null);
  assert.equal(clock.pending, 0);
});

test('leaving does not hang on a source that waits for its own input', async () => {
  const { clock, run } = setUp();
  async function* source() {
    yield 1;
    await new Promise(() => {});
  }
  const leave = async () => {
    for await (const _ of asCompleted(source(), async (n) => resultOf(n), run, bounds)) break;
  };
  await clock.until(leave());
});

test('a stopped run ends without the rest of its source', async () => {
  const { clock, run } = setUp();
  async function* source() {
    yield 1;
    yield 2;
    await new Promise(() => {});
  }
  const work = async (n: number) => {
    await sleep(clock, 100);
    return n === 2 ? null : resultOf(n);
  };
  const done = drain(asCompleted(source(), work, run, bounds));
  await clock.advance(50);
  run.stop('quota');
  assert.deepEqual(await clock.until(done), { lines: [1], left: null });
});

test('of a list read to its end, those left are counted', async () => {
  const { clock, run } = setUp();
  const work = async (n: number) => (n > 2 ? null : resultOf(n));
  assert.deepEqual(await clock.until(drain(asCompleted(numbers(5), work, run, bounds))), { lines: [1, 2], left: 3 });
});

test('a source that never waits does not keep the event loop from its other work', async () => {
  const run = openRun({ signal: null }, fakeClock());
  let turns = 0;
  let going = true;
  const count = () => {
    turns += 1;
    if (going) setImmediate(count);
  };
  setImmediate(count);
  async function* source() {
    yield* numbers(20_000);
  }
  for await (const _ of asCompleted(source(), async (n) => resultOf(n), run, { window: 10_000, backlog: 64 }));
  going = false;
  // With the clock standing still only the count of items can end a slice: 20,000 / 256.
  assert.ok(turns >= 78, `${turns} turns of the event loop`);
});

test('the first job starts before the window is full', async () => {
  const run = openRun({ signal: null }, fakeClock());
  let read = 0;
  let readAtStart = 0;
  function* source() {
    for (const n of numbers(10_000)) {
      read = n;
      yield n;
    }
  }
  const work = async (n: number) => {
    await null;
    readAtStart ||= read;
    await new Promise((resolve) => setImmediate(resolve));
    return resultOf(n);
  };
  for await (const _ of asCompleted(source(), work, run, { window: 10_000, backlog: 20_000 }));
  assert.ok(readAtStart <= 256, `${readAtStart} lines were read before the first began`);
});

test('a run grows: added items run, and the run ends when the source and all they added are done', async () => {
  for (const asynchronous of [false, true]) {
    const { clock, run } = setUp();
    async function* later() {
      yield 1;
      await sleep(clock, 10);
      yield 2;
    }
    const grown = growing<number>(asynchronous ? later() : [1, 2], run);
    const work = async (n: number) => {
      await sleep(clock, 100);
      if (n < 20) grown.add(n * 10);
      return resultOf(n);
    };
    const { lines, left } = await clock.until(drain(asCompleted(grown.source, work, run, bounds)));
    assert.deepEqual(
      lines.sort((a, b) => a - b),
      [1, 2, 10, 20, 100],
    );
    assert.equal(left, 0);
  }
});

test('a growing run whose source waits still takes what is added', async () => {
  const { clock, run } = setUp();
  async function* source() {
    yield 1;
    await sleep(clock, 10_000);
    yield 2;
  }
  const grown = growing<number>(source(), run);
  const order: number[] = [];
  const work = async (n: number) => {
    if (n === 1) grown.add(3);
    order.push(n);
    return resultOf(n);
  };
  await clock.until(drain(asCompleted(grown.source, work, run, bounds)));
  assert.deepEqual(order, [1, 3, 2]);
});

test('a growing run stops, and one whose source breaks still does what was added', async () => {
  const { clock, run } = setUp();
  const grown = growing<number>([1], run);
  const done = drain(
    asCompleted(
      grown.source,
      async (n) => {
        await sleep(clock, 100);
        return resultOf(n);
      },
      run,
      bounds,
    ),
  );
  await clock.advance(10);
  run.stop('deadline');
  assert.deepEqual((await clock.until(done)).lines, [1]);

  const other = setUp();
  function* broken() {
    yield 1;
    throw new PdlError('LIST', 'Cannot read urls.txt: EIO');
  }
  const more = growing<number>(broken(), other.run);
  const work = async (n: number) => {
    await sleep(other.clock, 100);
    if (n === 1) more.add(2);
    return resultOf(n);
  };
  const { lines } = await other.clock.until(drain(asCompleted(more.source, work, other.run, bounds)));
  assert.deepEqual(lines, [1, 2, 0], 'the LIST result comes last, from no line');
});

test('a stopped run counts what is left of a list that ends within the window', async () => {
  for (const [lines, left] of [
    [60, 58],
    [600, null],
  ] as const) {
    const { clock, run } = setUp();
    let begun = 0;
    const all = asCompleted(
      numbers(lines),
      async (n) => {
        begun += 1;
        await sleep(clock, 1000);
        if (n === 2) run.stop('signal');
        return resultOf(n);
      },
      run,
      { window: 100, backlog: 16, fed: () => begun >= 2 },
    );
    assert.equal((await clock.until(drain(all))).left, left, `of ${lines} lines`);
  }
});
