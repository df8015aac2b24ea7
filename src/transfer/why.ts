/** Turns what sockets, the resolver, OpenSSL and undici's parser throw into errors of the table, with sentences people can use. */

import { type ErrorCode, PdlError } from '../errors.js';
import { distrustWords, handshakeWords } from './tls-words.js';

const plain: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ECONNCLOSED: 'the connection was closed during the handshake',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ENETDOWN: 'the network is down',
  EADDRNOTAVAIL: 'no local address or port is free',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open on this machine',
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'the resolver did not answer',
};

const network = /^(?:E(?:CONN|PIPE|TIMEDOUT|HOST|NET|ADDR|MFILE|NFILE|ACCES|PERM|INVAL|BADF)\w*)$/;

/** errno name, TLS reason or parser code. Of several addresses that failed, one that answered tells more than one that was silent. */
export function reasonOf(error: unknown): string {
  const errors = flatten(error) as { code?: unknown; name: string }[];
  const { code, name } = errors.find((one) => one.code === 'ECONNREFUSED') ?? errors[0]!;
  return typeof code === 'string' ? code : name;
}

/** The cause in words, each address of a failed connect named. */
export function wordsOf(error: unknown): string {
  const parts = flatten(error).map((one) => {
    // Of port 0 Node tells no port.
    const { code = '', address, port = 0 } = one as { code?: string; address?: string; port?: number };
    const where = address === undefined ? '' : ` ${address.includes(':') ? `[${address}]` : address}:${port}`;
    const words = plain[code] ?? one.message.split('\n', 1)[0];
    return code === '' ? `${words}` : `${words} (${code}${where})`;
  });
  return [...new Set(parts)].join(', ');
}

function flatten(error: unknown): Error[] {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.flatMap(flatten);
  return [error instanceof Error ? error : new Error(String(error))];
}

/** A connect that failed: at the name, at the TCP connection, or in the TLS handshake. */
export function connectError(place: string, error: unknown, stage: 'name' | 'tcp' | 'tls'): PdlError {
  if (error instanceof PdlError) return error;
  const facts = { reason: reasonOf(error), cause: error };
  const words = wordsOf(error);
  if (stage === 'name') return new PdlError('DNS', `Cannot find the address of ${place}: ${words}`, facts);
  if (stage === 'tcp' || network.test(facts.reason))
    return new PdlError('CONNECT', `Cannot connect to ${place}: ${words}`, facts);
  const distrusted = distrustWords(facts.reason);
  if (distrusted !== null) return new PdlError('TLS', `Cannot trust ${place}: ${distrusted}`, facts);
  return new PdlError('TLS', `Cannot speak TLS with ${place}: ${handshakeWords(error) ?? words}`, facts);
}

/** What undici reports once a connection stands. */
export interface Wreck {
  /** Without userinfo. */
  url: string;
  error: Error;
  /** A header block had come. */
  answered: boolean;
  /** Bytes of this answer, head included. */
  received: number;
  /** The connection had served before. */
  reused: boolean;
  /** The answer would have come from a proxy. */
  viaProxy: boolean;
}

/** An exchange that broke. */
export function exchangeError({ url, error, answered, received, reused, viaProxy }: Wreck): PdlError {
  if (error instanceof PdlError) return error;
  const code = (error as { code?: unknown }).code;
  const reason = reasonOf(error);
  const fail = (as: ErrorCode, state: string, stale = false) =>
    new PdlError(as, `Cannot fetch ${url}: ${state}`, { url, reason, cause: error, ...(stale ? { stale } : {}) });
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED')
    return fail('BAD_LINE', `the request cannot be sent (${error.message})`);
  const refused = handshakeWords(error);
  if (refused !== null) return fail('TLS', refused);
  const breach = breachOf(error, answered);
  if (breach !== null) return fail('BAD_RESPONSE', `the answer breaks the rules of HTTP (${breach})`);
  const closed = !network.test(reason);
  const state = closed ? 'the server closed the connection' : wordsOf(error);
  if (answered) return closed ? fail('TRUNCATED', `${state} before the body's end`) : fail('RESET', state);
  if (received > 0) return fail('RESET', `${state} within the header block`);
  return fail(viaProxy ? 'PROXY' : 'RESET', `${state} without an answer`, reused);
}

/** What the parser refused in that which came; null when something was only missing. */
function breachOf(error: Error, answered: boolean): string | null {
  const { code, name, message } = error as { code?: string; name: string; message: string };
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return 'its header block is too large';
  if (code === 'UND_ERR_SOCKET') return message.startsWith('bad ') ? message : null;
  // Within the header block undici names the length, though it was another header that could not be.
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return answered ? null : 'its headers contradict one another';
  if (name !== 'HTTPParserError' || message.includes('Invalid EOF state')) return null;
  return /^[^(]*\((.*)\)$/.exec(message)?.[1] ?? message;
}

/** What a connection that fails in the middle of a body leaves behind: the same error, with how much of the body had come. */
export function brokenAfter<T>(error: T, bytes: number, total: number): T | PdlError {
  if (!(error instanceof PdlError) || !isMidway(error)) return error;
  const of = total < 0 ? '' : ` of ${total}`;
  return new PdlError(error.code, `${error.message}, after ${bytes}${of} bytes`, error.facts);
}

const midway = new Set<ErrorCode>(['TRUNCATED', 'RESET', 'TIMEOUT', 'TOO_SLOW', 'PROXY']);

/** Whether what came of a body before this error is as good as before. */
export function isMidway({ code }: PdlError): boolean {
  return midway.has(code);
}
