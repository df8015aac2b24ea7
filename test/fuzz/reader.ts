/**
 * A reference reader of one raw HTTP/1.1 answer to a GET, as strict as RFC 9112 can be read. It says what the answer is: these bytes, no file,
 * or a malformed answer that a reader may refuse, with every body that a lenient reader could find in it.
 */

import type { End } from '../support/heads.ts';
import { type Choices, everyWay } from './choices.ts';
import { readChunks } from './reader-chunks.ts';
import { type Field, type ReadHead, type Reason, Refusal, readHead } from './reader-head.ts';

export interface Meaning {
  body: string;
  /** The end of the connection was its end. */
  unsized: boolean;
}

export type Verdict =
  | { kind: 'bytes'; meaning: Meaning; notes: string[] }
  | { kind: 'refuse'; reasons: Reason[]; notes: string[] }
  | { kind: 'unclear'; meanings: Meaning[]; notes: string[] };

/** The note of a length that no test's reply has. */
export const hugeLength = 'a length of gigabytes';
/** The note of a 206 that is all of the file. */
export const wholePart = 'a part that is all of it';

/** @param raw all that came over the connection, as latin1. @param end what came behind it. */
export function verdictOf(raw: string, end: End): Verdict {
  const ways = everyWay((choices): Meaning | Refusal => {
    try {
      return readAnswer(raw, end, choices);
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
  });
  const notes = [...new Set(ways.flatMap(({ choices }) => [...choices.odd, ...choices.rare]))];
  const meanings = new Map<string, Meaning>();
  const reasons = new Set<Reason>();
  for (const { value } of ways) {
    if (value instanceof Refusal) for (const reason of value.reasons) reasons.add(reason);
    else meanings.set(value.body, value);
  }
  if (meanings.size === 0) return { kind: 'refuse', reasons: [...reasons], notes };
  const isOdd = ways.some(({ choices }) => choices.odd.size > 0);
  // A reset throws away what was not read yet.
  if (isOdd || end === 'rst') return { kind: 'unclear', meanings: [...meanings.values()], notes };
  return { kind: 'bytes', meaning: [...meanings.values()][0]!, notes };
}

function readAnswer(raw: string, end: End, choices: Choices): Meaning {
  let head = readHead(raw, 0, choices);
  for (let interim = 0; head.status >= 100 && head.status < 200; interim++) {
    if (head.status === 101) throw new Refusal('malformed', 'another protocol that nobody asked for');
    if (interim === 10) choices.odd.add('more than 10 interim answers');
    head = readHead(raw, head.next, choices);
  }
  const size = head.status === 206 ? sizeOfWhole(head) : undefined;
  if (size === null || ![200, 201, 203, 206].includes(head.status)) refuseStatus(raw, end, head, choices);
  if (size !== undefined) choices.rare.add(wholePart);
  else if (head.fields.some(({ name }) => name === 'content-range'))
    choices.rare.add('a Content-Range that means nothing');
  const meaning = size === undefined ? readBody(raw, end, head, choices) : readPart(raw, end, head, choices);
  if (size === undefined || meaning.body.length === size) return meaning;
  throw new Refusal(meaning.body.length < size! ? 'cut' : 'malformed', 'not as long as its range');
}

/** A body that is cut may be too long for its range all the same. */
function readPart(raw: string, end: End, head: ReadHead, choices: Choices): Meaning {
  try {
    return readBody(raw, end, head, choices);
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.reason, error.message, 'malformed');
    throw error;
  }
}

/** What is wrong with the body may be said instead. */
function refuseStatus(raw: string, end: End, head: ReadHead, choices: Choices): never {
  if (head.status < 100) throw new Refusal('status', String(head.status), 'malformed');
  try {
    readBody(raw, end, head, choices);
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal('status', String(head.status), error.reason);
    throw error;
  }
  throw new Refusal('status', String(head.status));
}

/** RFC 9112 section 6.3. */
function readBody(raw: string, end: End, head: ReadHead, choices: Choices): Meaning {
  const codings = head.fields.filter(({ name }) => name === 'transfer-encoding');
  const lengths = head.fields.filter(({ name }) => name === 'content-length');
  if (codings.length > 0) {
    const framing = codingOf(codings, lengths.length > 0, head, choices);
    if (framing === 'chunked') return { body: readChunks(raw, head.next, choices).body, unsized: false };
    if (framing === 'twice') {
      const { body } = readChunks(raw, head.next, choices);
      return { body: readChunks(body, 0, choices).body, unsized: false };
    }
    if (framing === 'close') return untilClose(raw, end, head.next);
  }
  if (lengths.length === 0) return untilClose(raw, end, head.next);
  const length = lengthOf(lengths, choices);
  if (raw.length - head.next < length) throw new Refusal('cut', 'shorter than its length');
  return { body: raw.slice(head.next, head.next + length), unsized: false };
}

function untilClose(raw: string, end: End, from: number): Meaning {
  if (end !== 'fin') throw new Refusal('cut', 'no end was seen');
  return { body: raw.slice(from), unsized: true };
}

/** Elements of a list; RFC 9110 section 5.6.1: empty ones are passed over. */
const elementsOf = (fields: readonly Field[]) =>
  fields.flatMap(({ value }) => value.split(',')).map((element) => element.replace(/^[ \t]+|[ \t]+$/g, ''));

function codingOf(fields: readonly Field[], hasLength: boolean, head: ReadHead, choices: Choices) {
  const all = elementsOf(fields).map((element) => element.toLowerCase());
  const codings = all.filter((element) => element !== '');
  if (hasLength) choices.odd.add('both a coding and a length');
  if (head.minor === 0) choices.odd.add('a coding in HTTP/1.0');
  if (codings.length === 0) {
    choices.odd.add('an empty coding');
    return hasLength ? choices.choose('an empty coding', ['none', 'close'] as const) : 'none';
  }
  if (all.length > codings.length) choices.rare.add('an empty element of a list');
  const others = codings.filter((coding) => coding !== 'identity');
  if (others.length < codings.length) choices.odd.add('the coding identity');
  if (others.length === 0)
    return hasLength ? choices.choose('the coding identity', ['none', 'close'] as const) : 'none';
  if (codings.at(-1) === 'identity') throw new Refusal('malformed', 'chunked is not the last coding');
  if (others.every((coding) => coding === 'chunked')) {
    if (others.length > 1) return choices.choose('chunked twice', ['chunked', 'twice'] as const);
    // Who does not see this coding takes the length.
    if (hasLength && fields.some(({ mended }) => mended))
      return choices.choose('a mended coding beside a length', ['chunked', 'none'] as const);
    return 'chunked';
  }
  if (others.length === 1 && /^"?chunked"?[ \t]*(?:;.*)?$/.test(others[0]!))
    return choices.choose('chunked with a parameter', ['chunked'] as const);
  throw new Refusal('malformed', `an unknown coding: ${codings.join()}`);
}

function lengthOf(fields: readonly Field[], choices: Choices): number {
  const all = elementsOf(fields);
  const lengths = all.filter((element) => element !== '');
  if (lengths.length === 0 || !lengths.every((length) => /^\d+$/.test(length)))
    throw new Refusal('malformed', 'no length');
  if (new Set(lengths.map(BigInt)).size > 1) throw new Refusal('malformed', 'two lengths');
  if (lengths.length < all.length) choices.odd.add('an empty element beside a length');
  if (new Set(lengths).size > 1) choices.odd.add('one length in other digits');
  if (lengths.length > 1 && choices.rare.has('a folded line')) choices.rare.add('one length again, and a fold');
  if (Number(lengths[0]) > 2 ** 28) choices.rare.add(hugeLength);
  return Number(lengths[0]);
}

/** RFC 9110 section 15.3.7: the size of a part that says it is all of it; null where it does not. */
function sizeOfWhole({ fields }: ReadHead): number | null {
  const ranges = fields.filter(({ name }) => name === 'content-range').map(({ value }) => value);
  const [, last, size] = /^bytes 0-(\d+)\/(\d+)$/i.exec(ranges[0] ?? '') ?? [];
  return ranges.length === 1 && Number(last) + 1 === Number(size) ? Number(size) : null;
}
