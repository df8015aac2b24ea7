/** What an error means for its line: try again, wait for the host, or give up. Pure; the numbers are failure-cases Y1 and Y4. */

import type { ErrorCode, PdlError } from '../errors.js';
import type { Settings } from '../options.js';

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

const statuses = new Set([408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524]);

/** Failures that the same line need not meet again, though no retry within this run helps. */
const passing = new Set<ErrorCode>(['RATE_LIMITED', 'HOST_DOWN', 'ROBOTS', 'DISK', 'LOCKED', 'LIST', 'ABORTED']);

/** Full jitter: uniform from 0 to this, doubled for each try, at most the cap. */
const backoffMs = 500;
const backoffCapMs = 60_000;

/**
 * Milliseconds to wait before the next try, or null to give up.
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
  return random() * Math.min(backoffCapMs, backoffMs * 2 ** (tries - 1));
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

function worthOf({ code, facts }: PdlError): Worth {
  if (code === 'HTTP_STATUS') return statuses.has(facts.status ?? 0) ? 'again' : 'never';
  // The resolver says there is no such name; asked once more in case it was a hiccup of its own.
  if (code === 'DNS' && facts.reason === 'ENOTFOUND') return 'once';
  // Bad credentials stay bad (failure-cases Y1: 407 never loops).
  if (code === 'PROXY' && facts.status === 407) return 'never';
  // A handshake may be cut like any connection; a certificate that is refused stays refused.
  if (code === 'TLS') return /^(?:ECONN|EPIPE|ETIMEDOUT)/.test(facts.reason ?? '') ? 'again' : 'never';
  return worth[code] ?? 'never';
}
