/** What an answer's header block means: the file, its rest, another place, or a refusal. Pure policy. */

import { STATUS_CODES } from 'node:http';
import { PdlError } from '../errors.js';
import type { Head, Held, Moved, Passed, RawHead } from '../types.js';
import { challengesOf, unspoken } from './challenge.js';
import { httpDate } from './date.js';
import { redirectTarget } from './location.js';
import { contentRange, type HeldPart, isAllOf, isOfOneResource, restOf, validatorOf } from './resume.js';

export type Verdict =
  /** The body is the file, or the rest of what is held; where it ends before that, `until` is the first byte that is missing. */
  | { does: 'land'; head: Head; until?: number }
  /** Every byte is held already. */
  | { does: 'complete'; head: Head }
  /** Nothing of this body is wanted. */
  | { does: 'end'; outcome: Passed | Moved };

/**
 * Judges the answer to a request for `url` (without userinfo) that asked for what `held` leaves open.
 * @throws PdlError for an answer that is no file.
 */
export function judge(url: string, held: Held | null, raw: RawHead, date: () => Date): Verdict {
  const { status } = raw;
  const headers = flat(raw.headers);
  if (status === 200 || status === 201 || status === 203) {
    const head = wholeHead(url, status, headers);
    if (!isCut(head)) return { does: 'land', head };
    if (held?.kind !== 'part') throw onlyAPart(head);
    return askAnew(url, status);
  }
  if (held?.kind === 'part' && (status === 206 || status === 416)) return judgeRanged(url, held, status, headers);
  if (status === 206) return { does: 'land', head: unaskedRange(url, headers) };
  if (status === 304 && isConditional(held)) return { does: 'end', outcome: unchanged(held) };
  const moved = redirectOf(url, raw, headers, date);
  if (moved !== null) return { does: 'end', outcome: moved };
  throw refused(url, status, headers, date);
}

/** Where the answer leads, and after which time; null when it is no redirect. */
export function redirectOf(url: string, raw: RawHead, headers: Record<string, string>, date: () => Date): Moved | null {
  const to = redirectTarget(url, raw);
  if (to === null) return null;
  const afterMs = retryAfter(headers, date);
  return { status: 'moved', to, httpStatus: raw.status, ...(afterMs !== undefined && { afterMs }) };
}

/** The failure that a status which is not saved stands for. The server's own reason phrase is never repeated (W8). */
export function refused(url: string, status: number, headers: Record<string, string>, date: () => Date): PdlError {
  const wait = retryAfter(headers, date);
  const phrase = STATUS_CODES[status];
  const words = `${status}${phrase === undefined ? '' : ` ${phrase}`}`;
  const login = status === 401 ? loginWords(headers['www-authenticate']) : '';
  return new PdlError('HTTP_STATUS', `Cannot fetch ${url}: the server answered ${words}${login}`, {
    status,
    url,
    ...(wait !== undefined && { retryAfterMs: wait }),
  });
}

function loginWords(challenge: string | undefined): string {
  const other = unspoken(challengesOf(challenge));
  if (other !== null) return `, it wants ${other} authentication, which pdl does not speak`;
  return challenge === undefined ? '' : ', it wants a user and a password (--netrc)';
}

/**
 * Strictly parsed Retry-After in ms, never negative; undefined for none or garbage (RFC 9110 section 10.2.3).
 * A date counts from the answer's own Date, and from `date()` only where the server sent none.
 */
export function retryAfter(headers: Record<string, string>, date?: () => Date): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  const until = httpDate(text);
  const from = httpDate(headers['date']) ?? date?.().getTime();
  return until === undefined || from === undefined ? undefined : Math.max(0, until - from);
}

/** One string a name: what stood several times is joined with ", ". */
export function flat(headers: RawHead['headers']): Record<string, string> {
  for (const name in headers) if (typeof headers[name] !== 'string') return joined(headers);
  return headers as Record<string, string>;
}

function joined(headers: RawHead['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : value.join(', ')]),
  );
}

/** The size that Content-Length states; undefined without one, and under Transfer-Encoding, which overrides it. */
export function statedLength(url: string, headers: Record<string, string>): number | undefined {
  const text = headers['content-length'];
  if (text === undefined || headers['transfer-encoding'] !== undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new PdlError('BAD_RESPONSE', `Cannot fetch ${url}: its Content-Length is no number of bytes`, { url });
}

function wholeHead(url: string, status: number, headers: Record<string, string>): Head {
  const head: Head = { status, url, offset: 0, headers };
  const total = statedLength(url, headers);
  const validator = validatorOf(headers);
  if (total !== undefined) head.total = total;
  if (validator !== undefined) head.validator = validator;
  return head;
}

function judgeRanged(url: string, held: HeldPart, status: number, headers: Record<string, string>): Verdict {
  const { offset, validator } = held;
  if (!isOfOneResource(held, url)) return askAnew(url, status);
  const rest = status === 206 ? restOf(held, headers) : null;
  if (rest !== null) {
    const { until, total } = rest;
    const head: Head = { status, url, offset, total, validator, headers };
    return until === total ? { does: 'land', head } : { does: 'land', head, until };
  }
  if (status === 416 && isAllOf(held, headers)) {
    return { does: 'complete', head: { status, url, offset, total: offset, validator, headers: ofFile(headers) } };
  }
  return askAnew(url, status);
}

function askAnew(url: string, httpStatus: number): Verdict {
  return { does: 'end', outcome: { status: 'moved', to: url, httpStatus, again: 'anew' } };
}

/**
 * Content-Range says nothing of a 200 (RFC 9110 section 14.4), but for a server that sends a rest under it: a body as long as that span
 * and shorter than the whole is not the file.
 */
function isCut({ headers, total }: Head): boolean {
  const range = contentRange(headers);
  if (range === undefined) return false;
  const length = range.end + 1 - range.start;
  return length !== range.total && (total === undefined || total === length);
}

function onlyAPart({ status, url, headers }: Head): PdlError {
  const { start, end } = contentRange(headers)!;
  const message = `Cannot fetch ${url}: the server sent bytes ${start} to ${end} only, and the whole was asked for`;
  return new PdlError('BAD_RESPONSE', message, { status, url });
}

/** A 206 nobody asked for is a whole file only if it says so (failure-cases F12). */
function unaskedRange(url: string, headers: Record<string, string>): Head {
  const range = contentRange(headers);
  if (range?.start === 0 && range.total === range.end + 1) {
    const validator = validatorOf(headers);
    return { status: 206, url, offset: 0, total: range.total, headers, ...(validator !== undefined && { validator }) };
  }
  throw new PdlError(
    'HTTP_STATUS',
    `Cannot fetch ${url}: the server answered 206 with a part, and none was asked for`,
    {
      status: 206,
      url,
    },
  );
}

/** The headers of a 416 that speak of the file; its type and length are those of an error page. */
function ofFile({ etag, date, 'last-modified': modified }: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ etag, date, 'last-modified': modified }).filter((field): field is [string, string] => !!field[1]),
  );
}

type HeldWhole = Extract<Held, { kind: 'whole' }>;

function isConditional(held: Held | null): held is HeldWhole {
  return held?.kind === 'whole' && (held.etag !== undefined || held.lastModified !== undefined);
}

function unchanged({ path }: HeldWhole): Passed {
  return path === undefined
    ? { status: 'skipped', reason: 'unchanged' }
    : { status: 'skipped', reason: 'unchanged', path };
}
