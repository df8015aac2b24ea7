/** The ways in which a right answer is bent: each changes one thing of a draft. */

import type { Random } from './random.ts';

/** An answer in its parts, before they are text. */
export interface Draft {
  interims: string[];
  status: string;
  fields: string[];
  /** Of the status line and the fields, where it is not CRLF. */
  lineEnds: string[];
  headEnd: string;
  framing: 'length' | 'chunked' | 'close';
  body: string;
  chunks: { size: string; extension: string; sizeEnd: string; data: string; dataEnd: string }[];
  last: string;
  trailers: string[];
  tail: string;
}

type Bend = (draft: Draft, random: Random) => void;

export function bend(draft: Draft, random: Random): void {
  const rooms = [statuses, fields, fields, lengths, draft.framing === 'chunked' ? chunked : lengths, ends];
  random.pick(random.pick(rooms))(draft, random);
}

const blanks = [' ', '\t', '  ', ' \t ', '\v', '\f', '\xa0', '\r', ''];
const lineEnds = ['\n', '\r', '\r\r\n', '\n\r', '\r\n\r', ' \r\n', '\t\r\n', '\0\r\n', ''];

/** Changes the text of one field line. */
function edit(draft: Draft, random: Random, change: (name: string, value: string) => string): void {
  const at = random.between(0, draft.fields.length - 1);
  const line = draft.fields[at];
  if (line === undefined) return;
  const colon = line.indexOf(':');
  draft.fields[at] = change(line.slice(0, colon), line.slice(colon + 1));
}

const insert = (draft: Draft, random: Random, line: string) =>
  draft.fields.splice(random.between(0, draft.fields.length), 0, line);

const statusLines = [
  'HTTP/1.1 201 Created',
  'HTTP/1.1 200',
  'HTTP/1.1  200 OK',
  'HTTP/1.1\t200 OK',
  ' HTTP/1.1 200 OK',
  'HTTP/1.2 200 OK',
  'HTTP/1.9 200 OK',
  'HTTP/2.0 200 OK',
  'HTTP/2 200 OK',
  'HTTP/0.9 200 OK',
  'HTTP/1.10 200 OK',
  'http/1.1 200 OK',
  'HTTP/1.1 0200 OK',
  'HTTP/1.1 2000 OK',
  'HTTP/1.1 20 OK',
  'HTTP/1.1 200OK',
  'HTTP/1.1 200 O\0K',
  'HTTP/1.1 200 O\rK',
  'HTTP/1.1 200 \x1b[1m',
  'ICY 200 OK',
  '\r\nHTTP/1.1 200 OK',
  '\n\nHTTP/1.1 200 OK',
  'HTTP/1.1 200 d\xe9',
  'HTTP/1.1 200 OK ',
  'HTTP/1.1 204 No Content',
  'HTTP/1.1 205 x',
  'HTTP/1.1 206 x',
  'HTTP/1.1 202 x',
  'HTTP/1.1 226 x',
  'HTTP/1.1 299 x',
  'HTTP/1.1 304 x',
  'HTTP/1.1 301 x',
  'HTTP/1.1 401 x',
  'HTTP/1.1 404 x',
  'HTTP/1.1 500 x',
  'HTTP/1.1 600 x',
  'HTTP/1.1 999 x',
  'HTTP/1.1 000 x',
  'HTTP/1.1 099 x',
  'HTTP/1.1 +200 x',
  'HTTP/1.1 2 00',
  'RTSP/1.0 200 OK',
  'ICE/1.0 200 OK',
  'RTSP/1.1 200 OK',
  'HTTP/3.0 200 OK',
  'HTTPS/1.1 200 OK',
  'HTTP/1.1 101 Switching Protocols',
  'HTTP/1.1 100 Continue',
  'HTTP/ 1.1 200 OK',
  'HTTP/1.1 200 OK\n',
  'HTTP/1.1 200 OK\r',
];

const statuses: readonly Bend[] = [
  (draft, random) => {
    draft.status = random.pick(statusLines);
  },
  (draft, random) => {
    draft.status = 'HTTP/1.1 206 Partial Content';
    const size = draft.body.length;
    const range = random.pick([
      `0-${size - 1}/${size}`,
      `0-${size - 1}/${size}`,
      `0-${size - 1}/*`,
      `1-${size}/${size + 1}`,
      `0-${size}/${size}`,
      `0-${size - 2}/${size}`,
    ]);
    insert(draft, random, `Content-Range: bytes ${range}`);
  },
  (draft, random) => {
    draft.interims.push(
      random.pick([
        'HTTP/1.1 100 Continue\r\n\r\n',
        'HTTP/1.1 100 Continue\n\n',
        'HTTP/1.1 100\r\n\r\n',
        'HTTP/1.1 100 Continue\r\n',
        'HTTP/1.1 100 Continue\r\n\r\n\r\n',
        'HTTP/1.1 103 x\r\nX Odd: 1\r\n\r\n',
        'HTTP/1.1 103 x\r\nTransfer-Encoding: chunked\r\n\r\n',
        'HTTP/1.1 101 x\r\n\r\n',
        'HTTP/1.0 100 Continue\r\nContent-Length: 3\r\n\r\n',
        'HTTP/1.1 103 x\r\n a\r\n\r\n',
        'HTTP/1.1 102 x\r\nConnection: close\r\n\r\n',
        'HTTP/1.1 199 \r\nX: a\n b\r\n\r\n',
      ]),
    );
  },
];

const fields: readonly Bend[] = [
  (draft, random) => edit(draft, random, (name, value) => `${name}${random.pick(blanks)}:${value}`),
  (draft, random) => edit(draft, random, (name, value) => `${name}:${random.pick(blanks)}${value.trim()}`),
  (draft, random) => edit(draft, random, (name, value) => `${name}:${value}${random.pick(blanks)}`),
  (draft, random) => edit(draft, random, (name, value) => `${random.pick(blanks)}${name}:${value}`),
  (draft, random) =>
    edit(draft, random, (name, value) => `${random.chance(0.5) ? name.toUpperCase() : name.toLowerCase()}:${value}`),
  (draft, random) =>
    edit(draft, random, (name, value) => `${name}:\r\n${random.pick([' ', '\t', '  ', ' \t'])}${value.trim()}`),
  (draft, random) =>
    edit(
      draft,
      random,
      (name, value) => `${name}:${value}\r\n${random.pick([' ', '\t', ' x', ' \r\n ', ' X-Odd: 1'])}`,
    ),
  (draft, random) =>
    edit(
      draft,
      random,
      (name, value) =>
        `${name}:${value}${random.pick(['\0', '\x01', '\x1b[1m', '\x7f', '\r', '\n', '\x08', '\xff'])}${random.pick(['', 'x', ' '])}`,
    ),
  (draft, random) =>
    edit(draft, random, (name, value) => `${name}${random.pick(['', ' ', '\0', '=', '\x01', '\r\n', ';'])}${value}`),
  (draft, random) =>
    edit(
      draft,
      random,
      (name, value) => `${name}${random.pick(['\0', '\x01', '\xe9', '(', ' x', '@', '\x7f'])}:${value}`,
    ),
  (draft, random) =>
    void insert(
      draft,
      random,
      random.pick([
        'X-Odd',
        ': 1',
        ':',
        'X Odd: 1',
        'X-\xe9: 1',
        '<html>',
        'HTTP/1.1 404 x',
        ' X: 1',
        '\tX: 1',
        'X: a\nY: b',
        'X: a\rY: b',
        'X\0: 1',
        '\x85: 1',
        'X: \x00',
        '=: 1',
        `X: ${'y'.repeat(9_000)}`,
        `X-${'y'.repeat(3_000)}: 1`,
        'X: a\r\n\tb',
        '--',
        'X-A:1',
        'X: "a\r\n b"',
        'Trailer: X-Sum',
      ]),
    ),
  (draft, random) => void insert(draft, random, draft.fields[random.between(0, draft.fields.length - 1)] ?? 'X: 1'),
  (draft, random) => {
    draft.lineEnds[random.between(0, draft.fields.length)] = random.pick(lineEnds);
  },
  (draft) => {
    draft.lineEnds = Array.from({ length: draft.fields.length + 1 }, () => '\n');
    draft.headEnd = '\n';
  },
  (draft, random) => {
    draft.headEnd = random.pick(['\n', '\r\r\n', '\r', '', ' \r\n', '\n\r\n', '\r\n\r\n', '\0\r\n']);
  },
];

const lengths: readonly Bend[] = [
  (draft, random) => {
    const size = draft.body.length;
    const value = random.pick([
      size,
      size,
      size - 1,
      size + 1,
      0,
      `0${size}`,
      `${size}, ${size}`,
      `${size},${size}`,
      `${size},`,
      `,${size}`,
      `${size}, ${size + 1}`,
      `+${size}`,
      `-${size}`,
      `0x${size.toString(16)}`,
      `${size}.0`,
      `${size}e0`,
      `${size};`,
      `"${size}"`,
      '',
      `${size}\0`,
      `${size} 0`,
      '99999999999999999999',
      `${2 ** 32 + size}`,
      `${2n ** 64n + BigInt(size)}`,
      `${size}\v`,
      `\xa0${size}`,
      `${size} bytes`,
      `${size}\r\n ${size}`,
      `${size}_0`,
      `\u00b2`,
    ]);
    insert(draft, random, `Content-Length: ${value}`);
  },
  (draft, random) => {
    const value = random.pick([
      'chunked',
      'chunked',
      'Chunked',
      'chunked ',
      'chunked\t',
      ', chunked',
      'chunked,',
      'identity',
      'identity, chunked',
      'chunked, identity',
      'gzip, chunked',
      'gzip',
      'chunked, chunked',
      'chunked;q=1',
      '"chunked"',
      '',
      'x-chunked',
      'chunkedx',
      'chunked x',
      'xchunked',
      'chunked\v',
      '\x0bchunked',
      'chunked\0',
      'chunked\xa0',
      'chun\r\n ked',
      'chunked\r\n ',
      'chunked, gzip',
      'deflate',
      'br, chunked',
      'chunked;',
      'CHUNKED',
      'trailers, chunked',
      'null',
      'chunked,,',
    ]);
    insert(draft, random, `Transfer-Encoding: ${value}`);
  },
  (draft, random) => {
    insert(
      draft,
      random,
      `${random.pick(['Content_Length', 'Content-Lengt', 'XContent-Length', 'Content-Length\0', 'Content Length', 'Content-Length '])}: ${random.between(0, 9)}`,
    );
  },
  (draft, random) => {
    const at = draft.fields.findIndex((line) => /^(content-length|transfer-encoding)/i.test(line));
    if (at !== -1 && random.chance(0.5)) draft.fields.splice(at, 1);
    else draft.body = draft.body.slice(0, random.between(0, draft.body.length));
  },
  (draft) => {
    draft.framing = draft.framing === 'chunked' ? 'length' : 'chunked';
  },
];

const chunked: readonly Bend[] = [
  (draft, random) => {
    const chunk = random.pick(draft.chunks);
    if (chunk === undefined) return;
    chunk.extension = random.pick([
      ';a',
      ';a=b',
      ';a="b;c"',
      ' ; a = b',
      ';a="\\""',
      ' ',
      '  ',
      '\t',
      ';',
      '; ',
      ';a=\x01',
      ';a=\xe9',
      ';a="b',
      `;${'a'.repeat(2_000)}`,
      ';a\n',
      ';a\r',
      ' x',
      ',',
      ';a\nb',
      '\0',
      ';a="x\r\n"',
      ';=b',
      ';a=',
      ';;',
      '_',
      '.0',
      'h',
      'x',
      '; a ;b\t; c="d"',
      '\v',
      '\xa0',
    ]);
  },
  (draft, random) => {
    const chunk = random.pick(draft.chunks);
    if (chunk === undefined) return;
    const { size } = chunk;
    chunk.size = random.pick([
      size.toUpperCase(),
      `0${size}`,
      `${'0'.repeat(random.between(1, 40))}${size}`,
      ` ${size}`,
      `\t${size}`,
      `0x${size}`,
      `+${size}`,
      `-${size}`,
      '',
      `${size}0`,
      (chunk.data.length + 1).toString(16),
      (chunk.data.length - 1).toString(16),
      (chunk.data.length + 2).toString(16),
      `1${size.padStart(8, '0')}`,
      `1${size.padStart(16, '0')}`,
      `f${'f'.repeat(15)}`,
      `"${size}"`,
      `${chunk.data.length}`,
      `\r\n${size}`,
      '0',
      '00',
    ]);
  },
  (draft, random) => {
    const chunk = random.pick(draft.chunks);
    if (chunk === undefined) return;
    const ends = ['\n', '\r', '', '\r\r\n', 'XX', '\n\r', '\r\n\r\n', ' \r\n', '\r\n ', '\0\n'];
    if (random.chance(0.5)) chunk.sizeEnd = random.pick(ends);
    else chunk.dataEnd = random.pick(ends);
  },
  (draft, random) => {
    draft.last = random.pick([
      '00000\r\n',
      '0;a=b\r\n',
      '0 \r\n',
      '0\n',
      '',
      '0\r',
      '0',
      '0\r\n\r\n',
      '-0\r\n',
      '0x0\r\n',
      '0\r\n0\r\n',
      '0;\r\n',
      '000;a="b\r\n',
    ]);
  },
  (draft, random) => {
    draft.trailers = [
      random.pick([
        'X-A: 1',
        'odd',
        'X Odd: 1',
        'X-Odd : 1',
        ': 1',
        'X: a\0b',
        'X: 1\r\n 2',
        'X: 1\nY: 2',
        'HTTP/1.1 200 OK',
        'Content-Length: 3',
        'Transfer-Encoding: gzip',
        ' X: 1',
        'X: \r',
        `X: ${'y'.repeat(9_000)}`,
        '\r\nX: 1',
        '\n',
      ]),
    ];
  },
  (draft, random) => void draft.chunks.splice(random.between(0, draft.chunks.length), 1),
  (draft, random) => {
    // Framed twice, and said so in one way or the other.
    const data = `${draft.chunks.map((chunk) => `${chunk.size}\r\n${chunk.data}\r\n`).join('')}0\r\n\r\n`;
    draft.chunks = [{ size: data.length.toString(16), extension: '', sizeEnd: '\r\n', data, dataEnd: '\r\n' }];
    insert(draft, random, `Transfer-Encoding: ${random.pick(['chunked', ', chunked', 'Chunked', 'chunked, chunked'])}`);
  },
];

const ends: readonly Bend[] = [
  (draft, random) => {
    draft.tail = random.pick([
      '\r\n',
      '\n',
      'more',
      '\0',
      'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison',
      '0\r\n\r\n',
      '3\r\nabc\r\n0\r\n\r\n',
      'HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n',
      ' ',
      'HTTP/1.1 100 Continue\r\n\r\n',
      'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n',
    ]);
  },
  (draft, random) => {
    draft.body = `${random.pick(['\r\n', '\n', 'HTTP/1.1 200 OK\r\n\r\n', '0\r\n\r\n', '\r\n\r\n', ' '])}${draft.body}`;
  },
];
