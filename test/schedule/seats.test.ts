import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Seats } from '../../src/schedule/seats.ts';
import { fakeClock } from '../support/fake-clock.ts';

const seeded = (seed: number) => {
  const clock = fakeClock(seed);
  return () => clock.random();
};

test('the first request to a host starts at once, without a rest', () => {
  const seats = new Seats(4, [1000, 4000], seeded(1));
  assert.equal(seats.opensAt <= 0, true);
  assert.equal(seats.take(5), 0);
});

test('later seats rest before their first request: no volley', () => {
  const seats = new Seats(8, [1000, 4000], seeded(2));
  seats.take(0);
  const opened: number[] = [];
  for (let seat = 2; seat <= 8; seat += 1) {
    const at = seats.opensAt;
    opened.push(at);
    assert.equal(seats.take(at), at, 'the rest told is the rest taken');
  }
  assert.equal(
    opened.every((at) => at >= 1000 && at <= 4000),
    true,
  );
  assert.deepEqual(
    opened,
    [...opened].sort((a, b) => a - b),
  );
  assert.equal(seats.opensAt, Number.POSITIVE_INFINITY);
});

test('where A = B, seat k of n opens (k-1) A/n after the first request', () => {
  const seats = new Seats(4, [2000, 2000], seeded(3));
  seats.take(100);
  const opened = [1, 2, 3].map(() => {
    const at = seats.opensAt;
    seats.take(at);
    return at;
  });
  assert.deepEqual(opened, [600, 1100, 1600]);
});

test('a seat rests from the end of its request', () => {
  const seats = new Seats(1, [1000, 1000], seeded(4));
  seats.take(0);
  assert.equal(seats.opensAt, Number.POSITIVE_INFINITY);
  seats.end(700);
  assert.equal(seats.opensAt, 1700);
  assert.equal(seats.restedAt, 1700);
  assert.equal(seats.take(5000), 1000);
});

test('without a delay every free seat is open', () => {
  const seats = new Seats(2, [0, 0], seeded(5));
  seats.take(0);
  seats.take(0);
  assert.equal(seats.opensAt, Number.POSITIVE_INFINITY);
  seats.end(0);
  assert.equal(seats.opensAt <= 0, true);
});

test('a shrunken host keeps the seats that rest longest, not one that is ready while another just ended', () => {
  const seats = new Seats(2, [1000, 1000], seeded(6));
  seats.take(0);
  seats.take(500);
  seats.end(600);
  seats.shrink(1);
  assert.equal(seats.opensAt, Number.POSITIVE_INFINITY, 'one seat, and it is in use');
  seats.end(900);
  assert.equal(seats.opensAt, 1900);
});

test('a seat given back rests first', () => {
  const seats = new Seats(2, [1000, 1000], seeded(7));
  seats.take(0);
  seats.shrink(1);
  seats.giveBack(100);
  assert.equal(seats.opensAt, 1100);
});

test('after a park the host is met as at first: one request, then a rest for each further seat', () => {
  const seats = new Seats(4, [1000, 4000], seeded(8));
  for (let seat = 0; seat < 4; seat += 1) seats.take(Math.max(0, seats.opensAt));
  for (let seat = 0; seat < 4; seat += 1) seats.end(5000);
  seats.restart();
  const park = 60_000;
  assert.equal(seats.opensAt < park, true);
  seats.take(park);
  assert.ok(seats.opensAt >= park + 1000, 'the others are not all ready at once');
});

test('raised rests hold for what begins after, also where there were none', () => {
  const seats = new Seats(2, [0, 0], seeded(9));
  seats.take(0);
  seats.end(10);
  seats.slow(10, 3000);
  seats.take(3010);
  assert.equal(seats.opensAt > 3010, true);
  seats.end(3020);
  seats.take(seats.opensAt);
  assert.equal(seats.opensAt >= 6020, true);
});

test('opened seats together are uniform, as if each had drawn its own rest', () => {
  const random = seeded(10);
  const drawn: number[] = [];
  for (let run = 0; run < 500; run += 1) {
    const seats = new Seats(5, [1000, 4000], random);
    seats.take(0);
    for (let seat = 0; seat < 4; seat += 1) drawn.push(seats.take(seats.opensAt));
  }
  drawn.sort((a, b) => a - b);
  const distance = Math.max(...drawn.map((rest, i) => Math.abs((rest - 1000) / 3000 - (i + 0.5) / drawn.length)));
  assert.ok(distance < 1.63 / Math.sqrt(drawn.length), `Kolmogorov-Smirnov distance ${distance}`);
});

test('property: never more in use or resting than allowed, whatever happens', () => {
  const acts = fc.array(fc.constantFrom('take', 'end', 'shrink', 'give', 'wait', 'restart', 'slow'), { maxLength: 80 });
  fc.assert(
    fc.property(
      acts,
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 0, max: 3 }),
      fc.integer(),
      (all, count, a, seed) => {
        const seats = new Seats(count, [a * 100, a * 200], seeded(seed));
        const shortest = a * 100;
        let now = 0;
        let ends: number[] = [];
        for (const act of all) {
          if (act === 'wait') now += 37;
          if (act === 'take' && seats.opensAt !== Number.POSITIVE_INFINITY) {
            now = Math.max(now, seats.opensAt);
            seats.take(now);
            ends = ends.filter((end) => end + shortest > now);
            assert.ok(seats.busy + ends.length <= seats.allowed, `${act} at ${now}`);
          }
          if (act === 'end' && seats.busy > 0) {
            seats.end(now);
            ends.push(now);
          }
          if (act === 'shrink') seats.shrink(Math.max(1, seats.allowed >> 1));
          if (act === 'give' && seats.allowed < count) seats.giveBack(now);
          if (act === 'restart') seats.restart();
          if (act === 'slow' && a > 0) seats.slow(now, a * 100);
        }
      },
    ),
    { numRuns: 500 },
  );
});
