/** What an error means for its line: try again, wait for the host, or give up. Pure; the numbers are failure-cases Y1 and Y4. */

import { type ErrorCode, PdlError } from '../errors.js';
import type { Settings } from '../options.js';
import { withoutUserinfo } from '../url.js';

/** How often a failure is worth another try. */
type Worth = 'again' | 'once' | 'never';

const worth: Partial<Record<ErrorCode, Worth>> = {
  DNS: 'again',
  CONNECT: 'again',
  PROXY: 'again',
  TIMEOUT: 'again',
  TOO_SLOW: 'again',
  RESET: 'again',
  TRUNCATED: 'again',
  // A broken cache or replica answers nonsense once; a broken server always.
  BAD_RESPONSE: 'once',
  // From zero: a part that was continued may be of two versions.
  CHECKSUM: 'once',
};

/** Every 5xx that is not known is a 500 (RFC 9110 section 15); these say that no later try will do better. */
const final5xx = new Set([501, 505, 511]);
const later4xx = new Set([408, 425, 429]);

/** Failures that the same line need not meet again, though no retry within this run helps. */
const passing = new Set<ErrorCode>(['RATE_LIMITED', 'HOST_DOWN', 'ROBOTS', 'DISK', 'LOCKED', 'LIST', 'ABORTED']);

/** Equal jitter: half of this is fixed and half random; doubled for each try, at most the cap. */
const backoffMs = 500;
const backoffCapMs = 60_000;

/**
 * Milliseconds of backoff before the next try, or null to give up. A time that the server names comes on top, as a floor.
 * @param tries tries that have failed and count, from 1.
 * @param random uniform in [0, 1).
 */
export function retryDelay(
  error: PdlError,
  tries: number,
  settings: Pick<Settings, 'retry'>,
  random: () => number,
): number | null {
  const value = worthOf(error);
  if (tries > settings.retry || value === 'never' || (value === 'once' && tries > 1)) return null;
  return backoff(tries, random);
}

/** ms before the try after `tries` failed ones. */
export function backoff(tries: number, random: () => number): number {
  const most = Math.min(backoffCapMs, backoffMs * 2 ** (tries - 1));
  return most / 2 + (most / 2) * random();
}

/** Whether the same line would fail the same way again. */
export function isPermanent(error: PdlError): boolean {
  if (passing.has(error.code)) return false;
  return worthOf(error) !== 'again';
}

/** A 429, or a 503 that says when to come back: the host asks all its lines to wait, which is no line's failure. */
export function asksToWait(error: PdlError): boolean {
  const { status, retryAfterMs } = error.facts;
  return error.code === 'HTTP_STATUS' && (status === 429 || (status === 503 && retryAfterMs !== undefined));
}

/** The error of a line for which the server named a time that --max-retry-after does not allow. */
export function tooLong(url: string, cause: PdlError): PdlError {
  const seconds = Math.round(cause.facts.retryAfterMs! / 1000);
  const message = `Cannot fetch ${withoutUserinfo(url)}: the server asked to wait ${seconds} s, more than --max-retry-after allows`;
  return new PdlError('RATE_LIMITED', message, { ...cause.facts, cause });
}

function worthOf({ code, facts }: PdlError): Worth {
  if (code === 'HTTP_STATUS')
    return isPassing(facts.status ?? 0) || facts.retryAfterMs !== undefined ? 'again' : 'never';
  if (code === 'DNS' && facts.reason === 'ENOTFOUND') return 'never';
  // Bad credentials stay bad (failure-cases Y1: 407 never loops).
  if (code === 'PROXY' && (facts.status === 407 || ['login', 'unusable'].includes(facts.reason ?? ''))) return 'never';
  // A handshake may be cut like any connection; a certificate that is refused stays refused.
  if (code === 'TLS') return /^(?:ECONN|EPIPE|ETIMEDOUT)/.test(facts.reason ?? '') ? 'again' : 'never';
  return worth[code] ?? 'never';
}

function isPassing(status: number): boolean {
  return later4xx.has(status) || (status >= 500 && status <= 599 && !final5xx.has(status));
}
