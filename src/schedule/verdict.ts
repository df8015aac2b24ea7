/** What the end of a request says about its host. */

import { PdlError } from '../errors.js';

/**
 * - `fine`: it answered.
 * - `limited`: it asked to wait (429, 503 with Retry-After).
 * - `unavailable`: a 503 without a word.
 * - `missing`: its name does not exist.
 * - `refused`: it, or the proxy before it, answered the attempt to connect with a no.
 * - `silent`: nothing came back, which may also be the own network.
 * - `broken`: it was reached, and nothing more can be said.
 * - `unknown`: the request ended for reasons of our own.
 */
export type Verdict = 'fine' | 'limited' | 'unavailable' | 'missing' | 'refused' | 'silent' | 'broken' | 'unknown';

/** Too few file handles here: no host is parked for that (failure-cases S5). */
const ours = new Set(['EMFILE', 'ENFILE']);

/** The only evidence against the own network: a reset, a refusal or a failed handshake is an answer. */
const silence = new Set([
  'connect',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
]);

export function verdictOf(error: unknown): Verdict {
  if (!(error instanceof PdlError)) return 'unknown';
  const { status, retryAfterMs, reason = '', stale } = error.facts;
  // A kept connection that turned out to be closed says nothing about anybody.
  if (stale) return 'unknown';
  switch (error.code) {
    case 'HTTP_STATUS':
      if (status === 429) return 'limited';
      if (status === 503) return retryAfterMs === undefined ? 'unavailable' : 'limited';
      return 'fine';
    case 'DNS':
      if (reason === 'ENOTFOUND') return 'missing';
      return connecting(reason);
    case 'CONNECT':
      return connecting(reason);
    case 'PROXY':
      // It wants other credentials, or cannot be used at all: no host is to blame.
      return status === 407 || reason === 'login' || reason === 'unusable' ? 'broken' : connecting(reason);
    case 'TLS':
      // Who refuses a certificate is us.
      return /^(?:ECONN|EPIPE)/.test(reason) ? 'refused' : 'broken';
    case 'TIMEOUT':
      if (reason === 'handshake') return 'refused';
      return reason === 'connect' ? 'silent' : 'broken';
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

function connecting(reason: string): Verdict {
  if (ours.has(reason)) return 'unknown';
  return silence.has(reason) ? 'silent' : 'refused';
}
