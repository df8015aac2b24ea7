import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CanonicalChunks } from '../../src/transfer/canonical-chunks.ts';
import { canonicalHead, cleanHead } from '../../src/transfer/canonical-head.ts';
import { CanonicalReply } from '../../src/transfer/canonical-reply.ts';
import { headPaths } from '../support/sins-heads.ts';

const head = (lines: string) => canonicalHead(`HTTP/1.1 200 OK\r\n${lines}\r\n\r\n`);
const block = (lines: string) => `HTTP/1.1 200 \r\n${lines}\r\n\r\n`;

test('a usual head needs no mending, and says whether chunks follow', () => {
  for (const [lines, chunked] of [
    ['Content-Length: 5', false],
    ['content-length:5\r\nETag: "a b"\r\nX-Empty:\r\nX-Raw: d\xe9j\xe0', false],
    ['Transfer-Encoding: chunked', true],
    ['X: 1', false],
  ] as const) {
    const text = `HTTP/1.1 200 OK\r\n${lines}\r\n\r\n`;
    assert.deepEqual(cleanHead(text), { text, chunked });
  }
});

test('a head is clean only when nothing could be read otherwise', () => {
  for (const lines of [
    'X: 1 ',
    'X: 1\t',
    'X : 1',
    'X: a\0b',
    'X: a\x1bb',
    ' folded',
    'X: 1\n',
    'no colon',
    'Content-Length: 5\r\nContent-Length: 5',
    'Content-Length: 5, 5',
    'Content-Length: 05',
    'Content-Length: 5\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding: chunked\xa0',
  ])
    assert.equal(cleanHead(`HTTP/1.1 200 OK\r\n${lines}\r\n\r\n`), null, JSON.stringify(lines));
  assert.equal(cleanHead('HTTP/1.1 103 Early\r\n\r\n'), null);
  assert.equal(cleanHead('ICY 200 OK\r\n\r\n'), null);
});

test('white space goes, folded lines are joined, odd names are dropped', () => {
  for (const [lines, mended] of [
    ['X: 1 \t', 'X: 1'],
    ['X \t:\t 1', 'X: 1'],
    ['X: a\r\n b\r\n\tc', 'X: a b c'],
    ['X: a\x1bb\x7f', 'X: a b'],
    ['X Y: 1\r\nZ: 2', 'Z: 2'],
    ['X Y: 1\r\n folded onto it\r\nZ: 2', 'Z: 2'],
    ['(x): 1\r\n: 2\r\nZ: 3', 'Z: 3'],
  ] as const)
    assert.deepEqual(head(lines), { text: block(mended), chunked: false }, JSON.stringify(lines));
});

test('one framing is left, or none at all', () => {
  const chunked = 'Transfer-Encoding: chunked';
  for (const [lines, text] of [
    ['Content-Length: 5\r\nContent-Length: 05', 'Content-Length: 5'],
    ['Content-Length:\r\n 5', 'Content-Length: 5'],
    ['Content-Length: 5\r\nTransfer-Encoding: identity', 'Content-Length: 5'],
    [`Content-Length: 7\r\n${chunked}`, `${chunked}\r\nConnection: close`],
    [`${chunked}\r\n${chunked}`, chunked],
    ['Transfer-Encoding: ,chunked,', chunked],
    ['Transfer-Encoding : Chunked\t', chunked],
  ] as const)
    assert.equal(head(lines)?.text, block(text), JSON.stringify(lines));
  for (const lines of [
    'Content-Length: 5\r\nContent-Length: 6',
    'Content-Length: 5, 6',
    'Content-Length: +5',
    'Content-Length: 0x5',
    'Content-Length: -5',
    'Content-Length:',
    'Content-Length : 6\r\nContent-Length: 5',
    `Content-Length: 15\r\nX: 1\n${chunked}`,
    `Content-Length: 15\r\n${chunked}\f`,
    'Content-Le\x01ngth: 5',
    'X: 1\rContent-Length: 3\r\nContent-Length: 5',
    'Content-Length 5\r\nX: 1',
    '<html>\r\nContent-Length: 5',
    'HTTP/1.1 404 Not Found\r\nContent-Length: 5',
  ])
    assert.equal(head(lines), null, JSON.stringify(lines));
  for (const coding of ['gzip', 'gzip, chunked', 'chunked, chunked', 'chunked;q=1', 'chunked\xa0', 'x-chunked'])
    assert.equal(head(`Transfer-Encoding: ${coding}`)?.chunked, false, coding);
});

test('an interim head is nothing, and what follows is the reply', () => {
  const reply = new CanonicalReply();
  const final = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\n';
  assert.equal(reply.pass(Buffer.from(interim)).length, 0);
  assert.equal(reply.pass(Buffer.from(final)).toString(), final);
});

test('what is no reply, and a head beyond 64 kB, is handed on as it came', () => {
  for (const text of ['SSH-2.0-x\r\n', '\x15\x03\x01', 'hello', 'http/1.1 200 OK\r\n\r\n'])
    assert.equal(new CanonicalReply().pass(Buffer.from(text)).toString(), text);
  const endless = new CanonicalReply();
  const line = Buffer.from(`X: ${'x'.repeat(997)}\r\n`);
  let passed = endless.pass(Buffer.from('HTTP/1.1 200 OK\r\n')).length;
  for (let lines = 0; lines < 70; lines++) passed += endless.pass(line).length;
  assert.equal(passed, 17 + 70 * 1002);
});

test('chunks: sizes are written anew, extensions and trailers go, what cannot be read stays', () => {
  for (const [raw, canonical] of [
    ['5\r\nhello\r\n0\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n'],
    ['05 \t\r\nhello\r\n0;x\r\nA: b\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n'],
    ['5;a="\x01\r\nhello\n0\n\n', '5\r\nhello\r\n0\r\n\r\n'],
    ['A\r\n0123456789\r\n0\r\n\r\nHTTP/1.1', 'a\r\n0123456789\r\n0\r\n\r\nHTTP/1.1'],
    ['-5\r\nhello', '-5\r\nhello'],
    ['5\r\nhelloX\r\n', '5\r\nhelloX\r\n'],
    ['\r\n5\r\nhello', '\r\n5\r\nhello'],
    ['10000000000000000\r\nhello', '10000000000000000\r\nhello'],
  ] as const)
    assert.equal(new CanonicalChunks().pass(Buffer.from(raw, 'latin1')).toString('latin1'), canonical, raw);
});

test('a line of chunk framing is read up to 64 kB, a trailer too', () => {
  const chunks = new CanonicalChunks();
  let passed = 0;
  for (let at = 0; at < 100; at++) passed += chunks.pass(Buffer.alloc(1_000, '1')).length;
  assert.equal(passed, 100_000, 'handed on for the parser to refuse');
});

test('however a reply is cut into pieces, the parser sees the same', () => {
  const replies = headPaths.filter(({ end }) => end === 'keep').map(({ reply }) => Buffer.from(reply.raw, 'latin1'));
  const whole = replies.map((bytes) => new CanonicalReply().pass(bytes));
  fc.assert(
    fc.property(fc.nat(replies.length - 1), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (at, sizes) => {
      const reply = new CanonicalReply();
      const seen: Buffer[] = [];
      for (let from = 0, nth = 0; from < replies[at]!.length; nth++) {
        const size = sizes[nth % sizes.length]!;
        seen.push(reply.pass(replies[at]!.subarray(from, from + size)));
        from += size;
      }
      assert.equal(Buffer.concat(seen).toString('latin1'), whole[at]!.toString('latin1'));
    }),
    { numRuns: 2_000 },
  );
});
