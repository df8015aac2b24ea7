import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Patience, Watch } from '../../src/transfer/deadlines.ts';
import { Pace } from '../../src/transfer/pace.ts';
import type { Request } from '../../src/types.ts';
import { type FakeClock, fakeClock } from '../support/fake-clock.ts';
import { type Server, startServer } from '../support/server.ts';
import { failure, gatherer, get, request, type Some, withWire } from '../support/wire.ts';

let server: Server;

before(async () => {
  server = await startServer();
});

after(() => server.close());

/** Lets the wire and the server talk until `done`, then for as long as nothing of the clock is needed. */
async function talk(done: () => boolean): Promise<void> {
  for (let turns = 0; turns < 5000 && !done(); turns++) await new Promise((resolve) => setImmediate(resolve));
}

/** How long by the clock a GET of this path lasts until its TIMEOUT; the clock stands still until the first ask or byte came. */
async function lasts(path: string, settings: Some, first: 'ask' | 'byte', rest: Partial<Request> = {}) {
  const code = 'TIMEOUT';
  const clock = fakeClock();
  return withWire(
    settings,
    async (wire) => {
      const asked = server.log.length;
      const into = gatherer();
      const began = clock.now();
      const attempt = failure(code, wire.send(request(server.url(path), rest), into));
      await talk(() => (first === 'byte' ? into.chunks.length > 0 : server.log.length > asked));
      const error = await stepping(clock, attempt);
      return { error, ms: clock.now() - began };
    },
    clock,
  );
}

/** Advances the clock in small steps until `goal` settles, with real turns of the event loop between. */
async function stepping<T>(clock: FakeClock, goal: Promise<T>): Promise<T> {
  let settled = false;
  const note = () => {
    settled = true;
  };
  goal.then(note, note);
  for (let steps = 0; steps < 3000 && !settled; steps++) await clock.advance(100);
  assert.ok(settled, 'nothing ended it');
  return goal;
}

function within(ms: number, least: number, most: number): void {
  assert.ok(ms >= least && ms <= most, `${ms} ms is not within ${least}..${most}`);
}

test('a server that says nothing is TIMEOUT after --timeout (T4)', async () => {
  const { error, ms } = await lasts('/stall', { timeout: 5000 }, 'ask');
  assert.equal(error.facts.reason, 'head');
  within(ms, 5000, 5400);
});

test('a header block that dribbles, or 103 without end, does not extend the deadline (T2, T3)', async () => {
  for (const path of ['/slow-headers?every=1', '/early-hints-forever?every=1']) {
    const { error, ms } = await lasts(path, { timeout: 5000 }, 'ask');
    assert.equal(error.facts.reason, 'head');
    within(ms, 5000, 5400);
  }
});

test('a 103 before an answer does no harm', async () => {
  const answer = await withWire({}, (wire) => get(wire, server.url('/early-hints/3?size=10')));
  assert.deepEqual([answer.status, answer.body.length], [200, 10]);
});

test('a body that stalls is TIMEOUT after --timeout without a byte', async () => {
  const { error, ms } = await lasts('/stall-after/100', { timeout: 5000 }, 'byte');
  assert.equal(error.facts.reason, 'idle');
  within(ms, 5000, 5400);
});

test('a body that drips is not idle, but TOO_SLOW where a least speed is asked for (T5)', async () => {
  const drip = server.url('/drip?size=100000&step=1&every=5');
  const settings = { timeout: 10_000, speedLimit: 100_000, speedTime: 400 };
  const error = await withWire(settings, (wire) => failure('TOO_SLOW', get(wire, drip)));
  assert.match(error.message, /slower than 100000 bytes a second for 400 ms/);
  const quick = await withWire({ timeout: 300 }, (wire) => get(wire, server.url('/drip?size=100&every=5')));
  assert.equal(quick.body.length, 100);
});

test('a request has until its own deadline, wherever it is', async () => {
  for (const path of ['/stall', '/stall-after/10', '/drip?size=100000&every=1']) {
    const { error, ms } = await lasts(path, {}, 'ask', { deadline: fakeClock().now() + 3000 });
    assert.equal(error.facts.reason, 'max-time');
    within(ms, 3000, 3200);
  }
});

test('a connection that never stands is TIMEOUT after --connect-timeout, one that needs TLS too (T1)', async () => {
  const { createServer } = await import('node:net');
  const silent = createServer((socket) => socket.on('error', () => {}).resume());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  const clock = fakeClock();
  await withWire(
    { connectTimeout: 4000 },
    async (wire) => {
      const began = clock.now();
      const error = await stepping(clock, failure('TIMEOUT', get(wire, `https://127.0.0.1:${port}/`)));
      assert.equal(error.facts.reason, 'handshake');
      const silence = /^Cannot connect to 127\.0\.0\.1:\d+: timed out after 4 s, the server accepts and stays silent$/;
      assert.match(error.message, silence);
      within(clock.now() - began, 4000, 4400);
    },
    clock,
  );
  await new Promise((resolve) => silent.close(resolve));
});

test('a receiver that thinks for an hour is not the server’s idleness', async () => {
  const clock = fakeClock();
  await withWire(
    { timeout: 1000, speedLimit: 1000, speedTime: 1000 },
    async (wire) => {
      let ready = () => {};
      let told = false;
      const sending = wire.send(request(server.url('/file/a?size=500000')), {
        onHead() {
          told = true;
          return new Promise((resolve) => {
            ready = resolve;
          });
        },
        onData() {},
      });
      await talk(() => told);
      await clock.advance(3_600_000);
      ready();
      assert.equal(await sending, 'length');
    },
    clock,
  );
});

test('after a blocked event loop the time that passed is not held against the server (P6)', () => {
  const clock = fakeClock();
  const looks: [step: number, late: boolean][] = [];
  let fire = () => {};
  let now = 0;
  const timer = (_ms: number, fn: () => void) => {
    fire = fn;
    return () => {};
  };
  const watch = new Watch({ ...clock, now: () => now, timer });
  watch.add({
    slot: -1,
    look(step, _now, late) {
      looks.push([step, late]);
    },
  });
  for (const at of [100, 210, 90_210, 90_310]) {
    now = at;
    fire();
  }
  assert.deepEqual(looks, [
    [100, false],
    [110, false],
    [200, true],
    [100, false],
  ]);
});

test('a late look spares a request whose deadline passed meanwhile until the next look', async () => {
  const clock = fakeClock();
  await withWire(
    {},
    async (wire) => {
      const asked = server.log.length;
      const attempt = get(wire, server.url('/file/a?size=100000&delay=20'), { deadline: clock.now() + 1000 });
      await talk(() => server.log.length > asked);
      // The loop was blocked: the clock jumps, and only then the one look comes.
      const jumped = clock.now() + 60_000;
      const { now } = clock;
      clock.now = () => Math.max(now(), jumped);
      await clock.advance(100);
      assert.equal((await attempt).body.length, 100_000);
    },
    clock,
  );
});

test('nothing runs, no timer: the watch lets go of the process', async () => {
  const clock = fakeClock();
  await withWire(
    {},
    async (wire) => {
      await get(wire, server.url('/file/a'));
      await clock.advance(100);
      assert.equal(clock.pending, 0);
      await get(wire, server.url('/file/a'));
      await get(wire, server.url('/file/a'));
      assert.equal(clock.pending, 1);
    },
    clock,
  );
});

const limits = { connectTimeout: 1000, timeout: 2000, speedLimit: 0, speedTime: 30_000 };

test('patience: each phase has its own time, from its own beginning', () => {
  const patience = new Patience(limits);
  const pass = (times: number, heard = false) => {
    for (let time = 0; time < times; time++) {
      const lapse = patience.pass(100, false, heard, 0);
      if (lapse !== null) return [lapse, time + 1];
    }
    return null;
  };
  assert.equal(pass(10), null);
  patience.enter('head');
  assert.equal(pass(20), null);
  patience.enter('body');
  assert.equal(pass(20), null);
  assert.equal(pass(1, true), null);
  assert.equal(pass(19), null);
  assert.deepEqual(pass(1), ['idle', 1]);
  patience.enter('head');
  assert.deepEqual(pass(100, true), ['head', 21], 'bytes do not extend the time for the head');
});

test('pace: too little in any window of the length asked for, in quarters', () => {
  const fails = (perStep: (at: number) => number, steps: number) => {
    const pace = new Pace(1000, 4000);
    let received = 0;
    for (let at = 1; at <= steps; at++) {
      received += perStep(at);
      if (pace.pass(100, received)) return at * 100;
    }
    return null;
  };
  assert.equal(
    fails(() => 100, 1000),
    null,
  );
  assert.equal(
    fails(() => 99, 1000),
    4000,
  );
  assert.equal(
    fails(() => 0, 1000),
    4000,
  );
  assert.equal(
    fails((at) => (at % 10 === 0 ? 1000 : 0), 1000),
    null,
    'gusts count as their mean',
  );
  assert.equal(
    fails((at) => (at <= 100 ? 200 : 0), 1000),
    13_000,
    'a good start is forgotten',
  );
});

test('patience: a body that brings less than 1 byte a second over 5 minutes is too slow, asked or not', () => {
  const lapseOf = (everyMs: number) => {
    const patience = new Patience({ ...limits, timeout: 60_000 });
    patience.enter('body');
    for (let ms = 100; ms <= 1_200_000; ms += 100) {
      const lapse = patience.pass(100, false, ms % everyMs === 0, 500 + Math.floor(ms / everyMs));
      if (lapse !== null) return [lapse, ms];
    }
    return null;
  };
  assert.equal(lapseOf(500), null);
  assert.equal(lapseOf(1_000), null);
  assert.deepEqual(lapseOf(1_500), ['slow', 300_000]);
});

test('patience: the wait for a head is no slow body', () => {
  const patience = new Patience({ ...limits, timeout: 3_600_000 });
  patience.enter('head');
  for (let ms = 0; ms < 1_800_000; ms += 100) assert.equal(patience.pass(100, false, false, 0), null);
});
