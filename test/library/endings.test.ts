/** Layers at the end of a line: onError, after, and an answer without the wire. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after, type Layer, onError, PdlError } from '../../src/index.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { bodyOf, brief, run, url, wire } from './wire.ts';

test('onError: swallows, replaces, or lets pass', async () => {
  const transport = wire((path) => ({ status: path === '/swallowed' ? 404 : 410 }));
  const hook = onError((error, task) => {
    assert.equal(error.code, 'HTTP_STATUS');
    if (task.job.url.endsWith('/swallowed')) return { status: 'skipped', reason: 'exists' };
    if (task.job.url.endsWith('/replaced')) throw new PdlError('TOO_SMALL', 'Cannot use it: it is gone');
    throw error;
  });
  const all = ['/swallowed', '/replaced', '/passed'].map((path) => url(path));
  const { results } = await run(all, { transport, layers: [hook] });
  assert.deepEqual(results.map(brief).sort(), [
    'failed /passed HTTP_STATUS',
    'failed /replaced TOO_SMALL',
    'skipped /swallowed exists',
  ]);
});

test('onError: tries once more, after the retries of the run, and all attempts count', async () => {
  let asked = 0;
  const transport = wire(() => ({ status: ++asked < 3 ? 500 : 200 }));
  let heard = 0;
  const hook = onError((_error, _task, again) => {
    heard += 1;
    return again();
  });
  const { results } = await run([url('/a')], { transport, layers: [hook], retry: 1 });
  assert.deepEqual(results.map(brief), ['saved /a']);
  assert.equal(heard, 1);
  assert.equal(results[0]!.attempts, 3);
});

test('onError: does not hear of a line that was cut off with its run', async () => {
  const stop = new AbortController();
  let heard = 0;
  const hook = onError((error) => {
    heard += 1;
    throw error;
  });
  const clock = fakeClock();
  const transport = wire(() => {
    stop.abort();
    return new Promise(() => {});
  });
  const { results, summary } = await clock.until(
    run([url('/a'), url('/b')], { transport, layers: [hook], signal: stop.signal, maxWorkers: 1, clock }),
  );
  assert.deepEqual(results.map(brief), []);
  assert.deepEqual([summary.stopped, summary.left], ['signal', 2]);
  assert.equal(heard, 0);
});

test('after: attaches data, sync and async, and knows the answer’s head', async () => {
  const parse = after(async (kept, _task, head) => ({
    text: Buffer.from(kept.body!).toString(),
    language: head?.headers['content-language'],
  }));
  const transport = wire((path) => ({ body: `page ${path}`, headers: { 'content-language': 'de' } }));
  const { results } = await run([url('/a')], { transport, layers: [parse] });
  assert.deepEqual(results[0]!.data, { text: 'page /a', language: 'de' });

  const { results: sync } = await run([url('/a')], { transport: wire(), layers: [after(({ bytes }) => bytes)] });
  assert.equal(sync[0]!.data, 2);
});

test('after: the data of an inner layer stays where an outer one returns nothing', async () => {
  const layers = [after(() => {}), after(() => 'inner')];
  const { results } = await run([url('/a')], { transport: wire(), layers });
  assert.equal(results[0]!.data, 'inner');
});

test('after: runs for saved files only', async () => {
  let ran = 0;
  const transport = wire((path) => ({ status: path === '/a' ? 200 : 404 }));
  await run([url('/a'), url('/b'), url('/a')], { transport, layers: [after(() => void ran++)] });
  assert.equal(ran, 1);
});

test('a layer may answer without the wire', async () => {
  const transport = wire();
  const cached: Layer = (next) => async (task) =>
    task.job.url.endsWith('/cached')
      ? {
          status: 'saved',
          path: 'cached',
          bytes: 3,
          resumedFrom: 0,
          httpStatus: 200,
          finalUrl: task.job.url,
          contentType: null,
          ttfbMs: 0,
          body: Buffer.from('abc'),
        }
      : next(task);
  const { results } = await run([url('/cached')], { transport, layers: [cached] });
  assert.equal(bodyOf(results[0]!), 'abc');
  assert.deepEqual(transport.log, []);
});
