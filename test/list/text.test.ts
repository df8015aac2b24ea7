import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PdlError } from '../../src/errors.ts';
import { openSplitter, type RawLine } from '../../src/list/text.ts';

/** All lines of a text that comes in these chunks. */
function split(...chunks: (string | Uint8Array)[]): RawLine[] {
  const splitter = openSplitter('x');
  const lines = chunks.flatMap((chunk) => splitter.take(Buffer.from(chunk as string)));
  return [...lines, ...splitter.end()];
}

const texts = (...chunks: (string | Uint8Array)[]) => split(...chunks).map(({ text }) => text);

test('lines end at LF or CR LF, and the last needs no end (L2)', () => {
  assert.deepEqual(texts('a\nb\r\n\nc'), ['a', 'b', '', 'c']);
  assert.deepEqual(texts('a\n'), ['a']);
  assert.deepEqual(texts(''), []);
  assert.deepEqual(texts('a\r'), ['a']);
});

test('a lone CR is no line end: the line keeps it and becomes a bad one (L2)', () => {
  assert.deepEqual(texts('a\rb\nc'), ['a\rb', 'c']);
});

test('lines are numbered from 1, blank ones too', () => {
  assert.deepEqual(
    split('\n\na').map(({ number }) => number),
    [1, 2, 3],
  );
});

test('a UTF-8 mark is no part of the first line, and only there (L1)', () => {
  assert.deepEqual(texts('\ufeffhttp://h/\n\ufeffb'), ['http://h/', '\ufeffb']);
});

test('UTF-16 is refused with the way out (L1)', () => {
  for (const mark of [Buffer.from([0xff, 0xfe, 0x68, 0, 10, 0]), Buffer.from([0xfe, 0xff, 0, 0x68, 0, 10])])
    assert.throws(
      () => split(mark.subarray(0, 1), mark.subarray(1)),
      (error) =>
        error instanceof PdlError && error.code === 'LIST' && /UTF-16 text \(convert it: iconv/.test(error.message),
    );
});

test('bytes that are no UTF-8 become U+FFFD, which no URL may hold (L3)', () => {
  assert.deepEqual(texts(Buffer.from([0x61, 0xff, 0x62])), ['a\ufffdb']);
});

test('a line of more than 64 kB is one marked line, of which 1 kB is kept (L4)', () => {
  const [first, second, third] = split('a'.repeat(65_536), '\n', 'b'.repeat(60_000), 'b'.repeat(5_537), '\n', 'c');
  assert.deepEqual([first?.text.length, first?.long], [65_536, undefined]);
  assert.deepEqual([second?.text.length, second?.long, second?.number], [1024, true, 2]);
  assert.equal(third?.text, 'c');
});

test('neither the mark nor the line end count for the 64 kB, however they come', () => {
  const mark = Buffer.from('\ufeff');
  for (const length of [65_536, 65_537]) {
    const line = Buffer.alloc(length, 'a');
    const whole = split(Buffer.concat([mark, line, Buffer.from('\r\nb')]));
    const parts = split(mark, line.subarray(0, 9), line.subarray(9), '\r', '\n', 'b');
    assert.deepEqual(parts, whole);
    assert.deepEqual(
      whole.map(({ text, long }) => [text.length, long]),
      [length === 65_536 ? [length, undefined] : [1024, true], [1, undefined]],
    );
  }
  const far = [mark, Buffer.alloc(65_536, 'a'), Buffer.alloc(65_536, 'b')];
  assert.deepEqual(split(...far), split(Buffer.concat(far)));
});

test('an endless line holds no memory', () => {
  const splitter = openSplitter('x');
  const before = process.memoryUsage().arrayBuffers;
  for (let round = 0; round < 2_000; round++) {
    splitter.take(Buffer.alloc(65_536, 'a'));
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < 100_000_000);
  assert.equal(splitter.end()[0]?.long, true);
});

test('any chunking of a text gives the same lines', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('\n', '\r', '\r\n', '\n\n', '\ufeff', 'a'.repeat(65_535), 'é'.repeat(32_768), 'b'.repeat(70_000)),
  );
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.nat(200_000)), (pieces, cuts) => {
      const bytes = Buffer.from(pieces.join(''));
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((place, at) => bytes.subarray(places[at], place));
      assert.deepEqual(split(...chunks), split(bytes));
      const whole = bytes.toString().replace(/^\ufeff/, '');
      const expected =
        whole === ''
          ? []
          : whole
              .replace(/\n$/, '')
              .split('\n')
              .map((text) => text.replace(/\r$/, ''));
      if (bytes.length < 65_000 && whole === bytes.toString()) assert.deepEqual(texts(bytes), expected);
    }),
  );
});

test('a text in single bytes is joined once, not again for each byte', () => {
  const splitter = openSplitter('x');
  const one = Buffer.from('a');
  for (let at = 0; at < 60_000; at++) splitter.take(one);
  assert.equal(splitter.take(Buffer.from('\n'))[0]?.text.length, 60_000);
});
