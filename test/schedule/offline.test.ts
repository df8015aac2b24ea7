import assert from 'node:assert/strict';
import test from 'node:test';
import { sleep } from '../../src/clock.ts';
import { PdlError } from '../../src/errors.ts';
import type { Transfer } from '../../src/types.ts';
import { hostOf } from '../../src/url.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { kept, world } from './world.ts';

const noName = (host: string) => new PdlError('DNS', `Cannot find ${host}`, { reason: 'EAI_AGAIN' });
const across = (hosts: number, each = 1) => Array.from({ length: hosts * each }, (_, i) => `http://h${i % hosts}/${i}`);

test('without a network no line is burnt: the run is parked and probed each 30 s, then goes on', async () => {
  const clock = fakeClock(1);
  let asked = 0;
  const downUntil = clock.now() + 200_000;
  const transfer: Transfer = async (task) => {
    asked += 1;
    await sleep(clock, 10);
    if (clock.now() < downUntil) throw noName(hostOf(task.url));
    return kept;
  };
  const made = world(clock, { maxWorkers: 8, retry: 1 }, across(50, 4), transfer);
  const done = made.all();
  await clock.advance(199_000);
  // The eight that ran, two that took the place of the first to fail, one to be sure, and one each 30 s.
  assert.ok(asked <= 8 + 2 + 1 + 6, `${asked} requests without a network`);
  const results = await clock.until(done);
  assert.equal(results.filter((result) => result.status === 'saved').length, 200);
  assert.equal(made.run.stopped, null);
  assert.equal(
    made.events.some((event) => event.type === 'wait' && event.why === 'offline'),
    true,
  );
});

test('a network that stays down ends the run after --retry-max-time, all its lines left', async () => {
  const clock = fakeClock(2);
  const transfer: Transfer = async (task) => {
    await sleep(clock, 10);
    throw noName(hostOf(task.url));
  };
  const made = world(clock, { maxWorkers: 8, retryMaxTime: 300 }, across(20, 5), transfer);
  const started = clock.now();
  const results = await clock.until(made.all());
  assert.equal(made.run.stopped, 'offline');
  assert.deepEqual(results, []);
  assert.equal(made.left, 100);
  assert.equal(clock.now() - started < 302_000, true);
});

test('a list with many dead hosts is no dead network: it costs a round trip, not half a minute', async () => {
  const clock = fakeClock(3);
  const transfer: Transfer = async (task) => {
    await sleep(clock, 10);
    const host = Number(hostOf(task.url).slice(1));
    if (host % 10 < 6) throw noName(hostOf(task.url));
    return kept;
  };
  const made = world(clock, { maxWorkers: 4, retry: 2 }, across(300), transfer);
  const started = clock.now();
  const results = await clock.until(made.all());
  assert.equal(made.run.stopped, null);
  assert.equal(results.filter((result) => result.status === 'saved').length, 120);
  const failed = results.filter((result) => result.status === 'failed');
  assert.equal(failed.length, 180);
  assert.equal(
    failed.every((result) => result.status === 'failed' && result.error.code === 'DNS' && result.attempts === 3),
    true,
  );
  assert.ok(clock.now() - started < 20_000, `${clock.now() - started} ms`);
});

test('bytes that flow speak for the network, though all else fails', async () => {
  const clock = fakeClock(4);
  const transfer: Transfer = async (task) => {
    if (hostOf(task.url) === 'h0') {
      for (let second = 0; second < 1_000; second += 1) {
        await sleep(clock, 1_000, task.signal);
        task.meter.received += 1;
      }
      return kept;
    }
    await sleep(clock, 10);
    throw noName(hostOf(task.url));
  };
  const made = world(clock, { maxWorkers: 8, retry: 1 }, across(5), transfer);
  const results = await clock.until(made.all());
  assert.equal(made.run.stopped, null);
  assert.deepEqual(
    results.map((result) => result.status),
    ['failed', 'failed', 'failed', 'failed', 'saved'],
  );
});

test('one host alone is never taken for the network', async () => {
  const clock = fakeClock(5);
  const transfer: Transfer = async (task) => {
    throw noName(hostOf(task.url));
  };
  const made = world(clock, { retry: 2 }, ['http://a/', 'http://b/'], transfer);
  const results = await clock.until(made.all());
  assert.equal(
    results.every((result) => result.status === 'failed' && result.error.code === 'DNS'),
    true,
  );
});

test('a signal during an outage ends the run at once', async () => {
  const clock = fakeClock(6);
  const transfer: Transfer = async (task) => {
    await sleep(clock, 10);
    throw noName(hostOf(task.url));
  };
  const controller = new AbortController();
  const made = world(clock, { signal: controller.signal }, across(20), transfer);
  const done = made.all();
  await clock.advance(5_000);
  controller.abort();
  const at = clock.now();
  assert.deepEqual(await clock.until(done), []);
  assert.equal(clock.now(), at);
  assert.equal(made.left, 20);
});

test('bytes that flow again end an outage before any probe does', async () => {
  const clock = fakeClock(7);
  let probes = 0;
  const transfer: Transfer = async (task) => {
    if (hostOf(task.url) === 'h0') {
      await sleep(clock, 20_000);
      for (let second = 0; second < 60; second += 1) {
        await sleep(clock, 1_000);
        task.meter.received += 1;
      }
      return kept;
    }
    await sleep(clock, 10);
    if (clock.now() > 15_000) probes += 1;
    throw noName(hostOf(task.url));
  };
  const made = world(clock, { maxWorkers: 8, retry: 0 }, across(6), transfer);
  const done = made.all();
  await clock.advance(30_000);
  assert.equal(probes, 0);
  // The network is known to be up again: the others are tried, and fail by themselves.
  await clock.advance(4_000);
  assert.equal(probes >= 1, true);
  const results = await clock.until(done);
  assert.equal(results.at(-1)?.status, 'saved');
  assert.equal(results.length, 6);
  assert.equal(made.run.stopped, null);
});

test('even under --retry 0 only those are lost that failed before there was a suspicion', async () => {
  const clock = fakeClock(8);
  const downUntil = clock.now() + 50_000;
  const transfer: Transfer = async (task) => {
    await sleep(clock, 10);
    if (clock.now() < downUntil) throw noName(hostOf(task.url));
    return kept;
  };
  const made = world(clock, { maxWorkers: 8, retry: 0 }, across(50), transfer);
  const results = await clock.until(made.all());
  assert.equal(results.filter((result) => result.status === 'failed').length, 2);
  assert.equal(results.filter((result) => result.status === 'saved').length, 48);
});

test('refusals, resets, missing names and failed handshakes are answers: the network is up', async () => {
  const answers = [
    new PdlError('CONNECT', 'Cannot connect: refused', { reason: 'ECONNREFUSED' }),
    new PdlError('CONNECT', 'Cannot connect: reset', { reason: 'ECONNRESET' }),
    new PdlError('TLS', 'Cannot trust: reset', { reason: 'ECONNRESET' }),
    new PdlError('TLS', 'Cannot trust: expired', { reason: 'CERT_HAS_EXPIRED' }),
    new PdlError('DNS', 'Cannot find: no such name', { reason: 'ENOTFOUND' }),
    new PdlError('RESET', 'Cannot fetch: reset'),
  ];
  for (const answer of answers) {
    const clock = fakeClock(9);
    const transfer: Transfer = async () => {
      await sleep(clock, 1);
      throw answer;
    };
    const made = world(clock, { maxWorkers: 4, retry: 0 }, across(50), transfer);
    const results = await clock.until(made.all());
    assert.equal(results.length, 50, answer.message);
    assert.equal(
      made.events.some((event) => event.type === 'wait' && event.why === 'offline'),
      false,
      answer.message,
    );
  }
});

test('only silence is evidence, in each of its forms', async () => {
  const silences = [
    new PdlError('TIMEOUT', 'Cannot connect: timed out', { reason: 'connect' }),
    ...['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL'].map(
      (reason) => new PdlError('CONNECT', `Cannot connect: ${reason}`, { reason }),
    ),
    new PdlError('DNS', 'Cannot find: no answer', { reason: 'EAI_AGAIN' }),
    new PdlError('PROXY', 'Cannot use the proxy: no answer', { reason: 'ENETUNREACH' }),
  ];
  for (const silence of silences) {
    const clock = fakeClock(10);
    const until = clock.now() + 40_000;
    const transfer: Transfer = async () => {
      await sleep(clock, 1);
      if (clock.now() < until) throw silence;
      return kept;
    };
    const made = world(clock, { maxWorkers: 4, retry: 1 }, across(50), transfer);
    const results = await clock.until(made.all());
    assert.equal(results.filter((result) => result.status === 'saved').length, 50, silence.message);
    assert.equal(
      made.events.some((event) => event.type === 'wait' && event.why === 'offline'),
      true,
      silence.message,
    );
  }
});
