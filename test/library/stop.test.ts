/** A run that ends early: leaving the loop, AbortSignal. */

import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { before, download, memory } from '../../src/index.ts';
import { bytesOf } from '../support/bytes.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { startServer } from '../support/server.ts';
import { brief, quiet, run, url, wire } from './wire.ts';

test('leaving the loop cuts what runs, closes the source, the transport and the sink', async () => {
  let closedSource = false;
  let closedSink = false;
  function* source() {
    try {
      for (let nth = 0; ; nth += 1) yield url(`/${nth}`);
    } finally {
      closedSource = true;
    }
  }
  const transport = wire((path) => (path === '/0' ? path : new Promise(() => {})));
  const inner = memory();
  const sink = {
    ...inner,
    async close() {
      closedSink = true;
    },
  };
  for await (const result of download(source(), { transport, sink, window: 20 })) {
    assert.equal(brief(result), 'saved /0');
    break;
  }
  assert.equal(transport.open, 0);
  assert.ok(transport.closed && closedSource && closedSink);
});

test('a loop that throws cleans up alike, and the error is the loop’s own', async () => {
  const transport = wire((path) => (path === '/0' ? path : new Promise(() => {})));
  await assert.rejects(
    async () => {
      for await (const result of download([url('/0'), url('/1')], { transport, sink: memory() }))
        throw new Error(result.status);
    },
    { message: 'saved' },
  );
  assert.ok(transport.closed);
});

test('leaving the loop on the wire: sockets are closed, no file is half there, and the same call continues', async (t) => {
  const body = bytesOf(3_000_000, 4);
  const server = await startServer({
    routes: {
      small: (exchange) => exchange.answer(200, {}, 'small'),
      large: async (exchange) => {
        const from = Number(/bytes=(\d+)-/.exec(exchange.headers['range'] ?? '')?.[1] ?? 0);
        const range = from > 0 ? { 'Content-Range': `bytes ${from}-${body.length - 1}/${body.length}` } : {};
        await exchange.head(from > 0 ? 206 : 200, { ETag: '"1"', 'Content-Length': body.length - from, ...range });
        await exchange.raw(body.subarray(from, from > 0 ? body.length : 2_000_000));
        if (from === 0) await exchange.hang();
      },
    },
  });
  t.after(() => server.close());
  const dir = mkdtempSync(join(tmpdir(), 'pdl-leave-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const all = [server.url('/large'), server.url('/small')];
  let large = 0;
  const watch = before((_job, task) => {
    large = Math.max(large, task.meter.received);
    return undefined;
  });
  for await (const result of download(all, { dir, layers: [watch] })) {
    assert.equal(brief(result), 'saved /small');
    await new Promise<void>((resolve) => setTimeout(resolve, 100));
    break;
  }
  assert.deepEqual(readdirSync(dir).sort(), ['.pdl', 'small']);
  const again: string[] = [];
  let resumed = 0;
  for await (const result of download(all, { dir })) {
    again.push(brief(result));
    if (result.status === 'saved') resumed = result.resumedFrom;
  }
  assert.deepEqual(again.sort(), ['saved /large', 'skipped /small journal']);
  assert.ok(resumed > 0, 'the large file was continued');
});

test('AbortSignal: nothing new starts, what runs may end, then it is cut after 2 s', async () => {
  const clock = fakeClock();
  const stop = new AbortController();
  let finish = () => {};
  const transport = wire((path) => {
    if (path === '/0') return new Promise((resolve) => (finish = () => resolve(path)));
    if (path === '/1') return new Promise(() => {});
    return path;
  });
  const all = Array.from({ length: 10 }, (_, nth) => url(`/${nth}`));
  const done = run(all, { transport, maxWorkers: 2, signal: stop.signal, clock });
  await quiet();
  stop.abort();
  await quiet();
  finish();
  await quiet();
  const { results, summary } = await clock.until(done);
  assert.deepEqual(results.map(brief), ['saved /0']);
  assert.equal(summary.stopped, 'signal');
  assert.equal(summary.left, 9);
  assert.equal(getEventListeners(stop.signal, 'abort').length, 0, 'the signal of the caller is let go of');
});

test('a signal that is never aborted is let go of at the end', async () => {
  const { signal } = new AbortController();
  await run([url('/a')], { transport: wire(), signal });
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('a signal that was aborted before: no request, all lines left', async () => {
  const transport = wire();
  const { results, summary } = await run([url('/a')], { transport, signal: AbortSignal.abort() });
  assert.deepEqual(results, []);
  assert.deepEqual(transport.log, []);
  assert.equal(summary.stopped, 'signal');
});

test('a generator that is never asked does nothing at all', async () => {
  const dir = join(tmpdir(), 'pdl-never-made');
  download([url('/a')], { dir });
  await quiet();
  assert.equal(existsSync(dir), false);
});
