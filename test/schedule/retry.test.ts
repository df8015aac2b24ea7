import assert from 'node:assert/strict';
import test from 'node:test';
import { sleep } from '../../src/clock.ts';
import { type ErrorCode, errorCodes, type Facts, PdlError } from '../../src/errors.ts';
import { asksToWait, isPermanent, retryDelay } from '../../src/schedule/retry-policy.ts';
import type { Transfer } from '../../src/types.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { kept, world } from './world.ts';

const half = () => 0.5;
const error = (code: ErrorCode, facts: Facts = {}) => new PdlError(code, 'x', facts);
const delay = (of: PdlError, tries = 1, retry = 3) => retryDelay(of, tries, { retry }, half);

test('equal jitter: half fixed, half random, from 0.5 s, doubled for each try, at most 60 s', () => {
  const reset = error('RESET');
  for (const [tries, most] of [
    [1, 500],
    [2, 1_000],
    [3, 2_000],
    [20, 60_000],
    [1_000, 60_000],
  ] as const) {
    assert.equal(
      retryDelay(reset, tries, { retry: 1_000 }, () => 0),
      most / 2,
    );
    assert.equal(delay(reset, tries, 1_000), (most * 3) / 4);
  }
});

test('--retry N is N retries after the first try', () => {
  assert.notEqual(delay(error('RESET'), 3, 3), null);
  assert.equal(delay(error('RESET'), 4, 3), null);
  assert.equal(delay(error('RESET'), 1, 0), null);
});

const statuses: [number[], boolean][] = [
  [[408, 425, 429, 500, 502, 503, 504, 506, 507, 508, 509, 520, 524, 525, 526, 530, 598, 599], true],
  [[204, 205, 304, 400, 401, 403, 404, 405, 407, 410, 416, 451, 501, 505, 511, 600, 999], false],
];
for (const [codes, retried] of statuses)
  test(`statuses ${codes.join(' ')} are ${retried ? 'tried again' : 'final'}`, () => {
    for (const status of codes) {
      assert.equal(delay(error('HTTP_STATUS', { status })) !== null, retried, String(status));
      assert.equal(isPermanent(error('HTTP_STATUS', { status })), !retried, String(status));
    }
  });

/** Code, facts, retries that it is worth (of 3), permanent. */
const table: [ErrorCode, Facts, number, boolean][] = [
  ['DNS', { reason: 'EAI_AGAIN' }, 3, false],
  ['DNS', { reason: 'ENOTFOUND' }, 0, true],
  ['HTTP_STATUS', { status: 403 }, 0, true],
  ['HTTP_STATUS', { status: 403, retryAfterMs: 1_000 }, 3, false],
  ['HTTP_STATUS', { status: 202, retryAfterMs: 0 }, 3, false],
  ['CONNECT', { reason: 'ECONNREFUSED' }, 3, false],
  ['RESET', {}, 3, false],
  ['TRUNCATED', {}, 3, false],
  ['TIMEOUT', {}, 3, false],
  ['TOO_SLOW', {}, 3, false],
  ['PROXY', {}, 3, false],
  ['PROXY', { status: 407 }, 0, true],
  ['PROXY', { reason: 'login' }, 0, true],
  ['TLS', { reason: 'CERT_HAS_EXPIRED' }, 0, true],
  ['TLS', { reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 0, true],
  ['TLS', { reason: 'ECONNRESET' }, 3, false],
  ['BAD_RESPONSE', {}, 1, true],
  ['CHECKSUM', {}, 1, true],
  ['HOST_DOWN', {}, 0, false],
  ['RATE_LIMITED', {}, 0, false],
  ['ABORTED', {}, 0, false],
  ['DISK', { reason: 'ENOSPC' }, 0, false],
  ['ROBOTS', {}, 0, false],
  ['REDIRECT', {}, 0, true],
  ['TOO_LARGE', {}, 0, true],
  ['TOO_SMALL', {}, 0, true],
  ['WRONG_TYPE', {}, 0, true],
  ['NAME', {}, 0, true],
  ['EXISTS', {}, 0, true],
  ['HOOK', {}, 0, true],
  ['PRIVATE_ADDRESS', {}, 0, true],
  ['BAD_LINE', {}, 0, true],
];
test('what each error is worth', () => {
  for (const [code, facts, retries, permanent] of table) {
    const got = [1, 2, 3, 4].filter((tries) => delay(error(code, facts), tries) !== null).length;
    assert.equal(got, retries, `${code} ${JSON.stringify(facts)}`);
    assert.equal(isPermanent(error(code, facts)), permanent, `${code} ${JSON.stringify(facts)}`);
  }
});

test('no code is without a verdict', () => {
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    assert.equal(typeof isPermanent(error(code)), 'boolean');
    assert.equal(delay(error(code), 1) !== undefined, true);
  }
});

test('429, and 503 with Retry-After, ask to wait; nothing else does', () => {
  assert.equal(asksToWait(error('HTTP_STATUS', { status: 429 })), true);
  assert.equal(asksToWait(error('HTTP_STATUS', { status: 503, retryAfterMs: 0 })), true);
  assert.equal(!asksToWait(error('HTTP_STATUS', { status: 503 })), true);
  assert.equal(!asksToWait(error('HTTP_STATUS', { status: 500, retryAfterMs: 1 })), true);
});

/** Fails with the given errors, one after the other, then saves. */
function failing(errors: PdlError[], each: (attempt: number, url: string) => void = () => {}): Transfer {
  let at = 0;
  return async (task) => {
    each(task.attempt, task.url);
    const failure = errors[at++];
    if (failure !== undefined) throw failure;
    return kept;
  };
}

test('a failed try is told, waits its backoff outside seat and worker, and is made anew from the line itself', async () => {
  const clock = fakeClock(1);
  const seen: string[] = [];
  const transfer = failing([error('RESET'), error('TRUNCATED')], (attempt, url) => seen.push(`${attempt} ${url}`));
  const made = world(clock, { maxWorkers: 1 }, ['http://h/a'], transfer);
  const [result] = await clock.until(made.all());
  assert.equal(result?.status, 'saved');
  assert.equal(result?.attempts, 3);
  assert.deepEqual(seen, ['1 http://h/a', '2 http://h/a', '3 http://h/a']);
  const told = made.events.flatMap((event) => (event.type === 'retry' ? [[event.attempt, event.code]] : []));
  assert.deepEqual(told, [
    [2, 'RESET'],
    [3, 'TRUNCATED'],
  ]);
});

test('while one line waits for its retry the worker serves others', async () => {
  const clock = fakeClock(2);
  const order: string[] = [];
  let failures = 6;
  const transfer: Transfer = async (task) => {
    await sleep(clock, 10);
    if (task.url.endsWith('/slow') && failures-- > 0) throw error('RESET');
    order.push(task.url);
    return kept;
  };
  const list = ['http://h/slow', ...Array.from({ length: 50 }, (_, i) => `http://h/${i}`)];
  await clock.until(world(clock, { maxWorkers: 1, retry: 9 }, list, transfer).all());
  assert.equal(order.at(-1), 'http://h/slow');
});

test('a reused connection that died before its answer costs no try, once', async () => {
  const clock = fakeClock(3);
  const stale = () => error('RESET', { stale: true });
  const once = world(clock, { retry: 0 }, ['http://h/a'], failing([stale()]));
  assert.equal((await clock.until(once.all()))[0]?.status, 'saved');
  const twice = world(clock, { retry: 0 }, ['http://h/a'], failing([stale(), stale()]));
  assert.equal((await clock.until(twice.all()))[0]?.status, 'failed');
});

test('--retry-max-time ends the tries of a line; requests that bring the file forward do not count', async () => {
  const clock = fakeClock(4);
  let tries = 0;
  const transfer =
    (forward: number): Transfer =>
    async (task) => {
      tries += 1;
      await sleep(clock, 4_000);
      task.meter.received += forward;
      throw error('RESET');
    };
  const idle = world(clock, { retry: 50, retryMaxTime: 10 }, ['http://h/a'], transfer(0));
  await clock.until(idle.all());
  assert.ok(tries >= 2 && tries <= 3, `${tries} tries`);
  tries = 0;
  const forward = world(clock, { retry: 6, retryMaxTime: 60 }, ['http://h/a'], transfer(1_000));
  await clock.until(forward.all());
  assert.equal(tries, 7);
});

test('an error that is no PdlError is a bug and passes through', async () => {
  const clock = fakeClock(5);
  const made = world(clock, {}, ['http://h/a'], async () => {
    throw new TypeError('x is not a function');
  });
  await assert.rejects(clock.until(made.all()), TypeError);
});

test('a try that brought bytes of a body that can be continued is no failed try', async () => {
  const clock = fakeClock(5);
  const cuts = Array.from({ length: 30 }, (_, at) => error('TRUNCATED', { held: (at + 1) * 120_000, kept: 120_000 }));
  const made = world(clock, { retry: 0, retryMaxTime: 1 }, ['http://h/a'], failing(cuts));
  const [result] = await clock.until(made.all());
  assert.deepEqual([result?.status, result?.attempts], ['saved', 31]);
});

test('a few bytes a try end with --retry-max-time, slowness with --retry', async () => {
  const clock = fakeClock(6);
  const crumbs = Array.from({ length: 1_000 }, (_, at) => error('RESET', { held: at + 1, kept: 1 }));
  const [dripped] = await clock.until(
    world(clock, { retry: 0, retryMaxTime: 10 }, ['http://h/a'], failing(crumbs)).all(),
  );
  assert.equal(dripped?.status === 'failed' && dripped.error.code, 'RESET');
  assert.ok(dripped!.attempts > 20 && dripped!.attempts < 45, `${dripped!.attempts} tries`);
  const slow = failing([error('TOO_SLOW', { held: 100, kept: 100 }), error('TOO_SLOW', { held: 200, kept: 100 })]);
  const [late] = await clock.until(world(clock, { retry: 1 }, ['http://h/a'], slow).all());
  assert.equal(late?.status === 'failed' && late.error.code, 'TOO_SLOW');
});

test('a try that brings the same bytes again is a failed one', async () => {
  const clock = fakeClock(10);
  const again = Array.from({ length: 100 }, () => error('TRUNCATED', { held: 120_000, kept: 120_000 }));
  const [result] = await clock.until(world(clock, { retry: 3 }, ['http://h/a'], failing(again)).all());
  assert.deepEqual([result?.status, result?.attempts], ['failed', 5], 'the first one counts as progress');
  const lost = failing([
    error('RESET', { held: 500_000, kept: 500_000 }),
    error('RESET', { held: 400_000, kept: 400_000 }),
  ]);
  const [dropped] = await clock.until(world(clock, { retry: 0 }, ['http://h/a'], lost).all());
  assert.equal(dropped?.status, 'failed');
});

test('before a line is given up that asked for a range, the whole file is asked for once', async () => {
  const clock = fakeClock(7);
  const whole: boolean[] = [];
  const refusing =
    (facts: Facts): Transfer =>
    async (task) => {
      whole.push(task.whole === true);
      if (!task.whole) throw error('HTTP_STATUS', { ...facts, ranged: true });
      return kept;
    };
  const forbidden = world(clock, { retry: 3 }, ['http://h/a'], refusing({ status: 403 }));
  assert.equal((await clock.until(forbidden.all()))[0]?.status, 'saved');
  assert.deepEqual(whole.splice(0), [false, true]);
  // What may pass is tried by range first: a part of gigabytes is not thrown away for a hiccup.
  const broken = world(clock, { retry: 2 }, ['http://h/a'], refusing({ status: 500 }));
  assert.equal((await clock.until(broken.all()))[0]?.status, 'saved');
  assert.deepEqual(whole.splice(0), [false, false, false, true]);
  const dead: Transfer = async (task) => {
    throw error('HTTP_STATUS', { status: 404, ranged: !task.whole });
  };
  const [gone] = await clock.until(world(clock, { retry: 3 }, ['http://h/a'], dead).all());
  assert.deepEqual([gone?.status, gone?.attempts], ['failed', 2]);
});

test('a time that the server names is a floor on every status, and is not the time of the line', async () => {
  const clock = fakeClock(8);
  for (const status of [202, 403, 404, 408, 500, 502, 504, 520]) {
    const started = clock.now();
    const asked = failing([error('HTTP_STATUS', { status, retryAfterMs: 20_000 })]);
    const [result] = await clock.until(world(clock, { retry: 1, retryMaxTime: 1 }, ['http://h/a'], asked).all());
    assert.equal(result?.status, 'saved', String(status));
    assert.ok(clock.now() - started >= 20_000, `${status}: ${clock.now() - started} ms`);
  }
  const soon = failing([error('HTTP_STATUS', { status: 500, retryAfterMs: 0 })]);
  const started = clock.now();
  await clock.until(world(clock, { retry: 1 }, ['http://h/a'], soon).all());
  assert.ok(clock.now() - started >= 250, `${clock.now() - started} ms`);
});

test('a time beyond --max-retry-after fails the line at once', async () => {
  const clock = fakeClock(9);
  const asked = failing([error('HTTP_STATUS', { status: 500, retryAfterMs: 1e15 })]);
  const [result] = await clock.until(world(clock, {}, ['http://h/a'], asked).all());
  assert.equal(result?.status === 'failed' && result.error.code, 'RATE_LIMITED');
  assert.equal(result?.attempts, 1);
});
