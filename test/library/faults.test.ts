/** Layers that go wrong hurt no line but their own. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  after,
  before,
  type Layer,
  onError,
  onResponse,
  type Task,
  type Transfer,
  UsageError,
} from '../../src/index.ts';
import { brief, messageOf, run, url, wire } from './wire.ts';

const throwing: Record<string, () => Layer> = {
  'a sync hook': () =>
    before(function picky(job) {
      if (job.url.endsWith('/bad')) throw new Error('boom');
    }),
  'an async hook': () =>
    before(async function picky(job) {
      await null;
      if (job.url.endsWith('/bad')) throw new Error('boom');
    }),
  'a hook after the file': () =>
    after(async function picky(kept) {
      if (kept.finalUrl.endsWith('/bad')) throw new Error('boom');
    }),
  'a whole layer, sync': () =>
    function picky(next) {
      return (task) => {
        if (task.job.url.endsWith('/bad')) throw new Error('boom');
        return next(task);
      };
    },
  'a layer that throws a text': () =>
    function picky(next) {
      return async (task) => {
        if (task.job.url.endsWith('/bad')) throw 'boom';
        return next(task);
      };
    },
};

for (const [what, layer] of Object.entries(throwing)) {
  test(`${what} that throws fails its own line with HOOK and its name, and no other`, async () => {
    const all = ['/a', '/bad', '/b', '/c'].map((path) => url(path));
    const { results } = await run(all, { transport: wire(), layers: [layer()] });
    assert.deepEqual(results.map(brief).sort(), ['failed /bad HOOK', 'saved /a', 'saved /b', 'saved /c']);
    const failed = results.find(({ status }) => status === 'failed')!;
    assert.equal(messageOf(failed), 'Cannot run the hook picky: boom');
    assert.equal(failed.status === 'failed' && failed.permanent, true);
  });
}

test('a hook that throws is not retried', async () => {
  const transport = wire();
  const hook = onResponse(() => {
    throw new Error('no');
  });
  await run([url('/a')], { transport, layers: [hook], retry: 5 });
  assert.deepEqual(transport.log, ['/a']);
});

test('a layer without an outcome fails its line and says what is missing', async () => {
  const forgetful = ((next: Transfer) => async (task: Task) => {
    await next(task);
  }) as unknown as Layer;
  const { results } = await run([url('/a')], { transport: wire(), layers: [forgetful] });
  assert.deepEqual(results.map(brief), ['failed /a HOOK']);
  assert.match(messageOf(results[0]!), /return next\(task\)/);
});

test('an outcome that is none of a user’s is refused: a redirect, a status there is not', async () => {
  for (const wrong of [{ status: 'moved', to: url('/b'), httpStatus: 302 }, { status: 'done' }, 'saved', null]) {
    const layer = (() => async () => wrong) as unknown as Layer;
    const { results } = await run([url('/a')], { transport: wire(), layers: [layer] });
    assert.deepEqual(results.map(brief), ['failed /a HOOK'], JSON.stringify(wrong));
  }
});

test('a layer that makes no function of next is wrong use, before any request', async () => {
  const transport = wire();
  const layer = (async () => async () => ({})) as unknown as Layer;
  await assert.rejects(run([url('/a')], { transport, layers: [layer] }), UsageError);
  assert.deepEqual(transport.log, []);
  assert.ok(transport.closed, 'what was opened is closed');
});

for (const make of [before, onResponse, onError, after]) {
  test(`${make.name} takes a function only`, () => {
    assert.throws(() => make('not a function' as never), {
      name: 'UsageError',
      message: `Cannot use ${make.name}(not a function): allowed is a function`,
    });
  });
}
