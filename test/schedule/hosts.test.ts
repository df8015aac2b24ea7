import assert from 'node:assert/strict';
import test from 'node:test';
import { sleep } from '../../src/clock.ts';
import { PdlError } from '../../src/errors.ts';
import type { Transfer } from '../../src/types.ts';
import { hostOf } from '../../src/url.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { kept, world } from './world.ts';

const urls = (count: number, host = 'h') => Array.from({ length: count }, (_, i) => `http://${host}/${i}`);
const status = (code: number, retryAfterMs?: number) =>
  new PdlError('HTTP_STATUS', `status ${code}`, { status: code, ...(retryAfterMs !== undefined && { retryAfterMs }) });
const refusedBy = (host: string) =>
  new PdlError('CONNECT', `Cannot connect to ${host}: refused`, { reason: 'ECONNREFUSED' });

test('a 429 parks the host until Retry-After, all its lines listen, and it is no try', async () => {
  const clock = fakeClock(1);
  const starts: number[] = [];
  const transfer: Transfer = async () => {
    starts.push(clock.now());
    await sleep(clock, 10);
    if (starts.length === 1) throw status(429, 5_000);
    return kept;
  };
  const made = world(clock, { maxWorkers: 1, retry: 0 }, urls(5), transfer);
  const results = await clock.until(made.all());
  assert.equal(
    results.every((result) => result.status === 'saved'),
    true,
  );
  assert.equal(starts[1]! - starts[0]! >= 5_010 && starts[1]! - starts[0]! <= 5_600, true);
  assert.deepEqual(
    made.events.filter((event) => event.type === 'wait').map((event) => event.why),
    ['retry-after'],
  );
});

test('seats are halved once per park, however many answers were on their way', async () => {
  const clock = fakeClock(2);
  let running = 0;
  let most = 0;
  let storm = true;
  const transfer: Transfer = async () => {
    running += 1;
    most = Math.max(most, running);
    await sleep(clock, 100 + clock.random() * 50);
    running -= 1;
    if (storm) throw status(429, 1_000);
    return kept;
  };
  const made = world(clock, { maxWorkers: 8 }, urls(16), transfer);
  const done = made.all();
  await clock.advance(160);
  assert.equal(most, 8);
  storm = false;
  most = 0;
  await clock.advance(1_150);
  assert.equal(most, 4, 'four of eight seats after one park');
  await clock.until(done);
});

test('while a host is parked the others go on at full speed', async () => {
  const clock = fakeClock(3);
  const transfer: Transfer = async (task) => {
    await sleep(clock, 10);
    if (hostOf(task.url) === 'bad' && clock.now() < 60_000) throw status(503, 60_000);
    return kept;
  };
  const made = world(clock, { maxWorkers: 2 }, [...urls(10, 'bad'), ...urls(100, 'good')], transfer);
  const started = clock.now();
  let goodDone = 0;
  const done = (async () => {
    for (const result of await made.all()) if (hostOf(result.url) === 'good') goodDone += 1;
  })();
  await clock.advance(100 * 10 + 100);
  const starts = made.events.filter((event) => event.type === 'start' && event.host === 'good').length;
  assert.equal(starts, 100);
  await clock.until(done);
  assert.equal(goodDone, 100);
  assert.equal(clock.now() - started >= 60_000, true);
});

test('a clean spell gives one seat back: after 20 answers, or 60 s', async () => {
  const clock = fakeClock(4);
  const running = { now: 0, most: 0 };
  let limited = true;
  const transfer: Transfer = async () => {
    running.now += 1;
    running.most = Math.max(running.most, running.now);
    await sleep(clock, 1_000);
    running.now -= 1;
    if (limited) {
      limited = false;
      throw status(429, 1_000);
    }
    return kept;
  };
  const made = world(clock, { maxWorkers: 4 }, urls(200), transfer);
  const done = made.all();
  await clock.advance(4_000);
  running.most = 0;
  await clock.advance(5_000);
  assert.equal(running.most, 2);
  await clock.until(done);
  assert.equal(running.most, 4);

  // By time alone: long transfers give few answers.
  const slowly = fakeClock(5);
  let first = true;
  let busy = 0;
  let most = 0;
  const longOnes: Transfer = async () => {
    busy += 1;
    most = Math.max(most, busy);
    await sleep(slowly, first ? 10 : 300_000);
    busy -= 1;
    if (first) {
      first = false;
      throw status(429, 1_000);
    }
    return kept;
  };
  const long = world(slowly, { maxWorkers: 2 }, urls(6), longOnes);
  const all = long.all();
  await slowly.advance(30_000);
  await slowly.advance(40_000);
  assert.equal(busy, 2, 'the second seat came back while the first was in use');
  await slowly.until(all);
});

test('a 429 storm without end fails each line as RATE_LIMITED after ten, never faster than the pauses', async () => {
  const clock = fakeClock(6);
  let requests = 0;
  const transfer: Transfer = async () => {
    requests += 1;
    await sleep(clock, 5);
    throw status(429);
  };
  const made = world(clock, { maxWorkers: 8, retry: 3 }, urls(20), transfer);
  const started = clock.now();
  const results = await clock.until(made.all());
  assert.equal(results.length, 20);
  for (const result of results) {
    assert.equal(result.status === 'failed' && result.error.code, 'RATE_LIMITED');
    assert.equal(result.status === 'failed' && result.permanent, false);
  }
  assert.equal(requests, 200);
  // After eight and four and two at once it is one request per pause, of 30 to 60 s in the end.
  assert.equal((clock.now() - started) / requests > 15_000, true);
});

test('Retry-After beyond patience fails that line at once; a host that insists is left alone', async () => {
  const clock = fakeClock(7);
  let requests = 0;
  const transfer: Transfer = async () => {
    requests += 1;
    await sleep(clock, 5);
    throw status(429, 1e12);
  };
  const made = world(clock, { maxWorkers: 4 }, urls(1_000), transfer);
  const started = clock.now();
  const results = await clock.until(made.all());
  assert.equal(results.length, 1_000);
  assert.equal(
    results.every((result) => result.status === 'failed' && result.error.code === 'RATE_LIMITED'),
    true,
  );
  assert.ok(requests <= 6, `${requests} requests to a host that asked to be left alone`);
  assert.equal(clock.now() - started < 10_000, true);
});

test('one line with an absurd Retry-After does not cost the others theirs', async () => {
  const clock = fakeClock(8);
  const transfer: Transfer = async (task) => {
    await sleep(clock, 5);
    if (task.url.endsWith('/0')) throw status(503, 1e15);
    return kept;
  };
  const results = await clock.until(world(clock, { maxWorkers: 2 }, urls(10), transfer).all());
  assert.equal(results.filter((result) => result.status === 'saved').length, 9);
});

test('a 503 that names no time parks the host from the second in a row, and is a try', async () => {
  const clock = fakeClock(9);
  const starts: number[] = [];
  let bad = 2;
  const transfer: Transfer = async () => {
    starts.push(clock.now());
    await sleep(clock, 10);
    if (bad-- > 0) throw status(503);
    return kept;
  };
  const made = world(clock, { maxWorkers: 1, retry: 0 }, urls(4), transfer);
  const results = await clock.until(made.all());
  assert.equal(results.filter((result) => result.status === 'failed').length, 2);
  assert.ok(starts[1]! - starts[0]! < 20, 'the first one alone says nothing');
  assert.equal(starts[2]! - starts[1]! >= 500, true);
});

test('5,000 lines on a refusing host beside 50 on a good one: few connects, bounded time, the good ones not slowed', async () => {
  const clock = fakeClock(10);
  let connects = 0;
  let lastGood = 0;
  const transfer: Transfer = async (task) => {
    if (hostOf(task.url) === 'dead') {
      connects += 1;
      await sleep(clock, 1);
      throw refusedBy('dead');
    }
    await sleep(clock, 100);
    lastGood = clock.now();
    return kept;
  };
  const made = world(clock, { maxWorkers: 8 }, [...urls(5_000, 'dead'), ...urls(50, 'good')], transfer);
  const started = clock.now();
  const results = await clock.until(made.all());
  assert.ok(connects <= 5 + 8 + 3, `${connects} connects`);
  assert.ok(lastGood - started < 1_500, 'the good host is done in the time of its own transfers');
  assert.equal(clock.now() - started < 100_000, true);
  const dead = results.filter((result) => hostOf(result.url) === 'dead');
  assert.equal(dead.length, 5_000);
  assert.equal(
    dead.every((result) => result.status === 'failed' && result.error.code === 'HOST_DOWN' && !result.permanent),
    true,
  );
  assert.equal(results.filter((result) => result.status === 'saved').length, 50);
});

test('a host that comes back after a park loses no line, and stays no longer suspect', async () => {
  const clock = fakeClock(11);
  const transfer: Transfer = async () => {
    await sleep(clock, 10);
    if (clock.now() < 40_000) throw refusedBy('h');
    return kept;
  };
  const made = world(clock, { maxWorkers: 4, retry: 1 }, urls(30), transfer);
  const results = await clock.until(made.all());
  const saved = results.filter((result) => result.status === 'saved').length;
  assert.equal(saved, 30);
  assert.equal(clock.now() < 70_000, true);
});

test('after a park one probe goes alone; its answer alone lets the others follow', async () => {
  const clock = fakeClock(12);
  let running = 0;
  let most = 0;
  const transfer: Transfer = async (task) => {
    running += 1;
    most = Math.max(most, running);
    const up = clock.now() > 20_000;
    await sleep(clock, 10);
    if (up) {
      await task.onHead?.({ status: 200, url: task.url, offset: 0, headers: {} });
      await sleep(clock, 50_000);
    }
    running -= 1;
    if (!up) throw refusedBy('h');
    return kept;
  };
  const made = world(clock, { maxWorkers: 4 }, urls(8), transfer);
  const done = made.all();
  // After parks of 0.5, 1 and 2 s it is in one of 30 s now.
  await clock.advance(20_000);
  most = 0;
  while (running === 0) await clock.advance(5);
  await clock.advance(5);
  assert.equal(most, 1);
  await clock.advance(100);
  assert.equal(most, 4, 'its head was enough');
  await clock.until(done);
});

test('a dead host stays known as dead for the run, and a line to it fails without a request', async () => {
  const clock = fakeClock(13);
  let connects = 0;
  async function* list() {
    yield* urls(10, 'dead');
    await sleep(clock, 600_000);
    yield 'http://dead/late';
  }
  const transfer: Transfer = async () => {
    connects += 1;
    throw refusedBy('dead');
  };
  const made = world(clock, { maxWorkers: 2 }, list(), transfer);
  const results = await clock.until(made.all());
  const late = results.find((result) => result.url === 'http://dead/late');
  assert.equal(late?.status === 'failed' && late.error.code, 'HOST_DOWN');
  assert.equal(connects < 15, true);
});

test('a park ends without a volley: one request, then each seat after its rest', async () => {
  const clock = fakeClock(14);
  const starts: number[] = [];
  let parked = 0;
  const transfer: Transfer = async () => {
    starts.push(clock.now());
    await sleep(clock, 10);
    if (starts.length === 20 && parked === 0) {
      parked = clock.now();
      throw status(429, 100_000);
    }
    return kept;
  };
  await clock.until(world(clock, { maxWorkers: 8, delay: '1-4' }, urls(60), transfer).all());
  const after = starts.filter((at) => at >= parked + 100_000);
  assert.equal(after.length > 30, true);
  assert.ok(after[1]! - after[0]! >= 1_000, `${after.slice(0, 4)}`);
});

test('Retry-After of 0, or of a moment ago, is no leave to ask at once', async () => {
  const clock = fakeClock(15);
  let requests = 0;
  const started = clock.now();
  const transfer: Transfer = async () => {
    requests += 1;
    await sleep(clock, 1);
    if (clock.now() - started < 10_000) throw status(requests % 2 === 0 ? 429 : 503, 0);
    return kept;
  };
  const results = await clock.until(world(clock, { maxWorkers: 8 }, urls(50), transfer).all());
  assert.equal(results.filter((result) => result.status === 'saved').length, 50);
  assert.ok(requests <= 50 + 30, `${requests} requests for 50 lines`);
});

test('dead links beside living hosts end in about the time of one line and its retries', async () => {
  const clock = fakeClock(16);
  const failures: Record<string, () => PdlError> = {
    refuses: () => refusedBy('h'),
    'does not exist': () => new PdlError('DNS', 'Cannot find the address of h: x', { reason: 'ENOTFOUND' }),
    resets: () => new PdlError('RESET', 'Cannot fetch: reset'),
    'fails TLS': () => new PdlError('TLS', 'Cannot trust h: expired', { reason: 'CERT_HAS_EXPIRED' }),
  };
  for (const [how, failure] of Object.entries(failures))
    for (const share of [10, 50, 95]) {
      const lines = Array.from({ length: 2_000 }, (_, at) => `http://h${at % 200}/${at}`);
      const transfer: Transfer = async (task) => {
        const dead = Number(hostOf(task.url).slice(1)) < 2 * share;
        await sleep(clock, dead ? 1 : 20);
        if (dead) throw failure();
        return kept;
      };
      const started = clock.now();
      const made = world(clock, { maxWorkers: 16 }, lines, transfer);
      const results = await clock.until(made.all());
      assert.equal(results.filter((result) => result.status === 'saved').length, 20 * (100 - share));
      assert.equal(made.run.stopped, null);
      const ms = clock.now() - started;
      assert.ok(ms < 6_000, `${share} % of the hosts: ${how}, ${ms} ms`);
    }
});

test('a name that does not exist is asked for once, and fails all its lines for good', async () => {
  const clock = fakeClock(17);
  let asked = 0;
  const transfer: Transfer = async () => {
    asked += 1;
    await sleep(clock, 1);
    throw new PdlError('DNS', 'Cannot find the address of h: there is no such name', { reason: 'ENOTFOUND' });
  };
  const results = await clock.until(world(clock, { maxWorkers: 2 }, urls(100), transfer).all());
  assert.ok(asked <= 2, `${asked} look-ups`);
  for (const result of results) {
    assert.equal(result.status === 'failed' && result.error.code, 'DNS');
    assert.equal(result.status === 'failed' && result.permanent, true);
    assert.equal(
      result.status === 'failed' && result.error.message,
      'Cannot find the address of h: there is no such name',
    );
  }
});

test('a host that has answered before is waited for longer than a dead link', async () => {
  const clock = fakeClock(18);
  const transfer: Transfer = async (task) => {
    await sleep(clock, 10);
    if (hostOf(task.url) === 'h' && clock.now() > 1_300 && clock.now() < 60_000) throw refusedBy('h');
    return kept;
  };
  const list = [...urls(1), ...urls(100, 'other'), ...urls(100)];
  const results = await clock.until(world(clock, { maxWorkers: 4 }, list, transfer).all());
  assert.equal(results.filter((result) => result.status === 'saved').length, 201);
});

test('a kept connection that was closed meanwhile is no strike against its host', async () => {
  const clock = fakeClock(19);
  const transfer: Transfer = async (task) => {
    await sleep(clock, 1);
    if (task.attempt === 1) throw new PdlError('PROXY', 'Cannot fetch: closed', { stale: true });
    return kept;
  };
  const started = clock.now();
  const made = world(clock, { maxWorkers: 8, retry: 0 }, urls(200), transfer);
  const results = await clock.until(made.all());
  assert.equal(results.filter((result) => result.status === 'saved').length, 200);
  assert.ok(clock.now() - started < 200, `${clock.now() - started} ms`);
  assert.equal(
    made.events.some((event) => event.type === 'wait'),
    false,
  );
});

test('hosts that were waited for while none answered are dead links once one does', async () => {
  const clock = fakeClock(20);
  const transfer: Transfer = async (task) => {
    const late = hostOf(task.url) === 'late';
    await sleep(clock, late ? 10_000 : 1);
    if (!late) throw refusedBy(hostOf(task.url));
    return kept;
  };
  const lines = ['http://late/', ...Array.from({ length: 500 }, (_, at) => `http://h${at % 50}/${at}`)];
  const started = clock.now();
  const results = await clock.until(world(clock, { maxWorkers: 8 }, lines, transfer).all());
  assert.equal(results.length, 501);
  assert.ok(clock.now() - started < 11_000, `${clock.now() - started} ms`);
});
