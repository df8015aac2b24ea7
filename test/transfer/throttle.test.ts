import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Bucket } from '../../src/transfer/bucket.ts';
import { Throttle } from '../../src/transfer/throttle.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { bytesOf, startServer } from '../support/server.ts';
import { request, withWire } from '../support/wire.ts';

test('a bucket never gives more than its rate and its depth, nor much less', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 10_000_000 }),
      fc.array(fc.record({ wait: fc.integer({ min: 0, max: 400 }), want: fc.integer({ min: 1, max: 100_000 }) })),
      (rate, asks) => {
        const bucket = new Bucket(rate, 0);
        let now = 0;
        let given = 0;
        for (const { wait, want } of asks) {
          now += wait;
          const taken = Math.min(want, bucket.available(now));
          bucket.take(taken);
          given += taken;
          assert.ok(given <= (now * rate) / 1000 + 1, `${given} by ${now} ms`);
        }
        assert.ok(bucket.available(now) <= bucket.most);
        const wait = bucket.until(bucket.most);
        assert.ok(bucket.available(now + wait + 1) >= Math.floor(bucket.most) - 1);
      },
    ),
  );
});

/** Takers that always want more, in a fake world; returns what each got in `ms`. */
async function race(rate: number, appetites: number[], ms: number): Promise<number[]> {
  const clock = fakeClock();
  const throttle = new Throttle(rate, clock);
  const got = appetites.map(() => 0);
  const takers = appetites.map((appetite, at) => ({
    proceed() {
      for (let taken = throttle.take(this, appetite); taken > 0; taken = throttle.take(this, appetite))
        got[at]! += taken;
    },
  }));
  for (const taker of takers) taker.proceed();
  await clock.advance(ms);
  throttle.close();
  return got;
}

test('the total is within 10 % of the rate over 10 s, for any number of takers', async () => {
  for (const rate of [1000, 50_000, 10_000_000]) {
    for (const count of [1, 3, 40]) {
      const got = await race(rate, Array(count).fill(65_536), 10_000);
      const total = got.reduce((sum, one) => sum + one, 0);
      assert.ok(Math.abs(total - rate * 10) <= rate, `${total} of ${rate * 10} by ${count}`);
    }
  }
});

test('takers get equal shares, whether they want large pieces or small ones', async () => {
  const got = await race(1_000_000, [65_536, 65_536, 16_384, 65_536], 10_000);
  for (const one of got) assert.ok(Math.abs(one - 2_500_000) < 250_000, `${got}`);
});

test('nobody waits for long: in every round many are served', async () => {
  const got = await race(1_000_000, Array(40).fill(65_536), 400);
  assert.ok(Math.min(...got) > 5000, `${got}`);
});

test('what one does not want the others get', async () => {
  const got = await race(1_000_000, [65_536, 100], 10_000);
  assert.ok(got[0]! + got[1]! > 9_000_000, `${got}`);
});

test('a busy reader is not fed crumbs as they come: that would be a loop without end', () => {
  const clock = fakeClock();
  let now = 0;
  const throttle = new Throttle(5_000_000, { ...clock, now: () => now });
  const taker = { proceed() {} };
  let calls = 0;
  // Each read takes a few microseconds, in which a few bytes gather.
  for (now = 300; throttle.take(taker, 65_536) > 0; now += 0.005) calls++;
  assert.ok(calls <= 20, `${calls} reads`);
});

test('a taker that is forgotten is not told to proceed', async () => {
  const clock = fakeClock();
  const throttle = new Throttle(1000, clock);
  const taker = { proceed: () => assert.fail('told to proceed') };
  assert.equal(throttle.take(taker, 10), 0);
  throttle.forget(taker);
  await clock.advance(1000);
  assert.equal(clock.pending, 0);
});

test('--limit-rate holds over http and https, shared by all, with every byte right', async () => {
  for (const tls of [false, true]) {
    const server = await startServer({ tls });
    const clock = fakeClock();
    const rate = 1_000_000;
    await withWire(
      { limitRate: rate, insecure: true, timeout: 1000, speedLimit: 500_000, speedTime: 1000 },
      async (wire) => {
        const received = [0, 0, 0, 0];
        const chunks: Uint8Array[][] = received.map(() => []);
        const all = received.map((_, at) =>
          wire.send(request(server.url(`/file/${at}?size=1500000&seed=${at}`)), {
            onHead() {},
            onData(chunk) {
              received[at]! += chunk.length;
              chunks[at]!.push(chunk);
            },
          }),
        );
        // Let the bytes wait at our door, so that only the limit is measured.
        const settle = async () => {
          for (let turns = 0; turns < 60; turns++) await new Promise((resolve) => setImmediate(resolve));
        };
        await settle();
        const began = clock.now();
        while (clock.now() - began < 4000) {
          await clock.advance(20);
          await settle();
        }
        const total = received.reduce((sum, one) => sum + one, 0);
        assert.ok(Math.abs(total - 4_000_000) < 400_000, `${total} bytes in 4 s, tls ${tls}`);
        for (const one of received) assert.ok(Math.abs(one - total / 4) < total / 20, `fair: ${received}`);
        let open = all.length;
        for (const one of all) void one.finally(() => open--);
        while (open > 0) {
          await clock.advance(20);
          await settle();
        }
        for (const [at, pieces] of chunks.entries()) assert.ok(Buffer.concat(pieces).equals(bytesOf(1_500_000, at)));
      },
      clock,
    );
    await server.close();
  }
});
