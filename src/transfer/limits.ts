/** What the user refuses to have: too large, too small, of another media type. */

import { PdlError, UsageError } from '../errors.js';
import type { Settings } from '../options.js';
import type { Head } from '../types.js';

export interface Limits {
  maxSize: number;
  minSize: number;
  /** Lower-case `type/subtype`, `type/*` or `*` + `/*`; null takes all. */
  expect: readonly string[] | null;
}

/** @throws UsageError for an `expect` that is no media type. */
export function limitsOf({ maxSize, minSize, expect }: Pick<Settings, 'maxSize' | 'minSize' | 'expect'>): Limits {
  return { maxSize, minSize, expect: expect?.flatMap(mediaTypes) ?? null };
}

/** Refuses a body by its head, before any of it was read. */
export function checkHead(head: Head, limits: Limits): void {
  if (head.total !== undefined) {
    checkGrowth(head.total, head.url, limits);
    checkSmallest(head.total, head.url, limits);
  }
  if (limits.expect) checkType(head, limits.expect);
}

/** Refuses a body that has grown past the limit: one of unknown length must not escape it (failure-cases T8). */
export function checkGrowth(size: number, url: string, { maxSize }: Pick<Limits, 'maxSize'>): void {
  if (size > maxSize) {
    throw new PdlError('TOO_LARGE', `Cannot fetch ${url}: it has ${size} bytes or more and the limit is ${maxSize}`, {
      url,
    });
  }
}

/** Refuses a whole body that is too small. */
export function checkSmallest(size: number, url: string, { minSize }: Limits): void {
  if (size < minSize) {
    throw new PdlError('TOO_SMALL', `Cannot fetch ${url}: it has ${size} bytes and the least allowed is ${minSize}`, {
      url,
    });
  }
}

/** A 206 may leave Content-Type out (RFC 9110 section 15.3.7): its type was judged with the first part. */
function checkType({ headers, status, url }: Head, expect: readonly string[]): void {
  const given = headers['content-type'];
  if (given === undefined && status === 206) return;
  const type = /^\s*([\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127})\s*(?:[;,]|$)/.exec(given ?? '')?.[1]?.toLowerCase();
  if (type !== undefined && expect.some((pattern) => matches(type, pattern))) return;
  const state = type ?? (given === undefined ? 'of no stated type' : 'of an unreadable type');
  throw new PdlError('WRONG_TYPE', `Cannot fetch ${url}: it is ${state}, not ${expect.join(' or ')}`, { url, status });
}

function matches(type: string, pattern: string): boolean {
  if (pattern === '*/*') return true;
  return pattern.endsWith('/*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

function mediaTypes(text: string): string[] {
  const types = text.split(',').map((type) => type.trim().toLowerCase());
  const bad = types.find((type) => !/^[\w!#$&^.+*-]+\/[\w!#$&^.+*-]+$/.test(type));
  if (bad === undefined) return types;
  throw new UsageError(
    `Cannot use --expect ${JSON.stringify(bad)}: allowed is a media type such as image/* or application/pdf`,
  );
}
