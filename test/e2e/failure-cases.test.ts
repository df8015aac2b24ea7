/** Cases of the catalogue that show at the command alone, and the proof that every one of its rows is held by a test or has a reason. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { certificate } from '../support/certificates.ts';
import { reasons, rows } from '../support/failure-rows.ts';
import { held } from '../support/failure-table.ts';
import { folder, pdl, type Said } from '../support/pdl.ts';
import { startHttpProxy } from '../support/proxies.ts';
import { bytesOf, type Exchange, type Route, startServer } from '../support/server.ts';
import { serve, versionOf } from '../support/sins-ranges.ts';

const root = join(import.meta.dirname, '../..');
const resultsOf = ({ stdout }: Said) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'result');

test('every row of the catalogue is held by a test that exists, or has a reason', () => {
  const sources = new Map<string, string>();
  const without: string[] = [];
  for (const row of rows) {
    const tests = held[row] ?? [];
    if (tests.length === 0 && !reasons[row]) without.push(row);
    for (const [file, name] of tests) {
      const path = join(root, 'test', `${file}.test.ts`);
      if (!sources.has(file)) sources.set(file, existsSync(path) ? readFileSync(path, 'utf8') : '');
      const quoted = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      if (!new RegExp(`\\btest\\(\\s*['"\`]${quoted}['"\`]`).test(sources.get(file)!))
        without.push(`${row}: ${file}: ${name}`);
    }
  }
  assert.deepEqual(without, []);
  for (const row of [...Object.keys(held), ...Object.keys(reasons)]) assert.ok(rows.includes(row), `${row} is no row`);
});

test('over TLS an end without close_notify cannot be told from a clean one: the file is saved and marked (F6)', async (t) => {
  const server = await startServer({ tls: true });
  t.after(() => server.close());
  const dir = folder(t);
  const said = await pdl([server.url('/unclean/1000'), '-d', dir, '--json', '--cacert', server.certificate!.certFile]);
  assert.equal(said.code, 0);
  assert.equal(resultsOf(said)[0].lengthUnknown, true);
  assert.deepEqual(readFileSync(join(dir, '1000')), bytesOf(1000));
});

test('a file that grows between two requests is asked for once, by GET, and its own framing holds (F14)', async (t) => {
  const grows: Route = (exchange) => serve(exchange, versionOf(exchange, 0, 1000 * exchange.count));
  const server = await startServer({ routes: { grows } });
  t.after(() => server.close());
  const dir = folder(t);
  assert.equal((await pdl([server.url('/grows'), '-d', dir])).code, 0);
  assert.deepEqual(
    server.log.map(({ method }) => method),
    ['GET'],
  );
  assert.equal(readFileSync(join(dir, 'grows')).length, 1000);
});

/** Begins a chunked body, then sends more and more of what is no body. */
const framesOnly = (begin: string, more: string): Route => {
  return async (exchange: Exchange) => {
    await exchange.head(200, { 'Transfer-Encoding': 'chunked' });
    await exchange.raw(begin);
    for (; !exchange.gone; await exchange.wait(50)) await exchange.raw(more);
  };
};

test('chunk extensions, trailers and zeros without end are no bytes of a body: the line ends by --timeout (T7)', async (t) => {
  const routes = {
    extension: framesOnly('5;a=', 'x'),
    trailer: framesOnly('5\r\nhello\r\n0\r\nX-A: ', 'x'),
    trailers: framesOnly('5\r\nhello\r\n0\r\n', 'X-A: b\r\n'),
    zeros: framesOnly('', '0'),
  };
  const server = await startServer({ routes });
  t.after(() => server.close());
  const dir = folder(t);
  const urls = Object.keys(routes).map((route) => server.url(`/${route}`));
  // --max-time is there only so that a fault ends this test, too.
  const limits = ['--timeout', '500ms', '--max-time', '5', '--retry', '0'];
  const said = await pdl([...urls, '-d', dir, '--json', ...limits]);
  for (const { url, error } of resultsOf(said)) {
    assert.equal(error?.code, 'TIMEOUT', url);
    assert.match(error.message, /500 ms/, `${url} ended by --max-time alone`);
  }
  assert.deepEqual(readdirSync(dir), ['.pdl']);
});

test('each hop chooses its own proxy, and the proxy’s password goes to the proxy alone (D12)', async (t) => {
  const [first, second] = [await startServer(), await startServer()];
  const proxy = await startHttpProxy({ login: 'someone:s3cret' });
  t.after(() => Promise.all([first.close(), second.close(), proxy.close()]));
  const env = { http_proxy: `http://someone:s3cret@127.0.0.1:${proxy.port}`, no_proxy: `localhost:${second.port}` };
  const url = first.url(`/redirect-to?url=${encodeURIComponent(second.url('/file/a', 'localhost'))}`);
  const said = await pdl([url, '-d', folder(t), '--json'], { env });
  assert.equal(said.code, 0, said.stdout);
  assert.deepEqual(proxy.asked, [`GET ${url}`]);
  assert.equal(second.log.length, 1);
  for (const { headers } of [...first.log, ...second.log]) assert.equal(headers['proxy-authorization'], undefined);
});

test('after a redirect the file has the name of the line, not of the Location (D11)', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const dir = folder(t);
  const said = await pdl([server.url('/redirect-to/mine.bin?url=/file/.bashrc'), '-d', dir, '--json']);
  assert.equal(resultsOf(said)[0].finalUrl, server.url('/file/.bashrc'));
  assert.deepEqual(
    readdirSync(dir).filter((name) => name !== '.pdl'),
    ['mine.bin'],
  );
});

test('a server that flaps is asked again, and the attempts are told (Y6)', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const urls = ['reset', 'close', '500'].map((how) => server.url(`/flaky/2/file/${how}?how=${how}`));
  const said = await pdl([...urls, '-d', folder(t), '--json', '-j', '1']);
  assert.equal(said.code, 0, said.stdout);
  for (const { url, attempts } of resultsOf(said)) assert.equal(attempts, 3, url);
});

test('a cookie that a server sets is not sent back: no state between URLs (W9)', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const urls = [server.url('/set-header?Set-Cookie=sid%3D1'), server.url('/echo')];
  assert.equal((await pdl([...urls, '-d', folder(t), '-j', '1'])).code, 0);
  assert.equal(server.log.length, 2);
  for (const { headers } of server.log) assert.equal(headers['cookie'], undefined);
});

test('HTTP/2 is not offered, and a server that prefers it speaks HTTP/1.1 (W10)', async (t) => {
  const { key, cert, certFile } = certificate();
  const offered: string[] = [];
  const options = {
    key,
    cert,
    ALPNCallback({ protocols }: { protocols: string[] }) {
      offered.push(...protocols);
      return protocols[0];
    },
  };
  const server = createTlsServer(options, (socket) => {
    socket.on('error', () => {}).once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/a`;
  const { code, stderr } = await pdl([url, '-d', folder(t), '--cacert', certFile]);
  assert.equal(code, 0, stderr);
  assert.ok(!offered.includes('h2'), `offered ${offered}`);
});

test('control bytes of a server never reach the terminal raw (W8)', async (t) => {
  const evil = '\x1b[2J\x07';
  const odd: Route = (exchange) => exchange.raw(`HTTP/1.1 404 ${evil}\r\nContent-Length: 0\r\nX-A: b\r\n\r\n`);
  const type: Route = (exchange) => exchange.answer(200, { 'Content-Type': `text/html\u009b2J` }, 'hello');
  const away: Route = (exchange) => exchange.answer(302, { Location: `/status/404?\u009b2J` });
  const server = await startServer({ routes: { odd, type, away } });
  t.after(() => server.close());
  const urls = ['/odd', '/type', '/away'].map((path) => server.url(path));
  for (const more of [[], ['--json'], ['-vv']]) {
    const { stdout, stderr } = await pdl([...urls, '-d', folder(t), '--retry', '0', '--expect', 'image/*', ...more]);
    assert.doesNotMatch(stdout + stderr, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  }
});

test('the thread pool that looks names up is 64 wide, unless the user says otherwise (X2)', async (t) => {
  const dir = folder(t);
  writeFileSync(
    join(dir, 'tell.cjs'),
    `process.on('exit', () => console.error('pool', process.env.UV_THREADPOOL_SIZE));`,
  );
  for (const [given, used] of [
    [{}, '64'],
    [{ UV_THREADPOOL_SIZE: '8' }, '8'],
  ] as const) {
    const env = { NODE_OPTIONS: `--require ${join(dir, 'tell.cjs')}`, ...given };
    const { stderr } = await pdl(['http://127.0.0.1:1/', '-d', dir, '--retry', '0'], { env });
    assert.match(stderr, new RegExp(`pool ${used}$`, 'm'));
  }
});
