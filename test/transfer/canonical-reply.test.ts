import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CanonicalChunks } from '../../src/transfer/canonical-chunks.ts';
import { canonicalHead, cleanHead } from '../../src/transfer/canonical-head.ts';
import { CanonicalReply } from '../../src/transfer/canonical-reply.ts';
import { headPaths } from '../support/sins-heads.ts';

const head = (lines: string) => canonicalHead(`HTTP/1.1 200 OK\r\n${lines}\r\n\r\n`);
/** Of a head that is not refused. */
const mended = (lines: string) => head(lines) as Exclude<ReturnType<typeof head>, string>;
const chunk = /^([1-9a-f][0-9a-f]*)\r\n/;
const block = (lines: string) => `HTTP/1.1 200 \r\n${lines}\r\n\r\n`;

test('a usual head needs no mending, and says whether chunks follow', () => {
  for (const [lines, chunked] of [
    ['Content-Length: 5', false],
    ['content-length:5\r\nETag: "a b"\r\nX-Empty:\r\nX-Raw: d\xe9j\xe0', false],
    ['Transfer-Encoding: chunked', true],
    ['X: 1', false],
  ] as const) {
    const text = `HTTP/1.1 200 OK\r\n${lines}\r\n\r\n`;
    assert.deepEqual(cleanHead(text), { text, chunked, once: false });
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
    assert.deepEqual(head(lines), { text: block(mended), chunked: false, once: false }, JSON.stringify(lines));
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
    assert.equal(mended(lines).text, block(text), JSON.stringify(lines));
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
    assert.equal(typeof head(lines), 'string', JSON.stringify(lines));
  for (const coding of ['gzip', 'gzip, chunked', 'chunked, chunked', 'chunked;q=1', 'chunked\xa0', 'x-chunked'])
    assert.match(String(head(`Transfer-Encoding: ${coding}`)), /^its Transfer-Encoding is /, coding);
  assert.equal(typeof head('Transfer-Encoding:\r\nContent-Length: 5'), 'string');
});

test('an interim head is nothing, and what follows is the reply', () => {
  const reply = new CanonicalReply();
  const final = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\n';
  assert.equal(reply.pass(Buffer.from(interim)).length, 0);
  assert.equal(reply.pass(Buffer.from(final)).toString(), final);
});

test('what is no reply, and a head beyond 64 kB, is refused with its reason, and nothing of it is handed on', () => {
  for (const [text, reason] of [
    ['SSH-2.0-x\r\n', /does not begin with HTTP/],
    ['RTSP/1.0 200\r\n\r\n', /does not begin with HTTP/],
    ['\x15\x03\x01', /speaks TLS/],
    ['hello', /does not begin with HTTP/],
    ['http/1.1 200 OK\r\n\r\n', /does not begin with HTTP/],
    ['HTTP/1.1 099 x\r\n\r\n', /status line/],
    ['HTTP/1.2 200 x\r\n\r\n', /status line/],
    ['HTTP/1.1 101 x\r\n\r\n', /nobody asked for/],
    ['HTTP/1.1 200 x\r\nno field\r\n\r\n', /no field/],
  ] as const) {
    const reply = new CanonicalReply();
    assert.equal(reply.pass(Buffer.from(text)).length, 0);
    assert.match(reply.refusal!, reason);
  }
  const endless = new CanonicalReply();
  const line = Buffer.from(`X: ${'x'.repeat(997)}\r\n`);
  endless.pass(Buffer.from('HTTP/1.1 200 OK\r\n'));
  for (let lines = 0; lines < 70; lines++) assert.equal(endless.pass(line).length, 0);
  assert.match(endless.refusal!, /larger than 64 kB/);
});

test('a refused reply leaves nothing for the next one of its connection', () => {
  const reply = new CanonicalReply();
  reply.pass(Buffer.from('ICY 200 OK\r\n\r\n'));
  reply.begin();
  const text = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  assert.deepEqual([reply.pass(Buffer.from(text)).toString(), reply.refusal], [text, null]);
});

test('chunks: sizes are written anew, extensions and trailers go, what cannot be read is refused', () => {
  for (const [raw, canonical] of [
    ['5\r\nhello\r\n0\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n'],
    ['05 \t\r\nhello\r\n0;x\r\nA: b\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n'],
    ['5;a="\x01\r\nhello\n0\n\n', '5\r\nhello\r\n0\r\n\r\n'],
    ['A\r\n0123456789\r\n0\r\n\r\nHTTP/1.1', 'a\r\n0123456789\r\n0\r\n\r\nHTTP/1.1'],
    ['1\r\na\r\n2\r\nbc\r\nff\r\nd', '4\r\nabcd\r\n'],
  ] as const)
    assert.equal(new CanonicalChunks(false).pass(Buffer.from(raw, 'latin1')).toString('latin1'), canonical, raw);
  for (const raw of ['-5\r\nhello', '5\r\nhelloX\r\n', '\r\n5\r\nhello', '10000000000000000\r\nhello']) {
    const chunks = new CanonicalChunks(false);
    chunks.pass(Buffer.from(raw));
    assert.match(chunks.refusal!, /cannot be read/, raw);
  }
});

test('a line of chunk framing is read up to 64 kB, a trailer too', () => {
  const chunks = new CanonicalChunks(false);
  for (let at = 0; at < 60; at++) chunks.pass(Buffer.alloc(1_000, '1'));
  assert.equal(chunks.refusal, null);
  for (let at = 0; at < 10; at++) chunks.pass(Buffer.alloc(1_000, '1'));
  assert.match(chunks.refusal!, /cannot be read/);
});

test('chunks that were announced twice may hold no chunks', () => {
  for (const [raw, refused] of [
    ['5\r\nhello\r\n0\r\n\r\n', false],
    ['f\r\n5\r\nhello\r\n0\r\n\r\n\r\n0\r\n\r\n', true],
    ['1\r\nf\r\n', true],
    ['0\r\n\r\n', false],
  ] as const) {
    const chunks = new CanonicalChunks(true);
    chunks.pass(Buffer.from(raw));
    assert.equal(chunks.refusal !== null, refused, raw);
  }
});

/** Canonical chunks as one. */
function inOneChunk(reply: string): string {
  const [head, rest] = [reply.slice(0, reply.indexOf('\r\n\r\n') + 4), reply.slice(reply.indexOf('\r\n\r\n') + 4)];
  if (!/transfer-encoding/i.test(head)) return reply;
  let [body, left] = ['', rest];
  for (let found = chunk.exec(left); found !== null; found = chunk.exec(left)) {
    const [{ length }, digits] = found as unknown as [string, string];
    const size = Number.parseInt(digits, 16);
    body += left.slice(length, length + size);
    left = left.slice(length + size + 2);
  }
  return `${head}${body}|${left}`;
}

test('however a reply is cut into pieces, the parser sees the same', () => {
  const replies = headPaths.filter(({ end }) => end === 'keep').map(({ reply }) => Buffer.from(reply.raw, 'latin1'));
  const read = (bytes: Buffer, sizes: readonly number[]) => {
    const reply = new CanonicalReply();
    const seen: Buffer[] = [];
    for (let from = 0, nth = 0; from < bytes.length && reply.refusal === null; nth++) {
      const size = sizes[nth % sizes.length]!;
      seen.push(reply.pass(bytes.subarray(from, from + size)));
      from += size;
    }
    return { refusal: reply.refusal, seen: Buffer.concat(seen).toString('latin1') };
  };
  fc.assert(
    fc.property(fc.nat(replies.length - 1), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (at, sizes) => {
      const [whole, pieces] = [read(replies[at]!, [1e9]), read(replies[at]!, sizes)];
      // With less of a chunk to look at, it is refused more often.
      if (pieces.refusal?.includes('chunked twice')) return;
      assert.equal(pieces.refusal, whole.refusal);
      if (whole.refusal === null) assert.equal(inOneChunk(pieces.seen), inOneChunk(whole.seen));
    }),
    { numRuns: 2_000 },
  );
});
