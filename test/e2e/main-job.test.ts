/** The main job end to end: the built command against a server that keeps a log. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { folder, pdl } from '../support/pdl.ts';

interface Visit {
  path: string;
  begin: number;
  end: number;
}

/** Serves `/NAME?ms=N`: NAME as the body, N ms later; keeps the log of all visits. */
async function slowServer(t: TestContext): Promise<{ log: Visit[]; url(path: string): string }> {
  const log: Visit[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    const visit: Visit = { path: url.pathname, begin: performance.now(), end: Number.POSITIVE_INFINITY };
    log.push(visit);
    const answer = () => response.writeHead(url.pathname === '/gone' ? 404 : 200).end(url.pathname);
    setTimeout(answer, Number(url.searchParams.get('ms') ?? 0));
    response.on('finish', () => {
      visit.end = performance.now();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { log, url: (path) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}` };
}

/** The most visits that were open at one instant, those that ended less than `rest` ms before counted as open. */
function most(log: readonly Visit[], rest: number): number {
  return Math.max(...log.map(({ begin }) => log.filter((one) => one.begin <= begin && begin < one.end + rest).length));
}

test('-j 4 --delay 0.2-0.5 on one host: four seats, the first request at once, no volley, every rest kept', async (t) => {
  const { log, url } = await slowServer(t);
  const dir = folder(t);
  const names = Array.from({ length: 24 }, (_, index) => `/f${index}.txt?ms=${(index * 37) % 90}`);
  writeFileSync(join(dir, 'urls.txt'), names.map(url).join('\n'));

  const { code, stdout } = await pdl(['urls.txt', '-j', '4', '--delay', '0.2-0.5', '-d', 'out'], { cwd: dir });

  assert.equal(code, 0);
  assert.equal(stdout.trim().split('\n').length, 24);
  assert.equal(log.length, 24);
  const [A, tolerance] = [200, 20];
  assert.ok(most(log, 0) <= 4, `${most(log, 0)} at once`);
  assert.ok(most(log, A - tolerance) <= 4, `${most(log, A - tolerance)} seats with the rests counted`);
  const starts = log.map(({ begin }) => begin);
  assert.ok(starts[1]! - starts[0]! >= A - tolerance, 'the second seat rests before its first request');
});

test('results come out in the order of completion: a slow first line holds nothing back', async (t) => {
  const { log, url } = await slowServer(t);
  const dir = folder(t);
  const delays = [900, 60, 420, 180, 300, 540];
  const list = delays.map((ms, index) => url(`/d${index}?ms=${ms}`)).join('\n');

  const { code, stdout } = await pdl(['-', '-j', '6', '--json', '-d', dir], { stdin: list });

  assert.equal(code, 0);
  const results = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const finished = [...log].sort((one, other) => one.end - other.end).map(({ path }) => path);
  assert.deepEqual(
    results.filter(({ type }) => type === 'result').map((result) => new URL(result.url).pathname),
    finished,
  );
  assert.deepEqual(
    results.map(({ seq }) => seq),
    [1, 2, 3, 4, 5, 6, undefined],
  );
  assert.equal(results.at(-1).type, 'summary');
});

test('lists, stdin and URL arguments are read one after the other; bad lines become failed results with their place', async (t) => {
  const { url } = await slowServer(t);
  const dir = folder(t);
  writeFileSync(join(dir, 'a.txt'), `\ufeff# first\r\n\r\n${url('/one')}\r\nnot a url\r\n  ${url('/two')}  \r\n`);
  writeFileSync(join(dir, 'b.txt'), url('/three'));

  const { code, stdout } = await pdl(['a.txt', '-', 'b.txt', url('/five'), '--json', '-d', 'out'], {
    cwd: dir,
    stdin: `${url('/four')}\n`,
  });

  assert.equal(code, 1);
  const results = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'result');
  const bad = results.find(({ status }) => status === 'failed');
  assert.deepEqual([bad.source, bad.line, bad.error.code, bad.permanent], ['a.txt', 4, 'BAD_LINE', true]);
  const places = results
    .filter(({ status }) => status === 'saved')
    .map(({ source, line, path }) => `${source}:${line} ${path}`);
  assert.deepEqual(places.sort(), [
    '-:1 out/four',
    'a.txt:3 out/one',
    'a.txt:5 out/two',
    'argv:1 out/five',
    'b.txt:1 out/three',
  ]);
  for (const name of ['one', 'two', 'three', 'four', 'five']) {
    assert.equal(readFileSync(join(dir, 'out', name), 'utf8'), `/${name}`);
  }
});

test('wrong use ends with 2, one line on stderr, and no request', async (t) => {
  const { log, url } = await slowServer(t);
  const dir = folder(t);
  writeFileSync(join(dir, 'bad.txt'), 'nothing\nof\nuse\n');
  writeFileSync(join(dir, 'good.txt'), url('/x'));
  const wrong = [
    ['missing.txt'],
    ['bad.txt'],
    ['good.txt', '--delay', '4-1'],
    ['good.txt', '-j', '0'],
    ['good.txt', '--no-such'],
  ];
  for (const args of wrong) {
    const { code, stderr } = await pdl(args, { cwd: dir });
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, args[0] === 'missing.txt' ? /missing\.txt/ : /./);
  }
  assert.match((await pdl(['good.txt', '--delay', '4-1'], { cwd: dir })).stderr, /--delay.*4-1.*A-B/);
  assert.equal(log.length, 0);
});

test('a folder that cannot be written ends with 3 before any request', async (t) => {
  const { log, url } = await slowServer(t);
  const dir = folder(t);
  writeFileSync(join(dir, 'file'), 'in the way');
  const { code, stderr } = await pdl([url('/x'), '-d', 'file/out'], { cwd: dir });
  assert.equal(code, 3);
  assert.match(stderr, /file\/out/);
  assert.equal(log.length, 0);
});

test('a failed line leaves exit code 1 and the others are saved', async (t) => {
  const { url } = await slowServer(t);
  const dir = folder(t);
  const { code, stdout } = await pdl([url('/gone'), url('/here'), '-d', dir, '--json']);
  assert.equal(code, 1);
  const results = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const failed = results.find(({ status }) => status === 'failed');
  assert.deepEqual([failed.error.code, failed.httpStatus, failed.permanent], ['HTTP_STATUS', 404, true]);
  assert.deepEqual([results.at(-1).saved, results.at(-1).failed, results.at(-1).exitCode], [1, 1, 1]);
});
