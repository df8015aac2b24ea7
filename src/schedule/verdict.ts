/** What the end of a request says about its host. */

import { PdlError } from '../errors.js';

/**
 * - `fine`: it answered.
 * - `limited`: it asked to wait (429, 503 with Retry-After).
 * - `unavailable`: a 503 without a word.
 * - `unreachable`: no connection came about.
 * - `broken`: it was reached, and nothing more can be said.
 * - `unknown`: the request ended for reasons of our own.
 */
export type Verdict = 'fine' | 'limited' | 'unavailable' | 'unreachable' | 'broken' | 'unknown';

/** Too few file handles here: no host is parked for that (failure-cases S5). */
const ours = new Set(['EMFILE', 'ENFILE']);

export function verdictOf(error: unknown): Verdict {
  if (!(error instanceof PdlError)) return 'unknown';
  const { status, retryAfterMs, reason } = error.facts;
  switch (error.code) {
    case 'HTTP_STATUS':
      if (status === 429) return 'limited';
      if (status === 503) return retryAfterMs === undefined ? 'unavailable' : 'limited';
      return 'fine';
    case 'DNS':
    case 'CONNECT':
    case 'TLS':
    case 'PROXY':
      return ours.has(reason ?? '') ? 'unknown' : 'unreachable';
    case 'TIMEOUT':
      return reason === 'connect' ? 'unreachable' : 'broken';
    case 'RESET':
    case 'TRUNCATED':
    case 'TOO_SLOW':
    case 'BAD_RESPONSE':
      return 'broken';
    case 'REDIRECT':
    case 'TOO_LARGE':
    case 'TOO_SMALL':
    case 'WRONG_TYPE':
    case 'CHECKSUM':
      return 'fine';
    default:
      return 'unknown';
  }
}
