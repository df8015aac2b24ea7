/** Routes that take their time, or never end. */

import { bytesOf } from './bytes.ts';
import type { Exchange, Route } from './exchange.ts';
import { serve, serveUpTo, versionOf } from './sins-ranges.ts';

const first = (exchange: Exchange, initial: number) => Number(exchange.rest[0] ?? initial);

/** Writes for ever, as fast as the client reads. */
async function pour(exchange: Exchange): Promise<void> {
  const block = bytesOf(65_536);
  while (!exchange.gone) await exchange.raw(block);
}

export const time: Record<string, Route> = {
  /** /stall: reads the request and says nothing */
  stall: (exchange) => exchange.hang(),
  /** /stall-after/N?size=M[&times=K]: N bytes of M, then nothing; continues by Range; whole after K stalls */
  async 'stall-after'(exchange) {
    const most = first(exchange, 100);
    const version = versionOf(exchange, undefined, 2 * most + 10);
    if (exchange.count > exchange.number('times', Number.POSITIVE_INFINITY)) return serve(exchange, version);
    if (await serveUpTo(exchange, version, most)) await exchange.hang();
  },
  /** /drip?size=N&step=B&every=MS: B bytes each MS (default 1 byte each 100 ms), right to the end */
  async drip(exchange) {
    const { body } = versionOf(exchange);
    const step = exchange.number('step', 1);
    await exchange.head(200, { 'Content-Length': body.length });
    for (let at = 0; at < body.length && !exchange.gone; at += step) {
      await exchange.raw(body.subarray(at, at + step));
      await exchange.wait(exchange.number('every', 100));
    }
  },
  /** /slow-headers?every=MS[&lines=L]: one header byte each MS (default 50), L lines long (default 100) */
  async 'slow-headers'(exchange) {
    const block = `HTTP/1.1 200 OK\r\n${'X-Slow: very\r\n'.repeat(exchange.number('lines', 100))}Content-Length: 0\r\n\r\n`;
    for (const char of block) {
      if (exchange.gone) return;
      await exchange.raw(char);
      await exchange.wait(exchange.number('every', 50));
    }
  },
  /** /endless-headers: a header block without end */
  async 'endless-headers'(exchange) {
    await exchange.raw('HTTP/1.1 200 OK\r\n');
    while (!exchange.gone) await exchange.raw(`X-More: ${'x'.repeat(1000)}\r\n`);
  },
  /** /early-hints-forever?every=MS: a 103 each MS (default 20), never an answer */
  async 'early-hints-forever'(exchange) {
    while (!exchange.gone) {
      await exchange.raw('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
      await exchange.wait(exchange.number('every', 20));
    }
  },
  /** /early-hints/N: N times 103, then a right file */
  async 'early-hints'(exchange) {
    for (let left = first(exchange, 1); left > 0; left--)
      await exchange.raw('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
    await serve(exchange, versionOf(exchange));
  },
  /** /endless: 200 without length, bytes without end */
  async endless(exchange) {
    await exchange.head(200, { 'Content-Type': 'application/octet-stream' });
    await pour(exchange);
  },
  /** /endless-404[?length=N]: the same as an error page; length: announced by Content-Length */
  async 'endless-404'(exchange) {
    const length = exchange.query.get('length');
    await exchange.head(404, length === null ? {} : { 'Content-Length': length });
    await pour(exchange);
  },
};
