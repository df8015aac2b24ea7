/** One line of the journal: what is known of a saved file, with a checksum of its own so that a torn line is recognised. */

import { crc32 } from 'node:zlib';
import type { Head, Job } from '../types.js';
import { withoutFragment, withoutUserinfo } from '../url.js';

/** A saved file. */
export interface Entry {
  /** `Job.id`. */
  id: string;
  /** Path below DIR. */
  name: string;
  bytes: number;
  kind: 'saved';
  /** Counts the records of a journal, from 1: clocks jump, this does not. */
  seq: number;
  /** Without userinfo and fragment. */
  url: string;
  etag?: string;
  lastModified?: string;
  /** Content-Encoding, where the bytes were saved encoded. */
  encoding?: string;
  sha256?: string;
}

export function entryOf(
  job: Job,
  head: Head,
  landed: { name: string; bytes: number; sha256?: string | undefined },
  seq: number,
): Entry {
  const { etag, 'last-modified': lastModified, 'content-encoding': encoding } = head.headers;
  const { id, url } = job;
  const { name, bytes, sha256 } = landed;
  const entry: Entry = { id, name, bytes, kind: 'saved', seq, url: withoutUserinfo(withoutFragment(url)) };
  if (etag !== undefined) entry.etag = etag;
  if (lastModified !== undefined) entry.lastModified = lastModified;
  if (encoding !== undefined) entry.encoding = encoding;
  if (sha256 !== undefined) entry.sha256 = sha256;
  return entry;
}

/** `{"id":"32 digits","name":"…",…,"sum":"8 digits"}` and a newline. The sum is the CRC-32 of all before its comma. */
export function encode(entry: Entry): string {
  const text = JSON.stringify(entry).slice(0, -1);
  return `${text},"sum":"${eightDigits(crc32(text))}"}\n`;
}

/** In two halves: V8 writes a number beyond 31 bits as it writes a fraction, which takes 0.3 µs. */
function eightDigits(sum: number): string {
  return fourDigits(sum >>> 16) + fourDigits(sum & 0xffff);
}

function fourDigits(half: number): string {
  return (half + 0x10000).toString(16).slice(1);
}

/** Bytes of `,"sum":"8 digits"}`. */
const tail = 18;
const sumMark = Buffer.from(',"sum":"');
/** Bytes of `{"id":"32 digits","name":"`, and where the digits begin. */
const front = 49;
const idAt = 7;

/** True for a whole record. */
export function isWhole(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < front + tail || bytes.compare(sumMark, 0, 8, end - tail, end - 10) !== 0) return false;
  if (bytes[end - 2] !== 0x22 || bytes[end - 1] !== 0x7d) return false;
  let sum = 0;
  for (let at = end - 10; at < end - 2; at += 1) sum = sum * 16 + digit(bytes[at]!);
  return sum === crc32(bytes.subarray(start, end - tail));
}

/** First 64 bits of the record's id, as two numbers. */
export function idBits(bytes: Buffer, start: number): [high: number, low: number] {
  let high = 0;
  let low = 0;
  for (let at = start + idAt; at < start + idAt + 8; at += 1) {
    high = high * 16 + digit(bytes[at]!);
    low = low * 16 + digit(bytes[at + 8]!);
  }
  return [high, low];
}

/** The record's name, or null for one that would lead out of DIR: the file may have been edited. */
export function nameIn(bytes: Buffer, start: number, end: number): string | null {
  const from = start + front;
  // A name holds no quote (`"` is cleaned away), so the next one ends it, even where JSON escapes stand before.
  const to = bytes.indexOf(0x22, from);
  if (to === -1 || to > end) return null;
  const text = bytes.toString('utf8', from, to);
  try {
    const name = text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
    return isBelow(name) ? name : null;
  } catch {
    return null;
  }
}

export function isBelow(name: string): boolean {
  return name !== '' && !/(?:^|\/)(?:\.{0,2})(?:\/|$)|\0/.test(name);
}

/** Lower-case hex digit, else NaN, which equals nothing. */
function digit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  return byte >= 97 && byte <= 102 ? byte - 87 : Number.NaN;
}
