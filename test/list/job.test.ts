import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { PdlError } from '../../src/errors.ts';
import { parseChecksum } from '../../src/list/checksum.ts';
import { toJob } from '../../src/list/job.ts';
import { show } from '../../src/show.ts';
import type { Entry } from '../../src/types.ts';

const line = { source: 'list.txt', number: 7, text: 'the line' };
const sha = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

function refusal(entry: Entry | string): string {
  try {
    toJob(entry, { ...line, text: typeof entry === 'string' ? entry : line.text });
  } catch (error) {
    assert.ok(error instanceof PdlError && error.code === 'BAD_LINE', String(error));
    return error.message;
  }
  return assert.fail(`taken: ${JSON.stringify(entry)}`);
}

test('a URL becomes a job with the id of its URL', () => {
  assert.deepEqual(toJob('https://h/a.jpg', line), {
    id: sha('https://h/a.jpg'),
    url: 'https://h/a.jpg',
    origin: line,
  });
});

test('the id is of the URL without fragment, and of the name where the list gives one', () => {
  assert.equal(toJob('https://h/a#top', line).id, sha('https://h/a'));
  assert.equal(toJob({ url: 'https://h/a#x', name: 'b' }, line).id, sha('https://h/a\nb'));
  assert.equal(toJob({ url: 'https://h/a', name: '' }, line).id, sha('https://h/a'));
});

test('a job is plain data and may be an item again', () => {
  const entry = { url: 'http://h/', headers: { A: 'b' }, checksum: 'd'.repeat(32), columns: { c: 'd' }, name: 'n' };
  const job = toJob(entry, line);
  assert.deepEqual(JSON.parse(JSON.stringify(job)), job);
  assert.deepEqual(toJob(job, line), job);
});

test('URLs are written as the WHATWG parser writes them (L6, L7)', () => {
  const table: [given: string, written: string][] = [
    ['HTTP://EXAMPLE.org:80', 'http://example.org/'],
    ['https://bücher.example/é', 'https://xn--bcher-kva.example/%C3%A9'],
    ['http://ａ。ｂ/', 'http://a.b/'],
    ['http://0x7f.1/', 'http://127.0.0.1/'],
    ['http://2130706433/', 'http://127.0.0.1/'],
    ['http://[::1]:81/a', 'http://[::1]:81/a'],
    ['  http://h/a \t\r', 'http://h/a'],
    ['http://u:p@h/', 'http://u:p@h/'],
  ];
  for (const [given, written] of table) assert.equal(toJob(given, line).url, written);
});

test('only http:// and https:// URLs are fetched (L5)', () => {
  const others = [
    'ftp://h/',
    'file:///etc/passwd',
    'http:/h/',
    'http:h',
    'h/a.jpg',
    '//h/a',
    'http:///h',
    'http://\\h',
    'x',
  ];
  for (const text of others) assert.match(refusal(text), /: only http:\/\/ and https:\/\/ URLs are fetched$/);
});

test('what the WHATWG parser would silently delete or encode makes the line bad (L3)', () => {
  assert.match(refusal('http://h/a\r\nX: y'), /: there is a control character inside$/);
  assert.match(refusal('http://h/a\0b'), /: there is a control character inside$/);
  assert.match(refusal('http://h/a\x1b[2J'), /: there is a control character inside$/);
  assert.match(refusal('http://h/\ufffd'), /: it is not valid UTF-8$/);
  assert.match(refusal('http://h/a\tname'), /: there is text after a TAB$/);
  assert.match(refusal('http://h/a b'), /: there is a blank inside \(write %20\)$/);
});

test('lines that are empty, too long or no URL say so', () => {
  assert.match(refusal(''), /it is empty$/);
  assert.match(refusal(`http://h/${'a'.repeat(65_528)}`), /it is longer than 64 kB$/);
  assert.match(refusal('http://h:99999/'), /it is no valid URL$/);
  assert.match(refusal('http://a b/'), /blank/);
  assert.equal(toJob(`http://h/${'a'.repeat(65_527)}`, line).url.length, 65_536);
});

test('items of a wrong kind are bad lines, never a crash', () => {
  const wrong = [
    null,
    7,
    {},
    { url: 7 },
    [],
    { url: 'http://h/', headers: { a: 1 } },
    { url: 'http://h/', columns: ['a'] },
  ];
  for (const item of wrong) assert.match(refusal(item as never), /^Cannot read "/);
  assert.match(refusal({ url: 'http://h/', name: 7 as never }), /its name is no text$/);
  assert.match(refusal({ url: 'http://h/', checksum: {} as never }), /its checksum is/);
  assert.match(refusal({ url: '', problem: 'it is odd' }), /^Cannot read "the line": it is odd$/);
});

test('checksums are read as lists write them', () => {
  const [md5, sha1, sha256, sha512] = [32, 40, 64, 128].map((length) => 'aB'.repeat(length / 2));
  const table: [string, ReturnType<typeof parseChecksum>][] = [
    [md5!, { algorithm: 'md5', hex: md5!.toLowerCase() }],
    [sha1!, { algorithm: 'sha1', hex: sha1!.toLowerCase() }],
    [sha512!, { algorithm: 'sha512', hex: sha512!.toLowerCase() }],
    [`sha256:${sha256}`, { algorithm: 'sha256', hex: sha256!.toLowerCase() }],
    [`SHA-256=${sha256}`, { algorithm: 'sha256', hex: sha256!.toLowerCase() }],
    [`sha-1 = ${sha1}`, { algorithm: 'sha1', hex: sha1!.toLowerCase() }],
    [`sha256:${sha1}`, null],
    [`crc32:${'a'.repeat(8)}`, null],
    [`toString:${md5}`, null],
    ['a'.repeat(33), null],
    [`${'a'.repeat(31)}g`, null],
    ['', null],
  ];
  for (const [text, read] of table) assert.deepEqual(parseChecksum(text), read, text);
  assert.match(refusal({ url: 'http://h/', checksum: 'abc' }), /its checksum is not the hex/);
  const algorithm = 'sha1' as const;
  assert.deepEqual(
    toJob({ url: 'http://h/', checksum: { algorithm, hex: sha1! } }, line).checksum?.hex,
    'ab'.repeat(20),
  );
});

test('a message shows 80 characters at most, on one line, without secrets', () => {
  assert.match(refusal(`ftp://${'a'.repeat(500)}`), /^Cannot read "ftp:\/\/a{74}…": only/);
  assert.equal(show('http://me:secret@host/a b'), 'http://host/a b');
  assert.equal(show('ftp://me:secret@host'), 'ftp://host');
  assert.equal(show('http://me:pa/ss@host/'), 'http://host/');
  assert.equal(show('http://h:80/@a b'), 'http://h:80/@a b');
  assert.equal(show('{"headers":{"Authorization":"Bearer x"}}'), '{"headers":{"Authorization…');
  assert.equal(show('a\x1b[2J\u202eb\u2028'), 'a\\x1b[2J\\u202eb');
  assert.equal(show('a'.repeat(1_000_000)).length, 81);
});

test('whatever a line holds, it is a job or a sentence fit to print', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.webUrl(),
        fc.string().map((path) => `http://h/${path}`),
      ),
      (text) => {
        try {
          const { url } = toJob(text, { ...line, text });
          assert.match(url, /^https?:\/\/[^\s]+$/);
        } catch (error) {
          assert.match((error as PdlError).message, /^Cannot read "[^\x00-\x1f\x7f-\x9f]{0,300}": [^\n]*[^.]$/);
        }
      },
    ),
  );
});
