/** The command over a queue: handing over, working, and everything that can be wrong with the Redis. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Redis } from 'ioredis';
import { type RedisServer, startRedis, withoutRedis } from '../queue/redis.ts';
import { folder, pdl, start } from '../support/pdl.ts';
import { startServer } from '../support/server.ts';

let redis: RedisServer;
before(async () => {
  if (!withoutRedis) redis = await startRedis('--requirepass', 'geheim');
});
after(() => redis?.close());

const queueOf = (database: number) => `redis://:geheim@127.0.0.1:${redis.port}/${database}`;

test('a list, a worker, NDJSON as ever, exit codes as ever', { skip: withoutRedis }, async (t) => {
  const server = await startServer({
    routes: { '*': (exchange) => exchange.answer(exchange.logged.path === '/gone' ? 404 : 200, {}, 'x') },
  });
  t.after(() => server.close());
  const dir = folder(t);
  const env = { PDL_QUEUE: queueOf(1) };
  writeFileSync(join(dir, 'urls.txt'), ['/a', '/b', '/gone'].map((path) => server.url(path)).join('\n'));
  const worker = start(['--worker', '-d', 'here', '--delay', '10ms'], { cwd: dir, env });
  const { code, stdout, stderr } = await pdl(['urls.txt', '--json', '--failed', 'again.txt', '-v'], { cwd: dir, env });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const summary = lines.pop();
  assert.equal(code, 1, stderr);
  assert.deepEqual(
    lines.map(({ source, line, status, path }) => [source, line, status, path]).sort((a, b) => a[1] - b[1]),
    [
      ['urls.txt', 1, 'saved', 'here/a'],
      ['urls.txt', 2, 'saved', 'here/b'],
      ['urls.txt', 3, 'failed', undefined],
    ],
  );
  assert.deepEqual([summary.saved, summary.failed, summary.left, summary.exitCode], [2, 1, 0, 1]);
  const fields = Object.keys(lines.find(({ line }) => line === 1)).join(' ');
  assert.equal(
    fields,
    'v type seq at source line url status attempts queuedMs waitedMs durationMs path bytes resumedFrom httpStatus finalUrl contentType ttfbMs',
  );
  assert.match(stderr, /^by \S+\.\d+ http/m, 'under -v the worker is named');
  assert.match(readFileSync(join(dir, 'again.txt'), 'utf8'), /\/gone/);
  assert.equal(readFileSync(join(dir, 'here/a'), 'utf8'), 'x');
  worker.child.kill('SIGTERM');
  const ended = await worker.done;
  assert.equal(ended.code, 143);
  assert.equal(ended.stdout.match(/^saved /gm)?.length, 2, 'a worker says what it has done');
  assert.doesNotMatch(`${stdout}${stderr}${ended.stdout}${ended.stderr}`, /geheim/);
});

test('interrupted, the same command takes up the same run; with another list the name is refused', {
  skip: withoutRedis,
}, async (t) => {
  const server = await startServer({ routes: { '*': (exchange) => exchange.answer(200, {}, 'x') } });
  t.after(() => server.close());
  const dir = folder(t);
  const env = { PDL_QUEUE: queueOf(2) };
  writeFileSync(join(dir, 'urls.txt'), `no url\n${server.url('/a')}\n`);
  writeFileSync(join(dir, 'other.txt'), `${server.url('/other')}\n`);
  const first = start(['urls.txt', '--run', 'mine'], { cwd: dir, env });
  const client = new Redis(queueOf(2));
  t.after(() => client.disconnect());
  while ((await client.hget('pdl:run:mine:meta', 'handed')) !== '1')
    await new Promise((resolve) => setImmediate(resolve));
  first.child.kill('SIGINT');
  const { code, stdout, stderr } = await first.done;
  assert.deepEqual([code, stdout.match(/^failed BAD_LINE/gm)?.length], [130, 1]);
  assert.match(stderr, /1 left/);
  const other = await pdl(['other.txt', '--run', 'mine'], { cwd: dir, env });
  assert.deepEqual([other.code, other.stdout], [2, '']);
  assert.match(other.stderr, /Cannot take up the run mine: it is in use with another list/);
  const worker = start(['--worker', '-d', 'here'], { cwd: dir, env });
  const second = await pdl(['urls.txt', '--run', 'mine'], { cwd: dir, env });
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stdout, /^saved here\/a .*\n$/);
  worker.child.kill('SIGTERM');
  await worker.done;
});

test('a Redis that cannot be used is one clear sentence and exit 2, for either side', {
  skip: withoutRedis,
}, async (t) => {
  const evicting = await startRedis('--maxmemory-policy', 'allkeys-lru');
  t.after(() => evicting.close());
  const client = new Redis(queueOf(3));
  await client.set('pdl:version', '99');
  await client.sadd('pdl:runs', 'old');
  client.disconnect();
  const cases: [string, RegExp][] = [
    ['redis://127.0.0.1:1/0', /no Redis answers there \(ECONNREFUSED\)/],
    ['redis://:falsch@127.0.0.1:1/0', /no Redis answers there/],
    [`redis://:falsch@127.0.0.1:${redis.port}/0`, /it refuses the password, or wants one/],
    [redis.url, /it refuses the password, or wants one/],
    [evicting.url, /its maxmemory-policy is allkeys-lru \(set it to noeviction/],
    [queueOf(99), /it has no such database/],
    [queueOf(3), /its runs are of pdl 99/],
    ['http://127.0.0.1/', /allowed is redis:\/\/host\/0/],
  ];
  const dir = folder(t);
  await Promise.all(
    cases.map(async ([queue, sentence]) => {
      for (const words of [['http://h.invalid/a'], ['--worker', '-d', 'out']]) {
        const { code, stdout, stderr } = await pdl([...words, '--queue', queue], { cwd: dir });
        assert.deepEqual([code, stdout, stderr.trim().split('\n').length], [2, '', 1], `${queue} ${stderr}`);
        assert.match(stderr, sentence);
        assert.doesNotMatch(stderr, /geheim|falsch/);
      }
    }),
  );
});

test('flags that belong to the other side, or to nobody, are wrong use', async (t) => {
  const dir = folder(t);
  const queue = ['--queue', 'redis://127.0.0.1:1/0'];
  const cases: [string[], RegExp][] = [
    [['--worker'], /its queue is missing/],
    [['http://h/', '--run', 'x'], /--run: it names a run in a queue/],
    [['--worker', 'urls.txt', ...queue], /--worker with a list/],
    [['http://h/', '--delay', '1', ...queue], /--delay with a list for --queue: it is for the workers/],
    [['--worker', '-o', '{host}', ...queue], /--name with --worker/],
    [['http://h/', '--run', 'a/b', ...queue], /allowed are 1 to 100 letters/],
  ];
  for (const [words, sentence] of cases) {
    const { code, stderr } = await pdl(words, { cwd: dir });
    assert.equal(code, 2, stderr);
    assert.match(stderr, sentence);
  }
});

test('without its packages --queue says what to install', async (t) => {
  const dir = folder(t);
  const without = `const loader = require('node:module');
    const resolve = loader._resolveFilename;
    loader._resolveFilename = (name, ...rest) => {
      if (name === 'bullmq') throw Object.assign(new Error('not found'), { code: 'MODULE_NOT_FOUND' });
      return resolve(name, ...rest);
    };`;
  writeFileSync(join(dir, 'without.cjs'), without);
  const env = { NODE_OPTIONS: `--require=${join(dir, 'without.cjs')}` };
  const { code, stderr } = await pdl(['http://h.invalid/', '--queue', 'redis://127.0.0.1:1/0'], { cwd: dir, env });
  assert.equal(code, 2);
  assert.match(stderr, /npm install bullmq ioredis/);
});
