/** How a body is delimited (RFC 9112 section 6.3). */

import type { Framing, RawHead } from '../types.js';

type Headers = RawHead['headers'];

/** From the answer's head; null when its Transfer-Encoding is anything but exactly `chunked`: none was asked for. */
export function framingOf(method: 'GET' | 'HEAD', status: number, headers: Headers): Framing | null {
  if (method === 'HEAD' || status === 204 || status === 304) return 'none';
  const encoding = headers['transfer-encoding'];
  if (encoding !== undefined) {
    return typeof encoding === 'string' && encoding.toLowerCase() === 'chunked' ? 'chunked' : null;
  }
  return headers['content-length'] === undefined ? 'close' : 'length';
}

/** Bytes that the head announces; 0 when it announces none. */
export function lengthOf(headers: Headers): number {
  return Number(headers['content-length'] ?? 0);
}
