/** One list, some workers, one Redis: what the submitter reports is what a local run would. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { Redis } from 'ioredis';
import { download } from '../../src/download.ts';
import { PdlError, UsageError } from '../../src/errors.ts';
import { prefix, queueName } from '../../src/queue/keys.ts';
import { submit, work } from '../../src/queue.ts';
import type { Item, Result, Summary } from '../../src/types.ts';
import { startServer } from '../support/server.ts';
import { type RedisServer, startRedis, withoutRedis } from './redis.ts';

const leaseMs = 3_000;
let redis: RedisServer;
let databases = 0;
before(async () => {
  if (!withoutRedis) redis = await startRedis('--databases', '64');
});
after(() => redis?.close());

/** A database of one's own. */
function queueOf(): string {
  return redis.url.replace(/0$/, String(++databases));
}

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'pdl-queue-'));
  t.after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  return dir;
}

async function site(t: TestContext) {
  const server = await startServer({
    routes: {
      '*': (exchange) =>
        exchange.logged.path.includes('gone')
          ? exchange.answer(404)
          : exchange.answer(200, { 'Content-Type': 'text/plain' }, exchange.logged.path),
    },
  });
  t.after(() => server.close());
  return server;
}

async function all(run: AsyncGenerator<Result, Summary>): Promise<{ results: Result[]; summary: Summary }> {
  const results: Result[] = [];
  for (;;) {
    const step = await run.next();
    if (step.done) return { results, summary: step.value };
    results.push(step.value);
  }
}

/** A worker that is there until the test ends. */
function startWorker(t: TestContext, queue: string, options: Parameters<typeof work>[0] | object = {}) {
  const stop = new AbortController();
  const ended = all(work({ queue, leaseMs, signal: stop.signal, ...options }));
  ended.catch(() => {});
  const leave = () => {
    stop.abort();
    return ended;
  };
  t.after(() => leave().catch(() => {}));
  return { leave, ended };
}

/** What a user of the results sees of one, but for times and places. */
function essence(result: Result) {
  const { status, source, line, url, job } = result;
  const name = 'path' in result ? result.path?.split('/').slice(-1)[0] : undefined;
  const more = result.status === 'failed' ? [result.error, result.permanent, result.httpStatus, result.text] : [];
  const told = result.status === 'saved' ? [result.bytes, result.contentType, result.finalUrl] : [];
  return { status, source, line, url, name, columns: job?.columns, id: job?.id, more, told };
}

const byLine = (a: Result, b: Result) => a.line - b.line;

test('the same results as a local run: names, twins, bad lines, columns, failures', {
  skip: withoutRedis,
}, async (t) => {
  const server = await site(t);
  const list: Item[] = [
    server.url('/a.txt'),
    server.url('/sub/a.txt'),
    'no url',
    server.url('/a.txt#twice'),
    server.url('/gone'),
    { url: server.url('/named'), name: 'dir/chosen.txt', columns: { album: 'one' } },
    { url: server.url('/sum'), checksum: { algorithm: 'md5', hex: '0'.repeat(32) } },
    { url: server.url('/b.txt'), origin: { source: 'my list', number: 77, text: 'as it stood there' } },
    server.url('/named'),
  ];
  const local = await all(download(list, { dir: folder(t), retry: 0 }));
  const queue = queueOf();
  const dir = folder(t);
  startWorker(t, queue, { dir, retry: 0 });
  const handed = await all(submit(list, { queue, leaseMs }));
  assert.deepEqual(handed.results.sort(byLine).map(essence), local.results.sort(byLine).map(essence));
  assert.deepEqual(
    handed.results.map(({ seq }) => seq).sort((a, b) => a - b),
    list.map((_, index) => index + 1),
  );
  const { durationMs: _, ...summary } = handed.summary;
  const { durationMs: __, ...expected } = local.summary;
  assert.deepEqual(summary, expected);
  assert.equal(readFileSync(join(dir, 'dir/chosen.txt'), 'utf8'), '/named');
});

test('nothing of a finished run stays in Redis', { skip: withoutRedis }, async (t) => {
  const server = await site(t);
  const queue = queueOf();
  const worker = startWorker(t, queue, { dir: folder(t) });
  await all(submit([server.url('/a'), server.url('/b')], { queue, leaseMs }));
  await worker.leave();
  const client = new Redis(queue);
  t.after(() => client.disconnect());
  const engine = ['meta', 'id', 'events', 'stalled-check', 'marker'].map((name) => `${prefix}:${queueName}:${name}`);
  const left = (await client.keys('*')).filter((key) => !engine.includes(key));
  assert.deepEqual(left, ['pdl:version']);
});

test('the same list again: what is there is skipped, what failed is tried again by the same worker', {
  skip: withoutRedis,
}, async (t) => {
  let isGone = true;
  const server = await startServer({
    routes: { '*': (exchange) => exchange.answer(isGone && exchange.logged.path === '/late' ? 404 : 200, {}, 'x') },
  });
  t.after(() => server.close());
  const queue = queueOf();
  startWorker(t, queue, { dir: folder(t) });
  const list = [server.url('/early'), server.url('/late')];
  const first = await all(submit(list, { queue, leaseMs }));
  assert.deepEqual(
    first.results.sort(byLine).map(({ status }) => status),
    ['saved', 'failed'],
  );
  isGone = false;
  const second = await all(submit(list, { queue, leaseMs }));
  const told = second.results.sort(byLine).map((result) => ('reason' in result ? result.reason : result.status));
  assert.deepEqual(told, ['journal', 'saved']);
});

test('a file of another URL that has the name is a collision for a worker, too', { skip: withoutRedis }, async (t) => {
  const server = await site(t);
  const queue = queueOf();
  startWorker(t, queue, { dir: folder(t) });
  const one = await all(submit([server.url('/one/a.txt')], { queue, leaseMs }));
  const two = await all(submit([server.url('/two/a.txt')], { queue, leaseMs }));
  const names = [...one.results, ...two.results].map((result) => 'path' in result && result.path?.split('/').at(-1));
  assert.deepEqual(names, ['a.txt', 'a-2.txt']);
});

test('interrupted and taken up again, each line is reported once over all', { skip: withoutRedis }, async (t) => {
  const server = await site(t);
  const queue = queueOf();
  const list = Array.from({ length: 600 }, (_, index) =>
    index % 50 === 0 ? `bad ${index}` : server.url(`/f${index}`),
  );
  startWorker(t, queue, { dir: folder(t) });
  const lines: number[] = [];
  for (let round = 0; lines.length < 600 && round < 20; round += 1) {
    const stop = new AbortController();
    const run = submit(list, { queue, leaseMs, run: 'again', signal: stop.signal });
    for (let count = 1; ; count += 1) {
      const step = await run.next();
      if (step.done) {
        if (lines.length < 600) assert.equal(step.value.stopped, 'signal');
        break;
      }
      lines.push(step.value.line);
      if (count === 97) stop.abort();
    }
  }
  assert.deepEqual(
    lines.sort((a, b) => a - b),
    list.map((_, index) => index + 1),
  );
});

test('leaving the loop lets the run go, for the next one to take up', { skip: withoutRedis }, async (t) => {
  const server = await site(t);
  const queue = queueOf();
  const list = ['bad', ...Array.from({ length: 20 }, (_, index) => server.url(`/f${index}`))];
  for await (const result of submit(list, { queue, leaseMs, run: 'left' })) {
    assert.equal(result.line, 1);
    break;
  }
  startWorker(t, queue, { dir: folder(t) });
  const { results, summary } = await all(submit(list, { queue, leaseMs, run: 'left' }));
  assert.deepEqual([results.length, summary.saved, summary.failed], [20, 20, 0]);
});

test('a run in use with another list is refused, whichever line differs', { skip: withoutRedis }, async () => {
  const queue = queueOf();
  const list = Array.from({ length: 50 }, (_, index) => `http://h${index}.invalid/`);
  const stop = new AbortController();
  const first = all(submit(list, { queue, leaseMs, run: 'mine', signal: stop.signal }));
  const client = new Redis(queue);
  while ((await client.hget('pdl:run:mine:meta', 'handed')) !== '50')
    await new Promise((resolve) => setImmediate(resolve));
  const second = submit(list, { queue, leaseMs: 300, run: 'mine' });
  await assert.rejects(second.next(), (error) => error instanceof PdlError && error.code === 'LOCKED');
  await client.del('pdl:run:mine:owner');
  for (const other of [list.with(17, 'http://other.invalid/'), list.slice(1), [...list.slice(0, 49)]]) {
    const run = submit(other, { queue, leaseMs, run: 'mine' });
    await assert.rejects(run.next(), (error) => error instanceof UsageError && /another list/.test(error.message));
  }
  client.disconnect();
  stop.abort();
  assert.deepEqual((await first).results, []);
});

test('a result comes while the list is still growing', { skip: withoutRedis }, async (t) => {
  const server = await site(t);
  const queue = queueOf();
  startWorker(t, queue, { dir: folder(t) });
  let open!: () => void;
  const closed = new Promise<void>((resolve) => {
    open = resolve;
  });
  async function* growing() {
    yield server.url('/first');
    await closed;
    yield server.url('/second');
  }
  const run = submit(growing(), { queue, leaseMs });
  const step = await run.next();
  assert.equal(step.done ? '' : step.value.url, server.url('/first'));
  open();
  const { results } = await all(run);
  assert.deepEqual(
    results.map(({ url }) => url),
    [server.url('/second')],
  );
});

test('a worker that is told to end gives back what it has not begun', { skip: withoutRedis }, async (t) => {
  const server = await site(t);
  const queue = queueOf();
  const list = Array.from({ length: 40 }, (_, index) => server.url(`/f${index}`));
  const slow = startWorker(t, queue, { dir: folder(t), delay: '1h', perHost: 1 });
  const run = submit(list, { queue, leaseMs });
  const first = await run.next();
  assert.equal(first.done, false);
  const { summary } = await slow.leave();
  assert.equal(summary.stopped, 'signal');
  const client = new Redis(queue);
  t.after(() => client.disconnect());
  const rests = await client.keys('pdl:rest:*');
  assert.equal(rests.length, 1, 'the host still rests, whoever is next');
  await client.del(...rests);
  startWorker(t, queue, { dir: folder(t) });
  const { results } = await all(run);
  assert.equal(results.length, 39);
});

test('options that cannot be meant are refused at the call', () => {
  assert.throws(() => work({ queue: 'redis://h/0', shard: '0/4' }), UsageError);
  assert.throws(() => submit([], { queue: 'redis://h/0', run: 'a b' }), /allowed are/);
  assert.throws(() => submit(null as never, { queue: 'redis://h/0' }), UsageError);
});
