/** The flow of a run: what a source may be, results as they complete, and each side waits for the other. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { download, memory, type Result } from '../../src/index.ts';
import { brief, quiet, run, url, wire } from './wire.ts';

test('results come in the order of completion', async () => {
  const open: (() => void)[] = [];
  const transport = wire(async (path) => {
    if (path === '/slow') await new Promise<void>((resolve) => open.push(resolve));
    return path;
  });
  const results = download([url('/slow'), url('/b'), url('/c')], { transport, sink: memory() });
  const first = await results.next();
  const second = await results.next();
  open[0]!();
  const third = await results.next();
  const told = [first, second, third].map(({ value }) => brief(value as Result));
  assert.deepEqual(told.slice(0, 2).sort(), ['saved /b', 'saved /c']);
  assert.equal(told[2], 'saved /slow');
  assert.deepEqual(
    [first, second, third].map(({ value }) => (value as Result).seq),
    [1, 2, 3],
  );
});

test('the summary is the return value', async () => {
  const transport = wire((path) => ({ status: path === '/gone' ? 404 : 200, body: 'four' }));
  const { summary } = await run([url('/a'), url('/gone'), url('/a'), 'no url'], { transport });
  const { durationMs, ...counted } = summary;
  assert.deepEqual(counted, { saved: 1, skipped: 1, failed: 2, left: 0, bytes: 4, stopped: null });
  assert.ok(Number.isInteger(durationMs));
});

for (const [kind, source] of [
  ['an array', () => [url('/a'), url('/b')]],
  ['a set', () => new Set([url('/a'), url('/b')])],
  [
    'a generator',
    function* () {
      yield url('/a');
      yield url('/b');
    },
  ],
  [
    'an async generator',
    async function* () {
      yield url('/a');
      await quiet(3);
      yield url('/b');
    },
  ],
  ['a readable stream', () => ReadableStream.from([url('/a'), url('/b')]) as unknown as AsyncIterable<string>],
  ['entries', () => [{ url: url('/a') }, { url: url('/b'), name: 'own.txt' }]],
] as const) {
  test(`the source may be ${kind}`, async () => {
    const { results } = await run(source(), { transport: wire() });
    assert.deepEqual(results.map(brief).sort(), ['saved /a', 'saved /b']);
  });
}

test('a single text is one URL', async () => {
  const { results } = await run(url('/a'), { transport: wire() });
  assert.deepEqual(results.map(brief), ['saved /a']);
});

test('items that are no URL are results, whatever they are', async () => {
  const source = ['', 'nonsense', 7, null, undefined, {}, [], { url: 5 }, { url: url('/x'), headers: { a: 1 } }];
  const { results } = await run([...source, url('/a')] as string[], { transport: wire() });
  assert.equal(results.length, 10);
  assert.deepEqual(
    results.map(({ status }) => status).sort(),
    ['saved', ...Array.from({ length: 9 }, () => 'failed')].sort(),
  );
  assert.ok(results.every((one) => one.status === 'saved' || /BAD_LINE$/.test(brief(one))));
});

test('a source that throws is a result, and what runs goes on', async () => {
  async function* source() {
    yield url('/a');
    throw new Error('the feed broke');
  }
  const { results, summary } = await run(source(), { transport: wire() });
  assert.deepEqual(results.map(brief).sort(), ['failed /a LIST', 'saved /a']);
  assert.equal(summary.left, null);
});

test('nothing new starts while 2 × maxWorkers results are not taken, and the source is not read on', async () => {
  // A turn for each answer, as on any wire: what is between two turns is no finished result yet.
  const transport = wire(async (path) => {
    await quiet(2);
    return path;
  });
  let read = 0;
  function* source() {
    for (; read < 1000; ) yield url(`/${++read}`);
  }
  const results = download(source(), { transport, sink: memory(), maxWorkers: 3 });
  await results.next();
  await quiet(200);
  const after_one = transport.log.length;
  assert.ok(after_one <= 1 + 2 * 3 + 3, `${after_one} requests for one result taken`);
  await quiet(200);
  assert.equal(transport.log.length, after_one, 'and then it stands still');
  for (let taken = 0; taken < 20; taken += 1) await results.next();
  await quiet(200);
  assert.ok(transport.log.length > after_one, 'taking results makes it go on');
  assert.ok(transport.log.length <= 21 + 2 * 3 + 3, `${transport.log.length} requests for 21 results taken`);
  await results.return(undefined as never);
});

test('the source is not read on while its results are not taken, though they need no request', async () => {
  let read = 0;
  function* source() {
    for (; read < 10_000; read += 1) yield url('/same');
  }
  const results = download(source(), { transport: wire(), sink: memory(), maxWorkers: 3 });
  await results.next();
  await quiet(200);
  const after_one = read;
  assert.ok(after_one < 1_000, `${after_one} lines were read for one result taken`);
  await quiet(100);
  assert.equal(read, after_one, 'and then it stands still');
  await results.return(undefined as never);
});

test('the source is read no further ahead than the window', async () => {
  let read = 0;
  function* source() {
    for (; read < 100_000; ) yield url(`/${++read}`);
  }
  const transport = wire(() => new Promise(() => {}));
  const results = download(source(), { transport, sink: memory(), maxWorkers: 2, window: 50 });
  const first = results.next();
  await quiet(200);
  assert.ok(read >= 50 && read <= 52, `${read} lines were read`);
  assert.equal(transport.open, 2);
  void first.catch(() => {});
});

test('a slow source is waited for, a slow consumer, too: one of each in turn', async () => {
  const transport = wire();
  async function* source() {
    for (let nth = 0; nth < 30; nth += 1) {
      await quiet(2);
      yield url(`/${nth}`);
    }
  }
  let taken = 0;
  for await (const result of download(source(), { transport, sink: memory(), maxWorkers: 1 })) {
    assert.equal(result.status, 'saved');
    taken += 1;
    await quiet(3);
  }
  assert.equal(taken, 30);
});
