import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PdlError } from '../../src/errors.ts';
import { type Format, formatOf, readers } from '../../src/list/formats/format.ts';
import { openSplitter } from '../../src/list/text.ts';
import type { Entry } from '../../src/types.ts';

/** Entries of a text, and what was told to people. Every line comes alone, so that records must survive any pause of a file. */
function read(format: Format, text: string): { entries: Entry[]; warnings: string[] } {
  const warnings: string[] = [];
  const reader = readers[format]('list', (what, line, told) => warnings.push(`${line} ${what}: ${told}`));
  const splitter = openSplitter('list');
  const lines = [...splitter.take(Buffer.from(text)), ...splitter.end()];
  const entries = lines.flatMap((line) => reader.take([line]));
  return { entries: [...entries, ...reader.end()], warnings };
}

/** Without origins, for tables. */
function bare(format: Format, text: string): Omit<Entry, 'origin'>[] {
  return read(format, text).entries.map(({ origin: _, ...entry }) => entry);
}

test('the ending tells the format, .gz aside', () => {
  const table: [string, Format][] = [
    ['a.csv', 'csv'],
    ['a.TSV', 'tsv'],
    ['dir.csv/a', 'lines'],
    ['a.jsonl.gz', 'jsonl'],
    ['a.ndjson', 'jsonl'],
    ['a.txt.gz', 'lines'],
    ['a.aria2', 'lines'],
    ['-', 'lines'],
    ['csv', 'lines'],
  ];
  for (const [path, format] of table) assert.equal(formatOf(path), format, path);
});

test('a plain list: comments, blank lines and blanks around a URL do not count', () => {
  const text = '# a comment\n\nhttp://h/a\n   \n  # one more\n\thttp://h/b  \n http://h/#c\n';
  assert.deepEqual(
    bare('lines', text).map(({ url }) => url.trim()),
    ['http://h/a', 'http://h/b', 'http://h/#c'],
  );
  assert.deepEqual(
    read('lines', text).entries.map(({ origin }) => origin?.number),
    [3, 6, 7],
  );
});

test('a plain list: what is indented and no URL is an option of the URL above, or bad', () => {
  const text =
    'http://h/a\n  out=b.jpg\n  header=A: 1\n  header=a: 2\n  column.my%20title= x=y \nhttp://h/b\n  nonsense\n  out=x\n';
  assert.deepEqual(bare('lines', text), [
    { url: 'http://h/a', name: 'b.jpg', headers: { A: '1, 2' }, columns: { 'my title': 'x=y' } },
    { url: 'http://h/b' },
    { url: '', problem: 'it is no URL' },
    { url: '', problem: 'it is an option without a URL above it' },
  ]);
  const [first] = read('lines', text).entries;
  assert.deepEqual(first?.origin, { source: 'list', number: 1, text: text.split('\n').slice(0, 5).join('\n') });
});

test('a plain list at a pipe gives each URL out at once, until it has shown options', () => {
  const reader = readers.lines('-', () => {});
  const line = (number: number, text: string) => ({ source: '-', number, text });
  assert.equal(reader.take([line(1, 'http://h/a')]).length, 0);
  assert.deepEqual(
    reader.pause?.().map(({ url }) => url),
    ['http://h/a'],
  );
  reader.take([line(2, 'http://h/b'), line(3, '  out=b')]);
  assert.deepEqual(reader.pause?.(), []);
  assert.deepEqual(reader.take([line(4, '  header=A: b')]), []);
  assert.deepEqual(reader.end()[0]?.headers, { A: 'b' });
});

test('an aria2 list: out, dir, header and checksum are taken, all else is named once', () => {
  const sum = 'a'.repeat(64);
  const text = [
    'http://h/iso\thttp://mirror/iso',
    '  dir=/iso_images',
    `  checksum=sha-256=${sum}`,
    '  split=5',
    'http://h/b\thttp://mirror/b',
    '  # a comment',
    '  out=b.img',
    '  dir=a/../b',
    '  split=4',
    'http://h/dir/%41%2fb.c?x',
    ' dir=d',
    ' header=X-A: b:c',
  ].join('\n');
  const { warnings } = read('aria2', text);
  assert.deepEqual(bare('aria2', text), [
    { url: 'http://h/iso', name: '/iso_images/iso', checksum: `sha-256=${sum}` },
    { url: 'http://h/b', name: 'a/../b/b.img' },
    { url: 'http://h/dir/%41%2fb.c?x', name: 'd/A%2fb.c', headers: { 'X-A': 'b:c' } },
  ]);
  assert.deepEqual([...new Set(warnings.map((text) => text.replace(/^\d+ |:.*/g, '').trim()))], ['', 'dir', 'split']);
});

test('an aria2 list: lines that are no option, or belong to no URL, are bad lines', () => {
  assert.deepEqual(bare('aria2', '  out=a\nhttp://h/\n  http://h/b\n'), [
    { url: '', problem: 'it is an option without a URL above it' },
    { url: 'http://h/' },
    { url: '', problem: 'it is no option key=value' },
  ]);
  assert.match(bare('aria2', 'http://h/\n header=nonsense')[0]?.problem ?? '', /header=/);
});

test('CSV: the header tells what the fields are', () => {
  const text =
    '# list\nURL,out,sha256,header.Referer,title,note\n\nhttp://h/a,a.jpg,abc,http://r/,"one, ""two""\nthree",\nhttp://h/b,,,,x,y\n';
  const { entries } = read('csv', text);
  assert.deepEqual(bare('csv', text), [
    {
      url: 'http://h/a',
      name: 'a.jpg',
      checksum: 'sha256:abc',
      headers: { Referer: 'http://r/' },
      columns: { title: 'one, "two"\nthree', note: '' },
    },
    { url: 'http://h/b', columns: { title: 'x', note: 'y' } },
  ]);
  assert.deepEqual(entries[0]?.origin, {
    source: 'list',
    number: 4,
    text: 'http://h/a,a.jpg,abc,http://r/,"one, ""two""\nthree",',
  });
  assert.equal(entries[1]?.origin?.number, 6);
});

test('CSV: a ragged record or broken quotes spoil one record, not the next', () => {
  const text =
    'url,t\nhttp://h/a\nhttp://h/b,1,2\nhttp://h/c,"x"y\nhttp://h/d,"never closed\nhttp://h/e,1\nhttp://h/f,a"b\n';
  assert.deepEqual(
    bare('csv', text).map(({ url, problem }) => problem ?? url),
    [
      'it has 1 fields where the header has 2',
      'it has 3 fields where the header has 2',
      'its quotes are broken',
      'its quotes are broken',
      'http://h/e',
      'its quotes are broken',
    ],
  );
  assert.deepEqual(
    read('csv', text).entries.map(({ origin }) => origin?.number),
    [2, 3, 4, 5, 6, 7],
  );
});

test('CSV: a quote that never closes holds no more than 64 kB', () => {
  const lines = Array.from({ length: 20_000 }, (_, at) => `http://h/${at},1`);
  const { entries } = read('csv', ['url,t', 'http://h/x,"open', ...lines].join('\n'));
  assert.equal(entries.length, 20_001);
  assert.deepEqual(
    entries.filter(({ problem }) => problem).map(({ origin }) => origin?.number),
    [2],
  );
});

test('CSV: a header without url, or with a name twice, refuses the list', () => {
  for (const [text, state] of [
    ['http://h/a,1\n', /names no column url \(line 1: "http/],
    ['url,a,a\n', /names "a" twice/],
  ] as const)
    assert.throws(
      () => read('csv', text),
      (error) => error instanceof PdlError && error.code === 'LIST' && state.test(error.message),
    );
});

test('CSV: lists that were put one after the other bring their headers along', () => {
  const text = 'url,title\nhttp://h/a,url\nout,url\nb.jpg,http://h/b\n';
  assert.deepEqual(bare('csv', text), [
    { url: 'http://h/a', columns: { title: 'url' } },
    { url: 'http://h/b', name: 'b.jpg' },
  ]);
});

test('TSV: quotes are understood in order, else they are text', () => {
  const text = 'url\ttitle\nhttp://h/a\t"one\ttwo"\nhttp://h/b\t5" disk\nhttp://h/c\t"open\nhttp://h/d\t"a" b\n';
  assert.deepEqual(
    bare('tsv', text).map(({ columns }) => columns?.['title']),
    ['one\ttwo', '5" disk', '"open', '"a" b'],
  );
});

test('TSV: a field whose quotes are out of order leaves its neighbours alone', () => {
  const [entry] = bare('tsv', 'url\ta\tb\tc\nhttp://h/\t"one\ttwo"\t"open\t"x""y"\n');
  assert.deepEqual(entry?.columns, { a: 'one\ttwo', b: '"open', c: 'x"y' });
});

test('CSV: lines behind a slip of the quotes are read once, in whatever pieces they come', () => {
  const text = `url,t\n${'http://h/,"a\n'.repeat(3)}http://h/x,"b"c\n${'http://h/,"a\n'.repeat(2)}\nhttp://h/y,"d\ne"\n`;
  const expected = [...Array(6).fill('its quotes are broken'), 'http://h/y'];
  const { entries } = read('csv', text);
  assert.deepEqual(
    entries.map(({ url, problem }) => problem ?? url),
    expected,
  );
  const reader = readers.csv('list', () => {});
  const splitter = openSplitter('list');
  const together = [...reader.take([...splitter.take(Buffer.from(text)), ...splitter.end()]), ...reader.end()];
  assert.deepEqual(together, entries);
});

test('columns called __proto__ or constructor are columns', () => {
  const [entry] = bare('csv', 'url,__proto__,constructor\nhttp://h/,a,b\n');
  assert.deepEqual(Object.entries(entry?.columns ?? {}), [
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
  const [json] = bare('jsonl', '{"url":"http://h/","__proto__":"a"}');
  assert.deepEqual(Object.entries(json?.columns ?? {}), [['__proto__', 'a']]);
  assert.equal(({} as Record<string, unknown>)['a'], undefined);
});

test('JSON Lines: url, out or name, checksums, headers, columns; other plain values are columns', () => {
  const { entries, warnings } = read(
    'jsonl',
    [
      '{"url":"http://h/a","out":"a","sha1":"ab","headers":{"A":1},"columns":{"x":null,"y":true},"n":7,"none":null}',
      '# a comment',
      '{"url":"http://h/b","name":"b","checksum":"md5:ab","tags":["x"]}',
      '',
      '{"url":"http://h/c"',
      '"http://h/d"',
      '{"out":"e"}',
      '{"url":"http://h/f","headers":[]}',
    ].join('\n'),
  );
  assert.deepEqual(
    entries.map(({ origin: _, ...entry }) => entry),
    [
      { url: 'http://h/a', name: 'a', checksum: 'sha1:ab', headers: { A: '1' }, columns: { y: 'true', n: '7' } },
      { url: 'http://h/b', name: 'b', checksum: 'md5:ab' },
      { url: '', problem: 'it is broken JSON' },
      { url: '', problem: 'it is no JSON object' },
      { url: '', name: 'e' },
      { url: 'http://h/f', problem: 'its headers are no JSON object' },
    ],
  );
  assert.deepEqual(warnings, ['3 tags: tags is no plain value and not used']);
});

test('in every format a line of more than 64 kB is one bad line', () => {
  for (const format of ['lines', 'aria2', 'csv', 'tsv', 'jsonl'] as const) {
    const url =
      format === 'jsonl'
        ? '{"url":"http://h/"}'
        : format === 'csv' || format === 'tsv'
          ? 'url\nhttp://h/'
          : 'http://h/';
    const { entries } = read(format, `${url}\n${'x'.repeat(70_000)}\n${url.split('\n').at(-1)}\n`);
    assert.deepEqual(
      entries.map(({ problem }) => problem),
      [undefined, 'it is longer than 64 kB', undefined],
      format,
    );
  }
});

test('whatever a list holds, a reader gives entries or refuses the list', () => {
  const token = fc.constantFrom(
    '\n',
    ',',
    '\t',
    '"',
    '#',
    ' ',
    'url',
    'http://h/',
    '{',
    '}',
    'out=',
    ':',
    'x',
    '\r',
    '""',
  );
  fc.assert(
    fc.property(fc.constantFrom('lines', 'aria2', 'csv', 'tsv', 'jsonl'), fc.array(token), (format, tokens) => {
      try {
        for (const { origin } of read(format as Format, tokens.join('')).entries) assert.ok((origin?.number ?? 0) > 0);
      } catch (error) {
        assert.ok(error instanceof PdlError && error.code === 'LIST', String(error));
      }
    }),
  );
});

test('a CSV record is the same in whichever company it is read', () => {
  const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', ' ', 'é') });
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(fc.array(fc.tuple(field, field)), (rows) => {
      const text = ['url,a,b', ...rows.map(([a, b]) => `http://h/,${quoted(a)},${quoted(b)}`)].join('\n');
      assert.deepEqual(
        bare('csv', text).map(({ columns }) => [columns?.['a'], columns?.['b']]),
        rows,
      );
    }),
  );
});
