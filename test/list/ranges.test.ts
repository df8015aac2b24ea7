import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readRanges } from '../../src/list/ranges.ts';

function all(text: string): string[] {
  const ranges = readRanges(text);
  assert.ok(ranges !== null && typeof ranges !== 'string', `${text}: ${ranges}`);
  const urls = [...ranges];
  assert.equal(urls.length, ranges.count);
  return urls;
}

// As curl 7.88 prints them with -w '%{url}'.
const table: [pattern: string, urls: string[]][] = [
  ['http://h/[1-3].jpg', ['http://h/1.jpg', 'http://h/2.jpg', 'http://h/3.jpg']],
  ['http://h/[001-003]', ['http://h/001', 'http://h/002', 'http://h/003']],
  ['http://h/[08-11]', ['http://h/08', 'http://h/09', 'http://h/10', 'http://h/11']],
  ['http://h/[0-100:50]', ['http://h/0', 'http://h/50', 'http://h/100']],
  ['http://h/[1-6:2]', ['http://h/1', 'http://h/3', 'http://h/5']],
  ['http://h/[a-c]', ['http://h/a', 'http://h/b', 'http://h/c']],
  ['http://h/[A-E:2]', ['http://h/A', 'http://h/C', 'http://h/E']],
  ['http://h/[5-5]', ['http://h/5']],
  ['http://{one,two}.h/', ['http://one.h/', 'http://two.h/']],
  ['http://h/{a,}', ['http://h/a', 'http://h/']],
  ['http://h/{a}', ['http://h/a']],
  ['http://h/{a,b}[1-2]', ['http://h/a1', 'http://h/a2', 'http://h/b1', 'http://h/b2']],
  ['http://h/\\[1-2\\]', ['http://h/[1-2]']],
  ['http://h/\\{a\\}', ['http://h/{a}']],
  ['http://h/{a\\,b,c}', ['http://h/a,b', 'http://h/c']],
  ['http://h/\\a[1-2]', ['http://h/\\a1', 'http://h/\\a2']],
  ['http://[::1]/[1-2]', ['http://[::1]/1', 'http://[::1]/2']],
  ['http://[fe80::1%25eth0]/', ['http://[fe80::1%25eth0]/']],
];

test("curl's ranges are expanded as curl expands them, the last fastest", () => {
  for (const [pattern, urls] of table) assert.deepEqual(all(pattern), urls, pattern);
});

test('a URL without brackets is none', () => {
  for (const url of ['http://h/', 'http://h/a-b:c,d', '']) assert.equal(readRanges(url), null);
});

test('a malformed range tells its column', () => {
  const wrong: [pattern: string, problem: RegExp][] = [
    ['http://h/[1-', /no range such as \[1-9\] in column 10 /],
    ['http://h/[]', /in column 10 /],
    ['http://h/[a]', /in column 10 /],
    ['http://h/[1-2', /in column 10 /],
    ['http://h/[3-1]', /bad range in column 10$/],
    ['http://h/[1-3:0]', /bad range in column 10$/],
    ['http://h/[1-3:5]', /bad range in column 10$/],
    ['http://h/[z-a]', /bad range in column 10$/],
    ['http://h/[A-z]', /bad range in column 10$/],
    ['http://h/[1-99999999999999999999]', /bad range in column 10$/],
    ['http://h/{a,b', /a { without its end in column 10$/],
    ['http://h/{}', /nothing within the braces in column 10$/],
    ['http://h/{a{b}}', /a { within braces in column 12$/],
    ['http://h/a]', /a \] without its beginning in column 11$/],
    ['http://h/a}', /a } without its beginning in column 11$/],
    ['http://h/[1-9999999999][1-9999999999]', /more URLs than can be counted$/],
  ];
  for (const [pattern, problem] of wrong) assert.match(String(readRanges(pattern)), problem, pattern);
});

test('ranges are made one at a time', () => {
  const ranges = readRanges('http://h/[1-900000000]/[1-9000000]');
  assert.ok(ranges !== null && typeof ranges !== 'string');
  const [first, second] = ranges;
  assert.deepEqual([first, second], ['http://h/1/1', 'http://h/1/2']);
});

test('any text is expanded, left alone or refused with a reason', () => {
  const token = fc.constantFrom(
    '[',
    ']',
    '{',
    '}',
    '\\',
    '-',
    ':',
    ',',
    '1',
    '20',
    'a',
    'z',
    '[1-3]',
    '{a,b}',
    '[::1]',
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
      const read = readRanges(tokens.join(''));
      if (read === null) assert.doesNotMatch(tokens.join(''), /[[\]{}]/);
      else if (typeof read === 'string') assert.match(read, /column \d+|counted/);
      else if (read.count < 1000) assert.equal([...read].length, read.count);
    }),
  );
});
