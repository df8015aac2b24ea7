/** Routes that serve a deterministic file, with validators and ranges, rightly and wrongly. `?size=N&seed=S` choose the body (`bytesOf`). */

import { bytesOf } from './bytes.ts';
import type { Exchange, Route } from './exchange.ts';

/** One version of a file. */
export interface Version {
  body: Buffer;
  etag?: string;
  lastModified?: string;
  /** Further headers. */
  headers?: Record<string, string>;
}

/** First byte asked for by a single `Range: bytes=N-`, or null. */
export function rangeStart(exchange: Exchange): number | null {
  const [, start] = /^bytes=(\d+)-$/.exec(exchange.headers['range'] ?? '') ?? [];
  return start === undefined ? null : Number(start);
}

/** The file that the query asks for, with a strong ETag and Last-Modified. */
export function versionOf(exchange: Exchange, seed = exchange.number('seed', 0), size = 1000): Version {
  const body = bytesOf(exchange.number('size', size), seed);
  const headers: Record<string, string> = { 'Content-Type': exchange.query.get('type') ?? 'application/octet-stream' };
  const encoding = exchange.query.get('encoding');
  if (encoding !== null) headers['Content-Encoding'] = encoding;
  // The version shows in the seconds, so that Last-Modified differs with the seed too.
  const lastModified = new Date(Date.UTC(2024, 0, 1) + (seed % 1_000_000) * 1000).toUTCString();
  return { body, etag: `"v${seed}-${body.length}"`, lastModified, headers };
}

/** Head and body of the right answer to this request: 200, 206, 304 or 416 (RFC 9110 sections 13 and 14). */
export function rightAnswer(exchange: Exchange, version: Version) {
  const { body, etag, lastModified } = version;
  const headers: Record<string, string> = { 'Accept-Ranges': 'bytes', Date: new Date().toUTCString() };
  Object.assign(headers, version.headers);
  if (etag !== undefined) headers['ETag'] = etag;
  if (lastModified !== undefined) headers['Last-Modified'] = lastModified;
  const asked = exchange.headers;
  if (
    asked['if-none-match'] !== undefined
      ? asked['if-none-match'] === etag
      : asked['if-modified-since'] === lastModified && lastModified !== undefined
  )
    return { status: 304, headers, body: Buffer.alloc(0) };
  const start = rangeStart(exchange);
  const condition = asked['if-range'];
  const same =
    condition === undefined || (condition === etag && !condition.startsWith('W/')) || condition === lastModified;
  if (start === null || !same) return { status: 200, headers: { ...headers, 'Content-Length': body.length }, body };
  if (start >= body.length)
    return {
      status: 416,
      headers: { ...headers, 'Content-Range': `bytes */${body.length}`, 'Content-Length': 0 },
      body: Buffer.alloc(0),
    };
  const rest = body.subarray(start);
  const span = `bytes ${start}-${body.length - 1}/${body.length}`;
  return { status: 206, headers: { ...headers, 'Content-Range': span, 'Content-Length': rest.length }, body: rest };
}

/** Sends the right answer. */
export async function serve(exchange: Exchange, version: Version): Promise<void> {
  const { status, headers, body } = rightAnswer(exchange, version);
  const { 'Content-Length': length, ...others } = headers as Record<string, string>;
  if (status === 304) await exchange.head(304, others);
  else await exchange.answer(status, length === undefined ? others : { ...others, 'Content-Length': length }, body);
}

/** Sends the right header block and the first `most` bytes of its body; false when that was all of it. */
export async function serveUpTo(exchange: Exchange, version: Version, most: number): Promise<boolean> {
  const { status, headers, body } = rightAnswer(exchange, version);
  await exchange.head(status, headers);
  await exchange.raw(body.subarray(0, most));
  return body.length > most;
}

const withRange = (exchange: Exchange) => rangeStart(exchange) !== null;

async function partial(
  exchange: Exchange,
  contentRange: string | null,
  from = rangeStart(exchange) ?? 0,
): Promise<void> {
  const { body, etag } = versionOf(exchange);
  const rest = body.subarray(from);
  await exchange.answer(
    206,
    { ...(contentRange === null ? {} : { 'Content-Range': contentRange }), ETag: etag! },
    rest,
  );
}

export const ranges: Record<string, Route> = {
  /** /file/NAME?size=N&seed=S[&type=T][&encoding=E]: right in all: length, strong ETag, Last-Modified, Range, If-Range, 304, 416 */
  file: (exchange) => serve(exchange, versionOf(exchange)),

  /** /weak-etag?size=N: ranges, but only a weak ETag and no Last-Modified */
  'weak-etag'(exchange) {
    const { body, headers = {} } = versionOf(exchange);
    return serve(exchange, { body, headers, etag: `W/"${body.length}"` });
  },

  /** /no-validator?size=N: ranges, but neither ETag nor Last-Modified */
  'no-validator'(exchange) {
    const { body, headers = {} } = versionOf(exchange);
    return serve(exchange, { body, headers });
  },

  /** /last-modified?size=N[&fresh=1]: ranges and a Last-Modified only; fresh: changed within this second, so not strong */
  'last-modified'(exchange) {
    const { body, lastModified, headers = {} } = versionOf(exchange);
    const fresh = exchange.query.has('fresh');
    return serve(exchange, { body, headers, lastModified: fresh ? new Date().toUTCString() : lastModified! });
  },

  /** /etag-changes?size=N[&cut=M]: every request meets a new version (bytesOf(N, count)); with cut, only M bytes of it come */
  async 'etag-changes'(exchange) {
    const version = versionOf(exchange, exchange.count);
    if (!exchange.query.has('cut')) return serve(exchange, version);
    if (await serveUpTo(exchange, version, exchange.number('cut', 0))) exchange.close();
  },

  /** /bad-content-range?size=N&kind=start|none|reversed|total|unit|junk: a Range is answered by 206 with a wrong Content-Range */
  async 'bad-content-range'(exchange) {
    if (!withRange(exchange)) return serve(exchange, versionOf(exchange));
    const start = rangeStart(exchange)!;
    const size = exchange.number('size', 1000);
    const wrong: Record<string, string | null> = {
      start: `bytes ${start - 1}-${size - 1}/${size}`,
      none: null,
      reversed: `bytes ${size - 1}-${start}/${size}`,
      total: `bytes ${start}-${size - 1}/${size + 1}`,
      unit: `lines ${start}-${size - 1}/${size}`,
      junk: 'bytes',
    };
    await partial(exchange, wrong[exchange.query.get('kind') ?? 'start'] ?? null);
  },

  /** /ignores-range?size=N: always 200 and the whole file */
  'ignores-range'(exchange) {
    delete exchange.headers['range'];
    return serve(exchange, versionOf(exchange));
  },

  /** /416-have-all?size=N: every Range is answered 416 with the true size as total */
  '416-have-all'(exchange) {
    if (!withRange(exchange)) return serve(exchange, versionOf(exchange));
    return exchange.answer(416, { 'Content-Range': `bytes */${exchange.number('size', 1000)}` });
  },

  /** /416-junk?size=N[&total=T]: every Range is answered 416; no Content-Range unless total is given */
  '416-junk'(exchange) {
    if (!withRange(exchange)) return serve(exchange, versionOf(exchange));
    const total = exchange.query.get('total');
    return exchange.answer(416, total === null ? {} : { 'Content-Range': `bytes */${total}` });
  },

  /** /206-unasked?size=N[&whole=1]: 206 although no Range was sent: the second half, or with whole=1 `0-(n-1)/n` */
  async '206-unasked'(exchange) {
    const size = exchange.number('size', 1000);
    const from = exchange.query.has('whole') ? 0 : size >> 1;
    await partial(exchange, `bytes ${from}-${size - 1}/${size}`, from);
  },

  /** /multipart-ranges?size=N: 206 multipart/byteranges */
  async 'multipart-ranges'(exchange) {
    const { body } = versionOf(exchange);
    const part = (from: number, to: number) =>
      `--cut\r\nContent-Range: bytes ${from}-${to - 1}/${body.length}\r\n\r\n${body.toString('latin1', from, to)}\r\n`;
    const parts = Buffer.from(`${part(0, 10)}${part(20, 30)}--cut--\r\n`, 'latin1');
    await exchange.answer(206, { 'Content-Type': 'multipart/byteranges; boundary=cut' }, parts);
  },
};
