/** When a partial or whole file that is there may be used, and whether an answer fits it. Pure policy. */

import type { Held } from '../types.js';
import { withoutQuery } from '../url.js';
import { httpDate } from './date.js';

export type HeldPart = Extract<Held, { kind: 'part' }>;
type Headers = Record<string, string>;

/** Characters of a tag that is kept; a thousand tags of 59 kB made a journal of 56 MB. */
const longestTag = 1024;

/** What is held, if it can be of use to a request; null means: ask for the whole file. */
export function usable(held: Held | null, noResume: boolean): Held | null {
  if (held?.kind !== 'part') return held;
  const { offset, total = offset, validator } = held;
  // Longer than the file, or under a weak validator: no note of ours (failure-cases R2, R13).
  const sound = offset > 0 && offset <= total && (isStrongTag(validator) || httpDate(validator) !== undefined);
  return sound && !noResume ? held : null;
}

/** Headers that ask only for what is missing (RFC 9110 sections 13.1 and 14.2); null when nothing is held. */
export function conditions(held: Held | null): Headers | null {
  if (held === null) return null;
  // If-Range, not If-Match: a changed file then costs no further round trip (failure-cases R1).
  if (held.kind === 'part') return { Range: `bytes=${held.offset}-`, 'If-Range': held.validator };
  const asked: Headers = {};
  if (held.etag !== undefined) asked['If-None-Match'] = held.etag;
  if (held.lastModified !== undefined) asked['If-Modified-Since'] = held.lastModified;
  return asked;
}

/**
 * What may later stand in If-Range: a strong ETag, or the exact Last-Modified where there is no ETag (one without quotes is none) and it is
 * strong, that is a second older than the answer (RFC 9110 section 8.8.2.2).
 */
export function validatorOf(headers: Headers): string | undefined {
  const tag = headers['etag'];
  if (tag !== undefined && isStrongTag(tag)) return tag.length <= longestTag ? tag : undefined;
  // A date must not stand in for a weak tag (RFC 9110 section 13.1.5).
  if (tag !== undefined && /^W\/|"/.test(tag)) return undefined;
  const modified = headers['last-modified'];
  if (modified === undefined) return undefined;
  const [at, made] = [httpDate(headers['date']), httpDate(modified)];
  return at !== undefined && made !== undefined && at >= made + 1000 ? modified : undefined;
}

/**
 * Whether an answer of `url` may speak of the file that is held: a validator tells versions of one resource apart, and nothing across them
 * (RFC 9110 section 8.8). A query may differ, it may be a signature; and the host, under a tag: storage nodes serve one file.
 */
export function isOfOneResource({ from, validator }: HeldPart, url: string): boolean {
  if (from === undefined) return true;
  const [before, now] = [new URL(withoutQuery(from)), new URL(withoutQuery(url))];
  return before.pathname === now.pathname && (isStrongTag(validator) || before.host === now.host);
}

/**
 * What a 206 brings of the missing rest: the first byte behind it, and the size of the file. Null when it does not follow what is held or
 * may be of another version (RFC 9110 sections 14.4 and 15.3.7.3).
 */
export function restOf(held: HeldPart, headers: Headers): { until: number; total: number } | null {
  const range = contentRange(headers);
  if (range === undefined || range.start !== held.offset) return null;
  const total = range.total ?? held.total;
  if (total === undefined || range.end >= total) return null;
  if (held.total !== undefined && held.total !== total) return null;
  const length = headers['content-length'];
  if (length !== undefined && Number(length) !== range.end + 1 - range.start) return null;
  if (!sameEncoding(held.encoding, headers['content-encoding']) || !sameVersion(held, headers)) return null;
  return { until: range.end + 1, total };
}

/**
 * Whether a 416 says that all bytes are there already. Without a recorded total, only its own validator can
 * vouch that `n` is the size of the version that is held (failure-cases R8).
 */
export function isAllOf(held: HeldPart, headers: Headers): boolean {
  const size = /^bytes \*\/(\d{1,15})$/i.exec(headers['content-range'] ?? '')?.[1];
  if (size === undefined || Number(size) !== held.offset) return false;
  if (held.total !== undefined && held.total !== held.offset) return false;
  const stated = headers[fieldOf(held)];
  if (stated !== undefined && stated !== held.validator) return false;
  return held.total !== undefined || stated === held.validator;
}

/** `bytes S-E/N` with S <= E < N; `total` is undefined for `*`. */
export function contentRange(headers: Headers): { start: number; end: number; total?: number } | undefined {
  const found = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(headers['content-range'] ?? '');
  if (!found) return undefined;
  const [start, end] = [Number(found[1]), Number(found[2])];
  if (found[3] === '*') return start <= end ? { start, end } : undefined;
  const total = Number(found[3]);
  return start <= end && end < total ? { start, end, total } : undefined;
}

/**
 * The same validator must stand in the answer itself: a server that ignores If-Range sends the new version's (R7). Last-Modified alone may be
 * left out of a 206 to If-Range (RFC 9110 section 15.3.7); then the size must be known to be the same.
 */
function sameVersion(held: HeldPart, headers: Headers): boolean {
  const field = fieldOf(held);
  const stated = headers[field];
  if (stated === undefined && field === 'last-modified') return held.total !== undefined;
  return stated === held.validator;
}

function fieldOf({ validator }: HeldPart): 'etag' | 'last-modified' {
  return isStrongTag(validator) ? 'etag' : 'last-modified';
}

function sameEncoding(one = 'identity', other = 'identity'): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** A quoted tag without `W/`. An empty one is sent by servers that never change it, so it says nothing. */
function isStrongTag(tag: string): boolean {
  return /^"[\x21\x23-\x7e\x80-\xff]+"$/.test(tag);
}
