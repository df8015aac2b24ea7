/** Random raw answers: a right one, bent in a few places, and how its bytes go out. Text is latin1: one character, one byte. */

import type { End } from '../support/heads.ts';
import { bend, type Draft } from './grammar-bend.ts';
import type { Random } from './random.ts';

/** One answer as the server gives it. */
export interface Reply {
  raw: string;
  end: End;
  /** Sizes of the pieces in which it goes out, the last one takes the rest; each is followed by `pause` ms. */
  pieces: number[];
  pause: number;
}

/** One host: its lines are fetched one after the other, over one connection where it stays open. */
export interface Case {
  tls: boolean;
  replies: Reply[];
}

export function randomCase(random: Random): Case {
  const count = random.chance(0.8) ? 1 : random.between(2, 3);
  const tls = random.chance(0.15);
  if (count === 1) return { tls, replies: [randomReply(random, 200_000)] };
  // What comes late behind an answer is the next answer, for any reader: none but the last goes out in pieces.
  const replies = Array.from({ length: count }, (_, at): Reply => {
    const reply = randomReply(random, 8_000);
    return at === count - 1 ? reply : { ...reply, pieces: [], pause: 0 };
  });
  return { tls, replies };
}

export function randomReply(random: Random, maxBody: number): Reply {
  const draft = rightDraft(random, maxBody);
  const bends = random.pick([0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 5]);
  for (let nth = 0; nth < bends; nth++) bend(draft, random);
  let raw = textOf(draft);
  if (random.chance(0.12)) raw = scratch(raw, random);
  if (random.chance(0.08)) raw = raw.slice(0, random.between(0, raw.length));
  const end: End =
    draft.framing === 'close' && random.chance(0.8) ? 'fin' : random.pick<End>(['keep', 'keep', 'fin', 'fin', 'rst']);
  return { raw, end, ...delivery(raw, random) };
}

const words = [
  'a',
  'text/html; charset=utf-8',
  '"v1"',
  'no-cache',
  'x'.repeat(300),
  '',
  'd\xe9j\xe0',
  '0',
  'a, b',
  '\xff\xfe',
];
const names = ['Server', 'Date', 'ETag', 'Content-Type', 'X-A', 'x-b', 'Vary', 'Via', 'Set-Cookie', 'Age', 'X-_~!.'];

function rightDraft(random: Random, maxBody: number): Draft {
  const body = random.bytes(sizeOf(random, maxBody));
  const framing = random.pick(['length', 'length', 'chunked', 'chunked', 'close'] as const);
  const fields = Array.from({ length: random.small(12) }, () => `${random.pick(names)}: ${random.pick(words)}`);
  const at = random.between(0, fields.length);
  if (framing === 'length') fields.splice(at, 0, `Content-Length: ${body.length}`);
  if (framing === 'chunked') fields.splice(at, 0, 'Transfer-Encoding: chunked');
  if (random.chance(0.2)) fields.push(`Connection: ${random.pick(['close', 'keep-alive', 'Close'])}`);
  return {
    interims: Array.from({ length: random.chance(0.12) ? random.between(1, 3) : 0 }, () => interim(random)),
    status: random.pick(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK', 'HTTP/1.1 200 ', 'HTTP/1.0 200 OK', 'HTTP/1.1 203 x']),
    fields,
    lineEnds: [],
    headEnd: '\r\n',
    framing,
    body,
    chunks: framing === 'chunked' ? chunksOf(body, random) : [],
    last: '0\r\n',
    trailers: random.chance(0.15) ? ['X-Sum: 1', 'X-More: a b'].slice(random.between(0, 1)) : [],
    tail: '',
  };
}

/** Mostly small; a few are so large that they are streamed. */
function sizeOf(random: Random, maxBody: number): number {
  if (maxBody > 100_000 && random.chance(0.002)) return random.between(1_000_000, 1_500_000);
  return random.chance(0.05) ? random.between(0, maxBody) : random.small(6_000);
}

const interim = (random: Random) =>
  `HTTP/1.1 ${random.pick(['100 Continue', '103 Early Hints', '102 ', '199 x'])}\r\n${random.pick(['', 'Link: </a>\r\n', 'Content-Length: 5\r\n'])}\r\n`;

function chunksOf(body: string, random: Random): Draft['chunks'] {
  const chunks: Draft['chunks'] = [];
  const most = Math.max(1, Math.ceil(body.length / random.between(1, 12)));
  for (let at = 0; at < body.length; ) {
    const data = body.slice(at, at + random.between(1, most));
    chunks.push({ size: data.length.toString(16), extension: '', sizeEnd: '\r\n', data, dataEnd: '\r\n' });
    at += data.length;
  }
  return chunks;
}

function textOf(draft: Draft): string {
  const lines = [draft.status, ...draft.fields].map((line, at) => line + (draft.lineEnds[at] ?? '\r\n'));
  const head = draft.interims.join('') + lines.join('') + draft.headEnd;
  if (draft.framing !== 'chunked') return head + draft.body + draft.tail;
  const chunks = draft.chunks.map(
    ({ size, extension, sizeEnd, data, dataEnd }) => size + extension + sizeEnd + data + dataEnd,
  );
  const trailers = draft.trailers.map((line) => `${line}\r\n`).join('');
  return `${head}${chunks.join('')}${draft.last}${trailers}\r\n${draft.tail}`;
}

const nasty = [
  '\r',
  '\n',
  '\0',
  ' ',
  '\t',
  ':',
  ',',
  ';',
  '0',
  '\x7f',
  '\x85',
  '\xa0',
  '\v',
  '\x1b',
  '"',
  '\r\n',
  '\r\n\r\n',
  '\n\n',
];

/** Bends the bytes themselves, mostly in the head or near the end. */
function scratch(raw: string, random: Random): string {
  const head = raw.indexOf('\r\n\r\n') + 4;
  const at = random.chance(0.7) ? random.between(0, head) : random.between(Math.max(0, raw.length - 40), raw.length);
  const length = random.pick([0, 1, 1, 2, 5, 20]);
  const instead = random.pick([
    '',
    random.pick(nasty),
    random.pick(nasty) + random.pick(nasty),
    String.fromCharCode(random.between(0, 255)),
    raw.slice(at, at + length).repeat(2),
    raw.slice(at, at + length).replace(/[a-z]/g, (letter) => letter.toUpperCase()),
  ]);
  return raw.slice(0, at) + instead + raw.slice(at + length);
}

/** One piece, a few, or forty bytes one by one. */
function delivery(raw: string, random: Random): Pick<Reply, 'pieces' | 'pause'> {
  if (random.chance(0.4)) return { pieces: [], pause: 0 };
  const head = raw.indexOf('\r\n\r\n') + 4;
  if (random.chance(0.2)) {
    const from = random.chance(0.5) ? Math.max(1, head - 30) : random.between(1, raw.length);
    return { pieces: [from, ...Array.from({ length: Math.min(40, raw.length - from) }, () => 1)], pause: 0 };
  }
  const near = random.chance(0.7) ? Math.min(raw.length, head + 30) : raw.length;
  const cuts = Array.from({ length: random.between(1, 8) }, () => random.between(0, near)).sort((a, b) => a - b);
  const pieces = cuts.map((cut, at) => cut - (cuts[at - 1] ?? 0)).filter((size) => size > 0);
  return { pieces, pause: random.pick([0, 0, 1, 3, 10]) };
}
