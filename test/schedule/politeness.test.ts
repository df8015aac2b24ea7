import assert from 'node:assert/strict';
import test from 'node:test';
import { sleep } from '../../src/clock.ts';
import { PdlError } from '../../src/errors.ts';
import type { Transfer } from '../../src/types.ts';
import { hostOf } from '../../src/url.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { jobOf, kept, slow, taskOf, world } from './world.ts';

const urls = (count: number, host = 'h') => Array.from({ length: count }, (_, i) => `http://${host}/${i}`);

/** Largest distance between the drawn rests and a uniform law, over its 1 % bound. */
function kolmogorovSmirnov(rests: number[], from: number, to: number): number {
  const sorted = [...rests].sort((a, b) => a - b);
  const far = sorted.map((rest, i) => {
    const place = (rest - from) / (to - from);
    return Math.max(place - i / sorted.length, (i + 1) / sorted.length - place);
  });
  return (Math.max(...far) * Math.sqrt(sorted.length)) / 1.63;
}

for (const workers of [1, 4, 16]) {
  test(`2,000 rests of ${workers} workers are uniform in A..B`, async () => {
    const clock = fakeClock(workers);
    const made = world(
      clock,
      { maxWorkers: workers, delay: '1-4' },
      urls(2_000 + workers),
      slow(clock, () => 50),
    );
    await clock.until(made.all());
    const rests = made.events.flatMap((event) => (event.type === 'start' ? [event.restMs] : []));
    assert.equal(rests[0], 0, 'the first request starts at once');
    const drawn = rests.slice(1);
    assert.equal(
      drawn.every((rest) => rest >= 1000 && rest <= 4000),
      true,
    );
    // Ties of an empirical law to whole ms would not matter, but none are made: the rest told is the rest drawn.
    assert.equal(kolmogorovSmirnov(drawn, 1000, 4000) < 1, true);
  });
}

test('-j 4 --delay 1-4 on one host is four workers that each pause', async () => {
  const clock = fakeClock(5);
  const made = world(
    clock,
    { maxWorkers: 4, delay: '1-4' },
    urls(400),
    slow(clock, () => 100),
  );
  const started = clock.now();
  await clock.until(made.all());
  const expected = (400 / 4) * 2600;
  assert.equal(Math.abs(clock.now() - started - expected) < expected / 10, true);
});

test('--rate spaces the starts at one host evenly, and other hosts are not slowed', async () => {
  const clock = fakeClock(6);
  const starts: Record<string, number[]> = { a: [], b: [] };
  const transfer: Transfer = async (task) => {
    starts[hostOf(task.url)]!.push(clock.now());
    await sleep(clock, 10);
    return kept;
  };
  const made = world(clock, { rate: '2/s' }, [...urls(5, 'a'), ...urls(5, 'b')], transfer);
  await clock.until(made.all());
  for (const times of Object.values(starts))
    assert.deepEqual(
      times,
      [0, 500, 1000, 1500, 2000].map((ms) => ms + times[0]!),
    );
  assert.equal(starts['a']![0], starts['b']![0]);
});

test('a rest is stamped when the request really ends', async () => {
  const clock = fakeClock(7);
  const spans: [number, number][] = [];
  const transfer: Transfer = async () => {
    const from = clock.now();
    await sleep(clock, 5_000);
    spans.push([from, clock.now()]);
    return kept;
  };
  await clock.until(world(clock, { maxWorkers: 1, delay: 1 }, urls(4), transfer).all());
  for (let i = 1; i < spans.length; i += 1) assert.equal(spans[i]![0] - spans[i - 1]![1], 1000);
});

test('an urgent request goes first in line at its host', async () => {
  const clock = fakeClock(8);
  const order: string[] = [];
  let failures = 1;
  const transfer: Transfer = async (task) => {
    order.push(task.url);
    await sleep(clock, 2_000);
    if (task.url.endsWith('/0') && failures-- > 0) throw new PdlError('RESET', 'cut');
    return kept;
  };
  await clock.until(world(clock, { maxWorkers: 1, delay: 1 }, urls(6), transfer).all());
  // The backoff of at most 0.5 s is over before the seat has rested.
  assert.deepEqual(
    order,
    [0, 0, 1, 2, 3, 4, 5].map((i) => `http://h/${i}`),
  );
});

test('a turn that waits is given up when its own signal aborts, and costs no seat', async () => {
  const clock = fakeClock(9);
  const made = world(clock, { maxWorkers: 1, perHost: 1, delay: 10 }, [], async () => kept);
  const begin = async () => kept;
  const own = new AbortController();
  const job = jobOf('http://h/a');
  const first = made.turns.take('h', taskOf(job, clock, made.run), async (turn) => {
    made.turns.end(turn, null);
    return kept;
  });
  await first;
  const refused = made.turns.take('h', { ...taskOf(job, clock, made.run), signal: own.signal }, begin);
  own.abort(new PdlError('ABORTED', 'enough'));
  await assert.rejects(refused, { message: 'enough' });
  let began = false;
  const next = made.turns.take('h', taskOf(job, clock, made.run), async (turn) => {
    began = true;
    made.turns.end(turn, null);
    return kept;
  });
  await clock.until(next);
  assert.equal(began, true);
});

test('no transfer starts while there is no room for results, and waking looks again', async () => {
  const clock = fakeClock(10);
  let started = 0;
  const transfer: Transfer = async () => {
    started += 1;
    return kept;
  };
  const made = world(clock, { maxWorkers: 2 }, urls(100), transfer);
  await made.results.next();
  await clock.advance(60_000);
  const before = started;
  // One was taken, four wait (2 × -j), and two more may have been on their way when the fourth came.
  assert.ok(before <= 1 + 4 + 2, `${before} started for a reader that took one`);
  for (let i = 0; i < 10; i += 1) await made.results.next();
  await clock.advance(1);
  assert.equal(started > before && started <= before + 12, true);
  await made.results.return({ left: null });
});

test('a million hosts passing by leave nothing behind, and their connections are let go', async () => {
  const clock = fakeClock(11);
  const open = new Set<string>();
  let most = 0;
  const hooks = {
    expect: (host: string) => {
      open.add(host);
      most = Math.max(most, open.size);
    },
    release: (host: string) => assert.ok(open.delete(host), `${host} was released twice`),
  };
  const many = Array.from({ length: 20_000 }, (_, i) => `http://h${i}/`);
  const made = world(clock, { maxWorkers: 4, window: 100 }, many, async () => kept, { hooks });
  await clock.until(made.all());
  assert.ok(most <= 100 + 32 + 8, `${most} hosts in sight at a window of 100`);
  assert.equal(open.size <= 32, true);
});

test('a host that still rests stays known: its next line does not start at once', async () => {
  const clock = fakeClock(12);
  const at: number[] = [];
  const transfer: Transfer = async (task) => {
    if (hostOf(task.url) === 'again') at.push(clock.now());
    return kept;
  };
  const others = Array.from({ length: 500 }, (_, i) => `http://h${i}/`);
  const list = ['http://again/1', ...others, 'http://again/2'];
  await clock.until(world(clock, { maxWorkers: 2, perHost: 1, delay: 100, window: 1 }, list, transfer).all());
  assert.equal(at[1]! - at[0]! >= 100_000, true);
});

test('a host with a rest before it is slowed by Crawl-delay: all its seats together', async () => {
  const clock = fakeClock(13);
  const starts: number[] = [];
  const transfer: Transfer = async () => {
    starts.push(clock.now());
    await sleep(clock, 100);
    return kept;
  };
  const made = world(clock, { maxWorkers: 8 }, urls(5), transfer);
  made.turns.slow('h', 2_000);
  await clock.until(made.all());
  for (let i = 1; i < starts.length; i += 1) assert.equal(starts[i]! - starts[i - 1]! >= 2_000, true);
});

test('that every host rests is told, once a second at most', async () => {
  const clock = fakeClock(14);
  const made = world(clock, { maxWorkers: 1, delay: '1-4' }, urls(5), async () => kept);
  await clock.until(made.all());
  const waits = made.events.filter((event) => event.type === 'wait');
  assert.equal(
    waits.length >= 3 && waits.every((event) => event.why === 'rest' && event.host === 'h' && event.ms > 0),
    true,
  );
});

test('meters tell attempts, waits and the first start', async () => {
  const clock = fakeClock(15);
  let failures = 1;
  const transfer: Transfer = async () => {
    await sleep(clock, 100);
    if (failures-- > 0) throw new PdlError('RESET', 'cut');
    return kept;
  };
  const made = world(clock, { maxWorkers: 1, delay: 3 }, urls(1), transfer);
  const [result] = await clock.until(made.all());
  assert.equal(result?.attempts, 2);
  assert.equal(result?.queuedMs, 0);
  assert.equal(result?.waitedMs, 3_000);
  assert.equal(result?.durationMs, 3_200);
});

test('--max-time cuts by what is left of the line, its queue not counted', async () => {
  const clock = fakeClock(16);
  const left: number[] = [];
  const transfer: Transfer = async (task) => {
    left.push(task.deadline - clock.now());
    await sleep(clock, 400);
    throw new PdlError('RESET', 'cut');
  };
  const made = world(clock, { maxWorkers: 1, delay: 20, maxTime: 2, retry: 9 }, urls(1), transfer);
  await clock.until(made.all());
  assert.equal(left[0], 2_000);
  assert.equal(left.length >= 2 && left.length <= 5, true);
  assert.equal(
    left.every((ms, i) => ms > 0 && (i === 0 || ms <= left[i - 1]! - 400)),
    true,
  );
});
