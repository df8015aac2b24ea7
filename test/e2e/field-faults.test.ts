/** What people met on real servers, with the built command: ranges that are refused or cut short, connections that are cut, times that are named. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { folder, pdl } from '../support/pdl.ts';
import { bytesOf, type Exchange, type Route, type Server, startServer } from '../support/server.ts';
import { rangeStart, serve, serveUpTo, type Version, versionOf } from '../support/sins-ranges.ts';

const size = 1_000_000;

async function served(t: TestContext, routes: Record<string, Route>): Promise<Server> {
  const server = await startServer({ routes });
  t.after(() => server.close());
  return server;
}

/** Runs the command; the file must be right. Returns the results and how often the server was asked. */
async function fetched(t: TestContext, server: Server, path: string, args: string[] = []) {
  const dir = folder(t);
  const { code, stdout, stderr } = await pdl(['-d', dir, '--json', ...args, server.url(path)]);
  const [result] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { code, result, stderr, dir, asked: server.log.length };
}

function holds(dir: string, expected = bytesOf(size)): void {
  const names = readdirSync(dir).filter((name) => name !== '.pdl');
  assert.equal(names.length, 1);
  assert.ok(readFileSync(join(dir, names[0]!)).equals(expected), 'its bytes are right');
}

/** The first request gets 200,000 bytes and a cut; what follows is `then`'s. */
const cutThen =
  (then: Route, dress: (version: Version) => Version = (version) => version): Route =>
  async (exchange) => {
    if (exchange.count > 1) return then(exchange);
    if (await serveUpTo(exchange, dress(versionOf(exchange, 0, size)), 200_000)) exchange.close();
  };
const whole: Route = (exchange) => serve(exchange, versionOf(exchange, 0, size));

test('each connection is cut after 120 kB: a try that brought bytes is no failed try', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  for (const how of ['cut-at', 'reset-at']) {
    const { code, dir, result } = await fetched(t, server, `/${how}/120000?size=${size}`, ['--retry', '0']);
    assert.equal(code, 0, JSON.stringify(result));
    holds(dir);
  }
});

for (const refusal of [400, 403, 404, 405, 412, 417, 501, 503, 'close', 'reset'] as const)
  test(`ranges are refused (${refusal}), plain requests served: the file comes`, async (t) => {
    const refuse: Route = (exchange) => {
      if (rangeStart(exchange) === null) return whole(exchange);
      if (typeof refusal === 'number') return exchange.answer(refusal, {}, 'no ranges here\n');
      exchange[refusal]();
    };
    const server = await served(t, { '*': cutThen(refuse) });
    const { code, dir, asked } = await fetched(t, server, '/a');
    assert.equal(code, 0);
    holds(dir);
    assert.ok(asked <= 6, `${asked} requests`);
  });

test('a range that ends too early is gone on with at once', async (t) => {
  const short: Route = (exchange) => {
    const start = rangeStart(exchange) ?? 0;
    const { body, etag } = versionOf(exchange, 0, size);
    const end = Math.min(size, start + 100_000);
    const span = `bytes ${start}-${end - 1}/${size}`;
    return exchange.answer(206, { ETag: etag!, 'Content-Range': span }, body.subarray(start, end));
  };
  const server = await served(t, { '*': cutThen(short) });
  const { code, dir, asked, result } = await fetched(t, server, '/a', ['--retry', '0']);
  assert.equal(code, 0, JSON.stringify(result));
  holds(dir);
  assert.equal(asked, 9);
});

test('200 with only the rest is never taken for the file', async (t) => {
  const rest: Route = (exchange) => {
    const start = rangeStart(exchange);
    if (start === null) return whole(exchange);
    const { body, etag } = versionOf(exchange, 0, size);
    const span = `bytes ${start}-${size - 1}/${size}`;
    return exchange.answer(200, { ETag: etag!, 'Content-Range': span }, body.subarray(start));
  };
  const server = await served(t, { '*': cutThen(rest) });
  const { code, dir } = await fetched(t, server, '/a');
  assert.equal(code, 0);
  holds(dir);
});

test('a 206 without Last-Modified, and a tag without quotes, go on with what is held', async (t) => {
  const dated = ({ body, lastModified }: Version): Version => ({ body, lastModified: lastModified! });
  const bare: Route = (exchange) => {
    const start = rangeStart(exchange)!;
    const { body } = versionOf(exchange, 0, size);
    const span = `bytes ${start}-${size - 1}/${size}`;
    return exchange.answer(206, { 'Content-Range': span }, body.subarray(start));
  };
  const unquoted = (version: Version): Version => ({ ...version, etag: 'abc' });
  for (const [route, asked] of [
    [cutThen(bare, dated), 2],
    [cutThen((exchange) => serve(exchange, unquoted(versionOf(exchange, 0, size))), unquoted), 2],
  ] as const) {
    const server = await served(t, { '*': route });
    const run = await fetched(t, server, '/a');
    assert.equal(run.code, 0);
    holds(run.dir);
    assert.equal(run.asked, asked);
    assert.equal(run.result.resumedFrom, 200_000);
  }
});

test('Retry-After of 0 or of a moment ago, on 429 and 503: few requests', async (t) => {
  const past = new Date(Date.now() - 1_000).toUTCString();
  const run = async (status: number, after: string) => {
    let refused = 0;
    const busy: Route = (exchange) => {
      if (refused >= 6) return exchange.answer(200, {}, 'hello');
      refused += 1;
      return exchange.answer(status, { 'Retry-After': after });
    };
    const server = await served(t, { '*': busy });
    const list = Array.from({ length: 50 }, (_, at) => server.url(`/${at}`)).join('\n');
    const { code } = await pdl(['-', '-d', folder(t), '-q'], { stdin: list });
    assert.equal(code, 0);
    assert.equal(server.log.length, 56);
  };
  await Promise.all([run(429, '0'), run(503, '0'), run(429, past), run(503, past)]);
});

test('a time that is named on another status is waited for', async (t) => {
  const later: Route = (exchange) => {
    const [status] = exchange.rest;
    if (exchange.count > 1 || status === 'after') return exchange.answer(200, {}, 'hello');
    const headers = { 'Retry-After': '1', ...(status === '303' && { Location: '/x/after' }) };
    return exchange.answer(Number(status), headers);
  };
  const server = await served(t, { x: later });
  const statuses = [303, 403, 408, 500, 502, 504, 520, 525, 530];
  const list = statuses.map((status) => server.url(`/x/${status}`)).join('\n');
  const { code, stderr } = await pdl(['-', '-d', folder(t), '-q', '--retry', '1'], { stdin: list });
  assert.equal(code, 0, stderr);
  for (const status of statuses) {
    const [first, second] = server.log.filter(({ path }) => path.endsWith(status === 303 ? 'after' : `/${status}`));
    const begin = status === 303 ? server.log.find(({ path }) => path.endsWith('/303'))! : first!;
    const again = status === 303 ? first! : second!;
    assert.ok(again.at - begin.at >= 990, `${status}: ${again.at - begin.at} ms`);
  }
});

test('a cut body says how many of how many bytes came', async (t) => {
  const cut: Route = async (exchange: Exchange) => {
    await exchange.head(200, { 'Content-Length': 5_000 });
    await exchange.raw(bytesOf(1_000));
    exchange.close();
  };
  const server = await served(t, { '*': cut });
  const { result } = await fetched(t, server, '/a', ['--retry', '0']);
  assert.match(result.error.message, /: the server closed the connection.*, after 1000 of 5000 bytes$/);
});

test('Digest, which pdl does not speak, is named; Basic tells the way in', async (t) => {
  const login: Route = (exchange) =>
    exchange.answer(401, { 'WWW-Authenticate': `${exchange.rest[0]} realm="x", nonce="y"` });
  const server = await served(t, { x: login });
  const digest = await fetched(t, server, '/x/Digest');
  assert.match(
    digest.result.error.message,
    /401 Unauthorized, it wants Digest authentication, which pdl does not speak$/,
  );
  const basic = await fetched(t, server, '/x/Basic');
  assert.match(basic.result.error.message, /401 Unauthorized, it wants a user and a password \(--netrc\)$/);
});
