import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Options, settle } from '../../src/options.ts';
import { openCredentials } from '../../src/transfer/credentials.ts';
import { checkHeaders } from '../../src/transfer/fields.ts';
import { headersFor, requestFor } from '../../src/transfer/request.ts';
import type { Job } from '../../src/types.ts';
import { version } from '../../src/version.ts';
import { fails, jobOf, stillClock, taskOf } from './fakes.ts';

const dir = mkdtempSync(join(tmpdir(), 'pdl-request-'));
after(() => rmSync(dir, { recursive: true }));

function file(name: string, text: string | Buffer): string {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
}

const open = (options: Options = {}, env = {}) => openCredentials(settle({ clock: stillClock, ...options }), env);
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

/** Headers for `url` on behalf of a job for `own`. */
function sent(options: Options, own = 'http://h/a', url = own, more: Partial<Job> = {}, env = {}) {
  return headersFor(jobOf(own, more), url, open(options, env));
}

test('pdl names itself and its version, and asks for bytes as they are', () => {
  const packed = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
  assert.equal(version, packed.version);
  assert.deepEqual(sent({}), { 'User-Agent': `pdl/${version}`, Accept: '*/*', 'Accept-Encoding': 'identity' });
});

test('a plain job costs no object: all requests share one that cannot be changed', () => {
  const secrets = open();
  const one = requestFor(taskOf('http://h/a'), null, secrets).headers;
  assert.equal(requestFor(taskOf('http://h/b'), null, secrets).headers, one);
  assert.ok(Object.isFrozen(one));
});

test('the user’s headers win over pdl’s, the job’s over both, whatever their case', () => {
  const options = { header: ['user-agent: mine', 'ACCEPT: image/*', 'X-A: 1'], userAgent: 'other' };
  assert.deepEqual(sent(options, 'http://h/a', 'http://h/a', { headers: { 'x-a': '2' } }), {
    'user-agent': 'mine',
    ACCEPT: 'image/*',
    'Accept-Encoding': 'identity',
    'x-a': '2',
  });
});

test('as in curl, `Name:` takes back a header and `Name;` sends an empty one', () => {
  assert.deepEqual(sent({ header: ['Accept:', 'X-Empty;', 'User-Agent:'] }), {
    'Accept-Encoding': 'identity',
    'X-Empty': '',
  });
});

test('headers of a file are sent as its bytes stand there, before those of the options', () => {
  const headerFile = file('headers', '\ufeff# a comment\r\nX-A: é\r\n\nX-B:  b \nCookie: a=1\n');
  const headers = sent({ headerFile, header: ['X-B: c', 'Cookie: b=2'] });
  assert.equal(Buffer.from(headers['X-A']!, 'latin1').toString(), 'é');
  assert.equal(headers['X-B'], 'b, c');
  assert.equal(headers['Cookie'], 'a=1; b=2');
});

test('letters beyond ASCII go as UTF-8', () => {
  for (const headers of [sent({ header: 'X-A: é' }), sent({}, 'http://h/', 'http://h/', { headers: { 'X-A': 'é' } })]) {
    assert.equal(headers['X-A'], '\xc3\xa9');
  }
  assert.equal(sent({ userAgent: 'é' })['User-Agent'], '\xc3\xa9');
});

const forged = ['a\r\nHost: evil', 'a\nb', 'a\rb', 'a\u0001', 'a\x7f'];
const reserved = ['Host', 'content-length', 'Transfer-Encoding', 'Connection', 'Range', 'If-Range', 'ACCEPT-ENCODING'];
const badNames = ['', 'X A', 'X\r\nY', 'Ä', 'X(', 'X\0'];

test('a header that forges, frames or names badly is refused at start, its value unsaid (L10)', () => {
  const refused = { name: 'UsageError', message: /^Cannot use (?!.*secret)/s };
  for (const value of forged) assert.throws(() => open({ header: ['X-B: b', `X-A: secret${value}`] }), refused, value);
  for (const name of [...reserved, 'Proxy-Authorization', 'TE', 'Upgrade', 'Expect']) {
    assert.throws(() => open({ header: `${name}: secret` }), {
      ...refused,
      message: /header number 1.*pdl sets it itself/,
    });
  }
  for (const name of badNames.slice(0, -1)) assert.throws(() => open({ header: `${name}: secret` }), refused, name);
  for (const text of ['secret', '@file', ': secret']) assert.throws(() => open({ header: text }), refused, text);
  assert.throws(() => open({ userAgent: 'a\nsecret: b' }), refused);
  assert.throws(() => open({ headerFile: file('bad', 'X-A: 1\nsecret\n') }), {
    name: 'UsageError',
    message: `Cannot use header file ${join(dir, 'bad')}, line 2: allowed is 'Name: value'`,
  });
});

test('the same holds for the headers of a job', () => {
  const refused = (headers: Record<string, string>) =>
    assert.throws(() => checkHeaders(headers), fails('BAD_LINE', {}, /^Cannot send header (?!.*secret)/s));
  for (const value of [...forged, 'a\0b']) refused({ 'X-A': `secret${value}` });
  for (const name of [...reserved, ...badNames]) refused({ [name]: 'secret' });
  refused({ 'X-A': 5 as never });
  checkHeaders({ 'X-A': 'a\tb é', Authorization: 'Basic x', Cookie: 'a=b' });
});

test('a file that cannot be read is named', () => {
  const missing = join(dir, 'missing');
  for (const [name, what] of [
    ['headerFile', 'header file'],
    ['netrcFile', 'netrc file'],
    ['cookies', 'cookies file'],
  ] as const) {
    assert.throws(() => open({ [name]: missing }), {
      name: 'UsageError',
      message: `Cannot read ${what} ${missing}: ENOENT`,
    });
  }
  assert.throws(() => open({ netrc: true }, { HOME: missing }), /Cannot read netrc file .*missing\/\.netrc: ENOENT/);
});

test('userinfo is sent as Basic to its own origin only (L8, D2)', () => {
  const own = 'http://me:secret@h/a';
  assert.equal(sent({}, own)['Authorization'], basic('me:secret'));
  assert.equal(sent({}, own, 'http://h/b')['Authorization'], basic('me:secret'));
  for (const other of ['https://h/a', 'http://h:81/a', 'http://www.h/a', 'http://you:other@h2/']) {
    assert.equal(sent({}, own, other)['Authorization'], undefined, other);
  }
});

test('userinfo is percent-decoded as UTF-8, and broken escapes are kept', () => {
  for (const [userinfo, text] of [
    ['me', 'me:'],
    ['me:a%3Ab%40', 'me:a:b@'],
    ['%C3%A9:ü', 'é:ü'],
    ['me:100%', 'me:100%'],
    [':secret', ':secret'],
  ] as const) {
    assert.equal(sent({}, new URL(`http://${userinfo}@h/`).href)['Authorization'], basic(text), userinfo);
  }
  const raw = sent({}, 'http://%E4:x@h/')['Authorization'];
  assert.equal(raw, `Basic ${Buffer.from('\xe4:x', 'latin1').toString('base64')}`);
});

test('the user’s own Authorization wins over userinfo and netrc', () => {
  const netrcFile = file('netrc', 'machine h login me password secret');
  const headers = sent({ header: 'authorization: Bearer x', netrcFile }, 'http://a:b@h/');
  assert.deepEqual([headers['authorization'], headers['Authorization']], ['Bearer x', undefined]);
});

test('netrc goes by the machine of the hop', () => {
  const netrcFile = file(
    'netrc',
    'machine h login me password sécret machine other login you password two default login no',
  );
  assert.equal(sent({ netrcFile })['Authorization'], basic('me:sécret'));
  assert.equal(sent({ netrcFile }, 'http://h/', 'https://other/')['Authorization'], basic('you:two'));
  assert.equal(sent({ netrcFile }, 'http://h/', 'https://www.other/')['Authorization'], undefined);
  assert.equal(sent({ netrcFile }, 'http://a:b@h/')['Authorization'], basic('a:b'));
});

test('where a redirect leads, a netrc login goes over https to its usual port only', () => {
  const netrcFile = file('netrc', 'machine h login me password one machine other login you password two');
  for (const hop of ['http://other/', 'http://other:8080/', 'https://other:8443/', 'http://h:8080/', 'https://h:444/'])
    assert.equal(sent({ netrcFile }, 'http://h/', hop)['Authorization'], undefined, hop);
  for (const own of ['http://h/', 'http://h:8080/', 'https://h:444/'])
    assert.equal(sent({ netrcFile }, own, own)['Authorization'], basic('me:one'), own);
});

test('--netrc reads NETRC, else ~/.netrc', () => {
  file('.netrc', 'machine h login home password p');
  const NETRC = file('elsewhere', 'machine h login env password p');
  assert.equal(sent({ netrc: true }, 'http://h/', 'http://h/', {}, { HOME: dir })['Authorization'], basic('home:p'));
  assert.equal(
    sent({ netrc: true }, 'http://h/', 'http://h/', {}, { HOME: dir, NETRC })['Authorization'],
    basic('env:p'),
  );
  assert.equal(sent({}, 'http://h/', 'http://h/', {}, { HOME: dir, NETRC })['Authorization'], undefined);
});

test('cookies of a file go by the host of the hop, the user’s own Cookie only home', () => {
  const cookies = file('cookies', 'h\tFALSE\t/\tFALSE\t0\ta\té\nother\tFALSE\t/\tFALSE\t0\tb\t2\n');
  assert.equal(sent({ cookies })['Cookie'], 'a=\xc3\xa9');
  assert.equal(sent({ cookies }, 'http://h/', 'http://other/')['Cookie'], 'b=2');
  assert.equal(sent({ cookies, header: 'cookie: own=1' })['cookie'], 'own=1');
  assert.equal(sent({ cookies, header: 'cookie: own=1' })['Cookie'], undefined);
  assert.equal(sent({ cookies, header: 'cookie: own=1' }, 'http://h/', 'http://third/')['cookie'], undefined);
});
