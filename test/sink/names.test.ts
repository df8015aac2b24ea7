import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { PdlError, UsageError } from '../../src/errors.ts';
import { settle } from '../../src/options.ts';
import { nothingKnown, openNames } from '../../src/sink/names.ts';
import { foldName } from '../../src/sink/taken.ts';
import { give, listed } from './support.ts';

/** URL and the name it gives by itself. */
const byUrl: readonly [url: string, name: string][] = [
  ['http://h/dir/a.jpg', 'a.jpg'],
  ['http://h/dir/a.jpg?size=large', 'a.jpg'],
  ['http://h/dir/a.jpg#part', 'a.jpg'],
  ['http://user:secret@h/a.jpg', 'a.jpg'],
  ['http://h/', 'index.html'],
  ['https://h/dir/', 'index.html'],
  ['http://h/?id=7', 'index.html'],
  ['http://h/a%20b.jpg', 'a b.jpg'],
  ['http://h/caf%C3%A9.jpg', 'café.jpg'],
  ['http://h/caf%E9.jpg', 'caf%E9.jpg'],
  ['http://h/..%2f..%2fetc%2fpasswd', '_%2f..%2fetc%2fpasswd'],
  ['http://h/..%5c..%5Cevil', '_%5c..%5Cevil'],
  ['http://h/C%3Aevil', 'C%3Aevil'],
  ['http://h/a%00b%0Ac%1b', 'a%00b%0Ac%1b'],
  ['http://h/a%C2%9Bb', 'ab'],
  ['http://h/.bashrc', '_bashrc'],
  ['http://h/%2ebashrc', '_bashrc'],
  ['http://h/100%', '100%'],
  ['http://h/%zz%41', '%zzA'],
];

for (const [url, name] of byUrl) {
  test(`${url} is named ${name}`, () => assert.deepEqual(give([url]), [name]));
}

test('a URL of whose name nothing is left gets 8 digits of its hash', () => {
  assert.match(give(['http://h/%E2%80%8B'])[0]!, /^[0-9a-f]{8}$/);
});

test('the second a.jpg is a-2.jpg, the third a-3.jpg, and names already given are passed', () => {
  const urls = ['http://a/a.jpg', 'http://b/a.jpg', 'http://b/a-3.jpg', 'http://c/a.jpg', 'http://d/a.jpg'];
  assert.deepEqual(give(urls), ['a.jpg', 'a-2.jpg', 'a-3.jpg', 'a-4.jpg', 'a-5.jpg']);
});

test('case and Unicode twins are one name', () => {
  const urls = [
    'http://h/a.JPG',
    'http://h/A.jpg',
    'http://h/caf%C3%A9',
    'http://h/CAFE%CC%81',
    'http://h/stra%C3%9Fe',
    'http://h/STRASSE',
  ];
  assert.deepEqual(give(urls), ['a.JPG', 'A-2.jpg', 'café', 'CAFÉ-2', 'straße', 'STRASSE-2']);
});

test('of a file and a directory of one name the later is numbered, and the directory stays one', () => {
  const urls = ['http://h/a', 'http://h/a/b', 'http://h/a/c', 'http://h/d/e', 'http://h/d', 'http://h/A/f'];
  assert.deepEqual(give(urls, { name: '{path}' }), ['a', 'a-2/b', 'a-2/c', 'd/e', 'd-2', 'A-2/f']);
});

test('10,000 files of one name are numbered in no time', () => {
  const urls = Array.from({ length: 10_000 }, (_, at) => `http://h${at}/0.jpg`);
  const before = process.cpuUsage();
  const names = give(urls);
  const { user } = process.cpuUsage(before);
  assert.equal(names.at(-1), '0-10000.jpg');
  // Quadratic it would be 50 million attempts, or half a minute.
  assert.ok(user < 3_000_000, `${user} µs`);
});

test('templates fill every word', () => {
  const job = {
    ...listed('http://h:8080/dir/sub/a.tar.gz?x#f'),
    columns: { album: 'Blue', path: 'no' },
    origin: { source: 'l', number: 7, text: '' },
  };
  const filled = (name: string) => give([job], { name })[0];
  assert.equal(filled('{host}/{path}'), 'h_8080/dir/sub/a.tar.gz');
  assert.equal(filled('{stem}+{ext}'), 'a.tar+gz');
  assert.equal(filled('{index:06}-{index}-{line}.{ext}'), '000001-1-7.gz');
  assert.equal(filled('{album}/{name}'), 'Blue/a.tar.gz');
  assert.match(filled('{hash}')!, /^[0-9a-f]{64}$/);
  assert.equal(filled('{hash:8}'), filled('{hash}')!.slice(0, 8));
  assert.equal(give(['http://h/noext'], { name: '{stem}.{ext}' })[0], 'noext');
  assert.equal(give(['http://h/d/'], { name: '{path}' })[0], 'd/index.html');
});

for (const name of [
  '{',
  'a}',
  '{name',
  '{}',
  '{{name}}',
  '{index:6}',
  '{index:00}',
  '{hash:0}',
  '{hash:65}',
  '{hash:x}',
  '{name:8}',
  '{:8}',
]) {
  test(`the template ${name} is refused at the start`, () => {
    assert.throws(() => openNames(settle({ name })), UsageError);
  });
}

test('a word that no column fills fails its line alone', () => {
  const names = openNames(settle({ name: '{album}/{name}' }));
  assert.throws(
    () => names.give(listed('http://u:secret@h/a'), 1),
    (error) => {
      assert.ok(error instanceof PdlError && error.code === 'NAME', 'another error');
      assert.doesNotMatch(error.message, /secret/);
      return true;
    },
  );
  assert.equal(names.give(listed('http://h/a', { columns: { album: 'x' } }), 2), 'x/a');
});

test('names and columns of the list may make directories below DIR, and never leave it (L11)', () => {
  const named = (name: string) => give([listed('http://h/a', { name })])[0];
  assert.equal(named('sub/dir/b.jpg'), 'sub/dir/b.jpg');
  assert.equal(named('/etc/passwd'), 'etc/passwd');
  assert.equal(named('../../etc/passwd'), 'etc/passwd');
  assert.equal(named('a/../../b'), 'a/b');
  assert.equal(named('.pdl/journal.ndjson'), '_pdl/journal.ndjson');
  assert.equal(named('a\\..\\b'), 'b');
  const column = { ...listed('http://h/a'), columns: { c: '../../x/./y' } };
  assert.equal(give([column], { name: '{c}/{name}' })[0], 'x/y/a');
});

for (const name of ['..', '/', 'pics/', 'a/..', '\u200b']) {
  test(`a list that names a file ${JSON.stringify(name)} has not named it`, () => {
    assert.throws(() => give([listed('http://h/a', { name })]), { code: 'NAME' });
  });
}

test('a policy of the user proposes, and is cleaned and numbered as all are', () => {
  const names = openNames(settle({ names: (job, index) => `../${index % 2}/${job.url.length}` }));
  assert.deepEqual(
    ['http://h/a', 'http://h/b', 'http://h/c'].map((url, at) => names.give(listed(url), at + 1)),
    ['1/10', '0/10', '1/10-2'],
  );
  assert.equal(names.numbered, 1);
});

test('a recorded URL keeps its name, and that name is taken from the start', () => {
  const known = {
    ...nothingKnown(),
    recorded: (job: { url: string }) => (job.url === 'http://b/a.jpg' ? 'a.jpg' : undefined),
  };
  known.taken.reserve('a.jpg');
  const names = openNames(settle(), known);
  assert.deepEqual(
    ['http://a/a.jpg', 'http://b/a.jpg', 'http://c/A.JPG'].map((url, at) => names.give(listed(url), at + 1)),
    ['a-2.jpg', 'a.jpg', 'A-3.JPG'],
  );
});

test('under rename, files on disk are numbered around; under skip they are not', () => {
  const known = () => ({ ...nothingKnown(), occupied: (path: string) => path === 'a.jpg' || path === 'a-2.jpg' });
  assert.equal(openNames(settle({ existing: 'rename' }), known()).give(listed('http://h/a.jpg'), 1), 'a-3.jpg');
  assert.equal(openNames(settle(), known()).give(listed('http://h/a.jpg'), 1), 'a.jpg');
});

test('a path of many directories is shortened to a sane length, and different ones stay different', () => {
  const long = Array.from({ length: 500 }, (_, at) => `directory-${at}`).join('/');
  const [one, two] = give([`http://h/${long}/a`, `http://h/${long}/x/a`], { name: '{path}' });
  assert.equal(Buffer.byteLength(one!) <= 2048 && Buffer.byteLength(two!) <= 2048, true);
  assert.match(one!, /^directory-0\/.*\/[0-9a-f]{8}\/a$/);
  assert.notEqual(one, two);
});

const segment = fc.oneof(
  fc.constantFrom(
    'a',
    'A',
    'b',
    '..',
    '.',
    '%2e%2e',
    'con',
    'a.jpg',
    'A.JPG',
    'é',
    'e%CC%81',
    '-',
    'x'.repeat(260),
    '€'.repeat(90),
    '%00',
    '',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const urls = fc.uniqueArray(
  fc
    .array(segment, { maxLength: 4 })
    .map((segments) => new URL(`http://h/${segments.join('/').replaceAll('#', '').replaceAll('?', '')}`).href),
  { maxLength: 30 },
);

test('two URLs never share a name, and the same list gives the same names, whatever the URLs', () => {
  fc.assert(
    fc.property(
      urls,
      fc.constantFrom('{name}', '{path}', '{host}/{path}', '{stem}/{ext}', '{name}/{index}'),
      (list, name) => {
        const given = give(list, { name });
        const files = new Set(given.map(foldName));
        assert.equal(files.size, list.length);
        for (const path of given) {
          const segments = path.split('/');
          assert.ok(
            segments.every((part) => part !== '' && part !== '.' && part !== '..' && Buffer.byteLength(part) <= 255),
            path,
          );
          // No file is where another needs a directory.
          for (let end = 1; end < segments.length; end += 1)
            assert.ok(!files.has(foldName(segments.slice(0, end).join('/'))), path);
        }
        assert.deepEqual(give(list, { name }), given);
      },
    ),
    { numRuns: 1000 },
  );
});
