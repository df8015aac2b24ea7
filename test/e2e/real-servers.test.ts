/** The command against servers that nobody wrote for this test: nginx, python3 and tinyproxy, where they are installed. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { sha256 } from '../support/fickle-server.ts';
import { pdl, start } from '../support/pdl.ts';
import { installed, startNginx, startPython } from '../support/real-servers.ts';
import { startServer } from '../support/server.ts';
import { startTinyproxy } from '../support/tinyproxy.ts';

const scratch = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'pdl-real-'));
const root = join(scratch, 'www');
const hashes = new Map<string, string>();
const pause = (ms: number) => new Promise<void>((resolve) => systemClock.timer(ms, resolve));

before(() => {
  mkdirSync(root);
  const pool = randomBytes(4_000_000);
  for (let index = 0; index < 40; index++) {
    const bytes = pool.subarray(index * 10_000, index * 10_000 + 3_000_000);
    writeFileSync(join(root, `f${index}.bin`), bytes);
    hashes.set(`f${index}.bin`, sha256(bytes));
  }
});
after(() => rmSync(scratch, { recursive: true, force: true }));

/** All 40 files of 3 MB with eight workers: exit 0, nothing on stderr, every hash right. */
async function fetchesAll(name: string, url: (path: string) => string, ...more: string[]): Promise<void> {
  const dir = join(scratch, name);
  const { code, stderr } = await pdl(['-', '-j', '8', '-q', '-d', dir, ...more], {
    stdin: [...hashes.keys()].map(url).join('\n'),
  });
  assert.deepEqual([code, stderr], [0, '']);
  const wrong = [...hashes].filter(([file, hash]) => sha256(readFileSync(join(dir, file))) !== hash);
  assert.deepEqual(wrong, []);
  rmSync(dir, { recursive: true });
}

const nginx = { skip: !installed('nginx') && 'nginx is not installed' };
const python = { skip: !installed('python3') && 'python3 is not installed' };
const tinyproxy = { skip: !installed('tinyproxy') && 'tinyproxy is not installed' };

// Where undici would pause its parser, a server that closes ends the process (nodejs/undici#5360).
test('nginx that closes after five requests: every file is whole, with and without --limit-rate', nginx, async (t) => {
  const server = await startNginx(root, join(scratch, 'five'), 'keepalive_requests 5;');
  t.after(() => server.close());
  await fetchesAll('five', server.url);
  await fetchesAll('five-slow', server.url, '--limit-rate', '60M');
});

test('nginx with limit_rate: every file is whole', nginx, async (t) => {
  const server = await startNginx(root, join(scratch, 'limited'), 'limit_rate 8m; keepalive_requests 5;');
  t.after(() => server.close());
  await fetchesAll('limited', server.url);
});

test('python3 -m http.server, which closes after each file: every file is whole', python, async (t) => {
  const server = await startPython(root);
  t.after(() => server.close());
  await fetchesAll('python', server.url);
});

test(
  'python3 -m http.server under --limit-rate: the parser is never paused, every file is whole',
  python,
  async (t) => {
    const server = await startPython(root);
    t.after(() => server.close());
    await fetchesAll('python-slow', server.url, '--limit-rate', '40M');
  },
);

test(
  'a file that kill -9 cut off is continued from nginx by its ETag, and fetched anew when it was replaced',
  nginx,
  async (t) => {
    const www = join(scratch, 'resume');
    const log = join(scratch, 'resume.log');
    mkdirSync(www);
    const server = await startNginx(www, join(scratch, 'nginx-resume'), `limit_rate 8m; access_log ${log};`);
    t.after(() => server.close());
    for (const replaced of [false, true]) {
      const name = replaced ? 'replaced.bin' : 'same.bin';
      const dir = join(scratch, `out-${name}`);
      const part = () =>
        existsSync(join(dir, '.pdl/parts')) &&
        readdirSync(join(dir, '.pdl/parts')).find((file) => file.endsWith('.part'));
      const bytes = randomBytes(12_000_000);
      writeFileSync(join(www, name), bytes);
      const first = start([server.url(name), '-d', dir, '--json']);
      for (let at = part(); !at || statSync(join(dir, '.pdl/parts', at)).size < 3_000_000; at = part()) await pause(5);
      first.child.kill('SIGKILL');
      await first.done;
      assert.ok(!existsSync(join(dir, name)), 'nothing has the final name yet');
      const now = replaced ? randomBytes(11_000_000) : bytes;
      if (replaced) writeFileSync(join(www, name), now);

      const { code, stdout } = await pdl([server.url(name), '-d', dir, '--json']);
      assert.equal(code, 0);
      const { resumedFrom } = JSON.parse(stdout.split('\n')[0]!);
      if (replaced) assert.equal(resumedFrom, 0);
      else assert.ok(resumedFrom >= 3_000_000, `${resumedFrom}`);
      assert.equal(sha256(readFileSync(join(dir, name))), sha256(now));
    }
    await pause(50);
    assert.match(readFileSync(log, 'utf8'), /"GET \/same\.bin HTTP\/1\.1" 206 /);
  },
);

test('tinyproxy passes http and, by CONNECT, https; its password reaches no output', tinyproxy, async (t) => {
  const proxy = await startTinyproxy(join(scratch, 'proxy'), 'someone s3cret');
  const [plain, secure] = [await startServer(), await startServer({ tls: true })];
  t.after(() => Promise.all([proxy.close(), plain.close(), secure.close()]));
  const dir = join(scratch, 'proxied');
  const list = Array.from({ length: 20 }, (_, at) =>
    (at % 2 === 0 ? plain : secure).url(`/file/f${at}?size=200000&seed=${at}`),
  );
  const args = ['-', '-d', dir, '--json', '-vv', '--cacert', secure.certificate!.certFile];
  const { code, stdout, stderr } = await pdl([...args, '-x', `someone:s3cret@127.0.0.1:${proxy.port}`], {
    stdin: list.join('\n'),
  });
  assert.equal(code, 0, stderr);
  assert.equal(readdirSync(dir).filter((name) => name !== '.pdl').length, 20);
  assert.match(proxy.log(), /GET http:\/\/127\.0\.0\.1:/);
  assert.match(proxy.log(), /CONNECT 127\.0\.0\.1:/);
  assert.doesNotMatch(stdout + stderr, /s3cret/);
  for (const { headers } of [...plain.log, ...secure.log]) assert.equal(headers['proxy-authorization'], undefined);

  // Without credentials it answers 407, to wrong ones 401.
  for (const [login, server] of [
    ['', plain],
    ['someone:wr0ng@', secure],
  ] as const) {
    const refused = await pdl(
      ['-', '-d', `${dir}-2`, '--json', '--retry', '0', '-x', `${login}127.0.0.1:${proxy.port}`],
      {
        stdin: server.url('/file/a'),
      },
    );
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /"code":"PROXY"/);
    assert.doesNotMatch(refused.stdout + refused.stderr, /wr0ng/);
  }
});
