/** The one error class of pdl, and its table of codes. An error states facts; whether it is retried is a policy's word. */

/** Every code a failed result may carry, with what it says. */
export const errorCodes = {
  BAD_LINE: 'the line is no URL that can be fetched',
  LIST: 'the list itself broke while it was read',
  DNS: 'the name of the host was not found',
  CONNECT: 'no connection came about',
  TLS: 'the certificate or the handshake was refused',
  PROXY: 'the proxy refused, closed or stayed silent',
  TIMEOUT: 'a deadline passed',
  TOO_SLOW: 'slower than --speed-limit for --speed-time',
  RESET: 'the connection broke',
  TRUNCATED: 'the body ended before its end',
  BAD_RESPONSE: 'the answer breaks the rules of HTTP',
  HTTP_STATUS: 'the status is not one that is saved',
  RATE_LIMITED: 'the host asked to wait, too often or too long',
  HOST_DOWN: 'the host failed to answer for so long that its lines were given up',
  REDIRECT: 'a redirect that is not followed',
  TOO_LARGE: 'more than --max-size',
  TOO_SMALL: 'less than --min-size',
  WRONG_TYPE: 'not of the media type --expect asks for',
  CHECKSUM: 'the bytes do not have the checksum of the list',
  NAME: 'no safe name below DIR can be made',
  EXISTS: 'something is in the way at the final name',
  DISK: 'the disk refused',
  LOCKED: 'another pdl is at work in this DIR',
  ROBOTS: 'robots.txt could not be asked',
  PRIVATE_ADDRESS: 'a private address, refused by --no-private',
  HOOK: 'a hook of the user threw',
  ABORTED: 'cut off because the run was stopped',
} as const;

/** Why a line failed: `failed.error.code`. */
export type ErrorCode = keyof typeof errorCodes;

/** What is known beside the code. Milliseconds are durations, never clock times. */
export interface Facts {
  /** HTTP status of the answer, when there was one. */
  status?: number;
  /** URL of the hop that failed, without userinfo. */
  url?: string;
  /** A strictly parsed Retry-After, in ms from the answer's own Date (RFC 9110 section 10.2.3). */
  retryAfterMs?: number;
  /** True when a *reused* connection died before the first byte of an answer: nobody is to blame, one free try. */
  stale?: boolean;
  /** Bytes of the file that the next try need not ask for, and how many of them this try brought. */
  held?: number;
  kept?: number;
  /** True when the request asked for a range and brought nothing: without one it may be served. */
  ranged?: boolean;
  /** errno name (ENOSPC) or TLS reason. */
  reason?: string;
  cause?: unknown;
}

/** A failure with a code of the table. Message: "Cannot" + act + object + ":" + current state; no full stop. */
export class PdlError extends Error {
  readonly code: ErrorCode;
  readonly facts: Facts;

  constructor(code: ErrorCode, message: string, facts: Facts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'PdlError';
    this.code = code;
    this.facts = facts;
  }
}

/** Wrong use: a bad option or argument. The command exits 2; the library throws it at the call. */
export class UsageError extends TypeError {
  override readonly name = 'UsageError';
}
