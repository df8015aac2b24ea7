import assert from 'node:assert/strict';
import test from 'node:test';
import { PdlError, UsageError } from '../../src/errors.ts';
import { hooked } from '../../src/schedule/hook.ts';
import { openRun } from '../../src/schedule/run.ts';
import { refused, settle } from '../../src/schedule/settle.ts';
import { skip } from '../../src/schedule/skip.ts';
import { stack } from '../../src/schedule/stack.ts';
import type { Answer, Failed, Head, Job, Layer, Passed, Store, Task, Transfer } from '../../src/types.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { jobOf, kept, taskOf } from './world.ts';

const clock = fakeClock();
const run = openRun({ signal: null }, clock);
const task = (url = 'http://user:secret@h/a') => taskOf(jobOf(url), clock, run);
const save: Transfer = async () => kept;
const head: Head = { status: 200, url: 'http://h/a', offset: 0, headers: {} };
const withHead: Transfer = async (given) => {
  await given.onHead?.(head);
  return kept;
};

async function failureOf(layer: Layer, next: Transfer = save): Promise<Failed['error']> {
  const result = await settle(task(), stack([hooked(layer)], next), { clock, ending: false });
  assert.equal(result?.status, 'failed');
  return (result as Failed).error;
}

test('layers stand around a transfer, the first one outermost', async () => {
  const order: string[] = [];
  const named =
    (name: string): Layer =>
    (next) =>
    async (given) => {
      order.push(name);
      return next(given);
    };
  await stack([named('a'), named('b')], save)(task());
  assert.deepEqual(order, ['a', 'b']);
});

test('what a hook throws fails its own line with HOOK and its name', async () => {
  function checkPrices(): Transfer {
    return async () => {
      throw new RangeError('no price');
    };
  }
  assert.deepEqual(
    { ...(await failureOf(checkPrices)), cause: null },
    { code: 'HOOK', message: 'Cannot run the hook checkPrices: no price', cause: null },
  );
  const thrown: Layer = () => () => {
    throw 'a bare text';
  };
  assert.match((await failureOf(thrown)).message, /thrown: a bare text/);
});

test('a PdlError passes a hook as it is, its own too', async () => {
  const pass: Layer = (next) => (given) => next(given);
  const reset: Transfer = async () => {
    throw new PdlError('RESET', 'cut');
  };
  assert.equal((await failureOf(pass, reset)).code, 'RESET');
  const own: Layer = () => async () => {
    throw new PdlError('WRONG_TYPE', 'mine');
  };
  assert.equal((await failureOf(own)).code, 'WRONG_TYPE');
});

test("a bug below is not blamed on the user's hook", async () => {
  const pass: Layer = (next) => async (given) => next(given);
  const bug: Transfer = async () => {
    throw new TypeError('bug');
  };
  await assert.rejects(settle(task(), stack([hooked(pass), hooked(pass)], bug), { clock, ending: false }), TypeError);
});

test('a hook that forgets to return is told so', async () => {
  const forgets = ((next: Transfer) => async (given: Task) => {
    await next(given);
  }) as unknown as Layer;
  assert.match((await failureOf(forgets)).message, /return next\(task\)/);
});

test('a layer that is no layer is wrong use, at once', () => {
  assert.throws(() => stack([hooked((() => 7) as unknown as Layer)], save), UsageError);
});

test('what onHead throws is HOOK too; a PdlError stays', async () => {
  const drafts: Layer = (next) => (given) =>
    next({
      ...given,
      onHead: () => {
        throw new Error('a draft');
      },
    });
  const told = await failureOf(drafts, withHead);
  assert.equal(told.code, 'HOOK');
  assert.match(told.message, /drafts.*a draft/);
  const typed: Layer = (next) => (given) =>
    next({
      ...given,
      onHead: async () => {
        throw new PdlError('WRONG_TYPE', 'no image');
      },
    });
  assert.equal((await failureOf(typed, withHead)).code, 'WRONG_TYPE');
});

test('task.fetch inside onHead is refused, around next it is not', async () => {
  const asking: Layer = (next) => async (given) =>
    next({
      ...given,
      onHead: async () => {
        await given.fetch('http://h/more');
      },
    });
  const told = await failureOf(asking, withHead);
  assert.equal(told.code, 'HOOK');
  assert.match(told.message, /task\.fetch/);

  const answer: Answer = {
    status: 200,
    url: '',
    headers: {},
    body: new Uint8Array(),
    text: () => 'yes',
    json: () => null,
  };
  const around: Layer = (next) => async (given) => {
    const before = await given.fetch('http://h/before');
    const outcome = await next(given);
    const [one, two] = await Promise.all([given.fetch('http://h/1'), given.fetch('http://h/2')]);
    return { ...outcome, data: before.text() + one.text() + two.text() } as typeof outcome;
  };
  const result = await settle({ ...task(), fetch: async () => answer }, stack([hooked(around)], withHead), {
    clock,
    ending: false,
  });
  assert.equal(result?.data, 'yesyesyes');
});

test('a line becomes a result without its userinfo, with what a layer attached', async () => {
  const given = task();
  given.meter.readAt = clock.now() - 70;
  given.meter.startedAt = clock.now() - 50;
  given.meter.attempts = 2;
  given.meter.waitedMs = 20.4;
  const result = await settle(given, async () => ({ ...kept, data: { price: 3 } }), { clock, ending: false });
  assert.deepEqual(
    { ...result, job: undefined },
    {
      seq: 0,
      at: '',
      source: 'test',
      line: 1,
      url: 'http://h/a',
      attempts: 2,
      queuedMs: 20,
      waitedMs: 20,
      durationMs: 50,
      job: undefined,
      ...kept,
      data: { price: 3 },
    },
  );
});

test('a failure tells its facts; userinfo stays in the raw text alone', async () => {
  const fail: Transfer = async () => {
    throw new PdlError('HTTP_STATUS', 'Cannot fetch http://h/a: the server answered 404', {
      status: 404,
      url: 'http://h/b',
    });
  };
  const result = (await settle(task(), fail, { clock, ending: false })) as Failed;
  assert.deepEqual([result.httpStatus, result.finalUrl, result.permanent], [404, 'http://h/b', true]);
  assert.equal(result.text, 'http://user:secret@h/a');
  assert.equal(!JSON.stringify({ ...result, text: '', job: null }).includes('secret'), true);
});

test('a line that a stop cut off is left, begun or not; one that its own layer cut off has failed', async () => {
  const cut: Transfer = async () => {
    throw new PdlError('ABORTED', 'stopped');
  };
  assert.equal(await settle(task(), cut, { clock, ending: true }), null);
  const begun = task();
  begun.meter.startedAt = clock.now();
  assert.equal(await settle(begun, cut, { clock, ending: true }), null);
  assert.equal((await settle(begun, cut, { clock, ending: false }))?.status, 'failed');
});

test('a bad line is shown without userinfo, control bytes and length', () => {
  const origin = { source: 'urls.txt', number: 7, text: `http://me:pw@h/\u001b[2J\u202e${'x'.repeat(500)}` };
  const result = refused(origin, new PdlError('BAD_LINE', 'Cannot read line 7: no URL'));
  assert.equal(result.url.length === 81 && result.url.endsWith('…') && !/[\p{C}]|pw/u.test(result.url), true);
  for (const text of ['ftp://me:pw@h/', 'http://me:p/pw@h/'])
    assert.doesNotMatch(refused({ ...origin, text }, new PdlError('BAD_LINE', 'Cannot read it')).url, /pw/);
  assert.deepEqual([result.line, result.permanent, result.text], [7, true, origin.text]);
});

test('what a store knows is passed without a request, and what was saved is recorded', async () => {
  const exists: Passed = { status: 'skipped', reason: 'exists', path: 'a' };
  const added: Job[] = [];
  let asked = 0;
  const store = (answer: Store['skip']): Store => ({ skip: answer, add: (job) => void added.push(job) });
  const counting: Transfer = async () => {
    asked += 1;
    return kept;
  };
  for (const known of [() => exists, async () => exists])
    assert.deepEqual(await stack([skip(store(known))], counting)(task()), exists);
  assert.equal(asked, 0);
  for (const unknown of [() => null, async () => null])
    assert.equal(await stack([skip(store(unknown))], counting)(task()), kept);
  assert.equal(asked, 2);
  assert.equal(added.length, 2);
  const passing: Transfer = async () => exists;
  await stack([skip(store(() => null))], passing)(task());
  assert.equal(added.length, 2, 'only what was saved');
});
