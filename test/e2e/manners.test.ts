/** The command's manners on the wire, seen from the other side: waiting when told, redirects, and who gets to know a secret. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bin, folder, pdl } from '../support/pdl.ts';
import { type Route, startServer } from '../support/server.ts';
import { serveUpTo, versionOf } from '../support/sins-ranges.ts';

/** The first secret, plain or in base64, with what stands around it. */
const secretsIn = (text: string) => /.{0,80}(?:s3cret|c29tZW9uZTpz).{0,20}/.exec(text)?.[0] ?? null;

const resultsOf = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'result');

test('a 429 with Retry-After parks the whole host for that long, and no line fails', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const dir = folder(t);
  // The first line is refused once, when the two slow ones are under way; they keep the workers busy until that is known.
  const paths = [
    '/429/1/file/first?retry-after=2&delay=150',
    ...Array.from({ length: 6 }, (_, at) => `/file/f${at}?delay=${at < 2 ? 600 : 0}`),
  ];
  const { code, stdout } = await pdl(['-', '-j', '3', '-d', dir, '--json'], {
    stdin: paths.map((path) => server.url(path)).join('\n'),
  });

  assert.equal(code, 0);
  const results = resultsOf(stdout);
  assert.equal(results.length, 7);
  const refusal = server.log.find(({ status }) => status === 429)!;
  const waited = server.log.filter(({ begin }) => begin > refusal.end);
  assert.equal(waited.length, 5, 'the refused line and the four that had not begun');
  for (const { path, begin } of waited)
    assert.ok(begin - refusal.end >= 1990, `${path} came ${begin - refusal.end} ms after`);
  assert.equal(results.find(({ url }) => url.includes('first')).attempts, 2);
});

test('--max-redirects is the number of redirects followed; the hop beyond is not asked', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const dir = folder(t);
  for (const [most, hops, code] of [
    [3, 3, 0],
    [2, 3, 1],
    [0, 1, 1],
  ]) {
    server.log.length = 0;
    const said = await pdl([
      server.url(`/redirect/${hops}/file/${most}-${hops}`),
      '-d',
      dir,
      '--json',
      '--max-redirects',
      String(most),
    ]);
    assert.equal(said.code, code, said.stderr);
    assert.equal(server.log.length, most! + 1);
    const [result] = resultsOf(said.stdout);
    if (code === 1) assert.deepEqual([result.error.code, result.permanent], ['REDIRECT', true]);
    else assert.equal(result.finalUrl, server.url('/redirect/0/file/3-3'));
  }
});

test('of a robots.txt without end, in chunks of one byte, the first 500 KiB are obeyed', async (t) => {
  let sent = 0;
  const robots: Route = async (exchange) => {
    await exchange.head(200, { 'Transfer-Encoding': 'chunked' });
    const rules = 'User-agent: *\nDisallow: /file/x\n';
    await exchange.raw([...rules].map((character) => `1\r\n${character}\r\n`).join(''));
    const crumbs = Buffer.alloc(60_000, '1\r\n#\r\n');
    for (; !exchange.gone; sent += 10_000) await exchange.raw(crumbs);
  };
  const server = await startServer({ routes: { 'robots.txt': robots } });
  t.after(() => server.close());
  const said = await pdl([server.url('/file/x'), server.url('/file/y'), '--robots', '-d', folder(t), '--json']);
  assert.equal(said.code, 0, said.stderr);
  const told = resultsOf(said.stdout).map(({ status, reason, url }) => `${status} ${reason ?? ''} ${url.at(-1)}`);
  assert.deepEqual(told.sort(), ['saved  y', 'skipped robots x']);
  assert.ok(sent < 2_000_000, `${sent} bytes of it were sent`);
});

test('credentials of every kind stay with the origin they were given for', async (t) => {
  const [home, away] = [await startServer(), await startServer()];
  t.after(() => Promise.all([home.close(), away.close()]));
  const dir = folder(t);
  const netrc = join(dir, 'netrc');
  const cookies = join(dir, 'cookies');
  writeFileSync(netrc, 'machine localhost login someone password s3cret-netrc\n');
  writeFileSync(cookies, 'localhost\tFALSE\t/\tFALSE\t0\tsid\ts3cret-cookie\n');
  const path = `/redirect-to?url=${encodeURIComponent(away.url('/file/a'))}`;
  const ways: [string[], url: string][] = [
    [['-H', 'Authorization: Bearer s3cret', '-H', 'X-Api-Key: s3cret', '-H', 'Cookie: a=s3cret'], home.url(path)],
    [['--header-file', netrc.replace('netrc', 'headers')], home.url(path)],
    [['--netrc-file', netrc], home.url(path, 'localhost')],
    [['--cookies', cookies], home.url(path, 'localhost')],
    [[], home.url(path).replace('//', '//someone:s3cret@')],
  ];
  writeFileSync(join(dir, 'headers'), 'X-Token: s3cret-file\n');
  for (const [nth, [args, url]] of ways.entries()) {
    home.log.length = 0;
    away.log.length = 0;
    const { code, stderr } = await pdl(['-', '-d', join(dir, String(nth)), '-q', ...args], { stdin: url });
    assert.equal(code, 0, stderr);
    const [here, there] = [home.log, away.log].map((log) => JSON.stringify(log.map(({ headers }) => headers)));
    assert.match(here!, /s3cret|c29tZW9uZTpz/, `way ${nth} does send it home`);
    assert.doesNotMatch(there!, /s3cret|c29tZW9uZTpz|authorization|cookie|referer|x-api-key|x-token/, `way ${nth}`);
  }
});

test('userinfo reaches no output, no journal, no part and no report', async (t) => {
  const leads: Route = (exchange) =>
    exchange.answer(302, { Location: `${exchange.query.get('to')}://someone:s3cret@127.0.0.1:${server.port}/file/b` });
  const partly: Route = async (exchange) => {
    if (exchange.count > 1) return exchange.answer(500);
    if (await serveUpTo(exchange, versionOf(exchange), 100_000)) exchange.close();
  };
  const server = await startServer({ routes: { leads, partly } });
  t.after(() => server.close());
  const dir = folder(t);
  const secret = (path: string) => server.url(path).replace('//', '//someone:s3cret@');
  const list = [
    ...[
      '/file/saved',
      '/status/404',
      '/redirect/1/file/moved',
      '/redirect-loop',
      '/partly?size=2000000',
      '/two-locations',
    ],
    ...['/file/saved', '/file/x?size=-', '/half-head', '/gzip-te', '/stall', '/flaky/1/file/again?how=503'],
    ...['/leads?to=http', '/leads?to=ftp'],
  ].map(secret);
  list.push(
    'http://someone:s3cret@127.0.0.1:1/refused',
    'http://someone:s3cret@no.invalid/',
    'ftp://someone:s3cret@127.0.0.1/',
    'http://someone:s3cret@[::1/',
  );
  writeFileSync(join(dir, 'urls.txt'), list.join('\n'));
  const args = ['urls.txt', '-d', 'out', '--retry', '1', '--timeout', '1', '--report', 'report.html'];
  let told = '';
  for (const more of [
    ['--json', '-vv'],
    ['-vv', '--failed', 'failed.txt'],
    ['--plan'],
    ['-q', '--existing', 'refresh'],
    ['--verify'],
  ]) {
    const { stdout, stderr } = await pdl(more.includes('--verify') ? ['-d', 'out', '--verify'] : [...args, ...more], {
      cwd: dir,
    });
    told += `${stdout}${stderr}`;
  }
  assert.match(told, /saved/);
  assert.equal(secretsIn(told), null);
  const files = (readdirSync(dir, { recursive: true }) as string[]).filter((name) =>
    statSync(join(dir, name)).isFile(),
  );
  assert.ok(
    files.some((name) => name.endsWith('.part')),
    'a part is there',
  );
  for (const name of files) {
    // The list is the user's own, and --failed repeats its lines as given, mode 0600.
    if (name === 'urls.txt' || name === 'failed.txt') continue;
    assert.equal(secretsIn(`${name} ${readFileSync(join(dir, name), 'latin1')}`), null, name);
  }
  assert.match(readFileSync(join(dir, 'failed.txt'), 'utf8'), /s3cret/);
  assert.equal(statSync(join(dir, 'failed.txt')).mode & 0o777, 0o600);
});

test('a --failed file that cannot be written is refused before the first request', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const dir = folder(t);
  writeFileSync(join(dir, 'file'), '');
  for (const path of [dir, join(dir, 'missing/failed.txt'), join(dir, 'file/failed.txt')]) {
    const { code, stdout, stderr } = await pdl([server.url('/file/a'), '-d', join(dir, 'out'), '--failed', path]);
    assert.deepEqual([code, stdout, server.log.length], [3, '', 0]);
    assert.match(stderr, /^pdl: Cannot write failed lines to .+: E[A-Z]+\n$/);
  }
});

test('too few file handles are no fault of the host: it is not parked, and every file comes', async (t) => {
  const server = await startServer({ log: false });
  t.after(() => server.close());
  const list = Array.from({ length: 300 }, (_, at) => server.url(`/file/f${at}?delay=100`)).join('\n');
  const args = ['-', '-d', folder(t), '-j', '300', '--retry', '20', '-vv'];
  const limited = ['-c', 'ulimit -n 100; exec "$0" "$@"', process.execPath, bin, ...args];
  const { status, stderr } = await new Promise<{ status: number | null; stderr: string }>((resolve) => {
    let told = '';
    const child = spawn('sh', limited, { stdio: ['pipe', 'ignore', 'pipe'] });
    child.stdin.end(list);
    child.stderr.setEncoding('utf8').on('data', (text) => {
      told += text;
    });
    child.on('close', (code) => resolve({ status: code, stderr: told }));
  });
  assert.equal(status, 0, stderr.slice(-500));
  assert.match(stderr, /EMFILE/);
  assert.doesNotMatch(stderr, /^wait .*(?:host down|network)/m);
});
