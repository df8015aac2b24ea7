/** Routes that break off, or that lie about where a body ends. Bodies are `bytesOf(size, seed)`; cut files keep validators and ranges. */

import { bytesOf } from './bytes.ts';
import type { Exchange, Route } from './exchange.ts';
import { serve, serveUpTo, versionOf } from './sins-ranges.ts';

const text = { 'Content-Type': 'text/plain' };
const first = (exchange: Exchange, initial: number) => Number(exchange.rest[0] ?? initial);
const chunk = (body: Buffer) =>
  Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
const body = (exchange: Exchange, size: number) => bytesOf(size, exchange.number('seed', 0));

/** Sends a file up to N bytes per answer, then breaks; after `?times=K` breaks it is whole. */
async function broken(exchange: Exchange, how: 'close' | 'reset'): Promise<void> {
  const most = first(exchange, 100);
  const version = versionOf(exchange, undefined, 2 * most + 10);
  if (exchange.count > exchange.number('times', Number.POSITIVE_INFINITY)) return serve(exchange, version);
  if (!(await serveUpTo(exchange, version, most))) return;
  // A reset throws away what the client has not read yet: give it time to.
  if (how === 'reset') await exchange.wait(exchange.number('pause', 30));
  exchange[how]();
}

/** A raw answer. */
const says =
  (answer: string): Route =>
  (exchange) =>
    exchange.raw(answer);

export const framing: Record<string, Route> = {
  /** /cut-at/N?size=M[&times=K]: Content-Length, N bytes, FIN; continues by Range, N bytes further each time */
  'cut-at': (exchange) => broken(exchange, 'close'),
  /** /reset-at/N?size=M[&times=K][&pause=MS]: the same with RST */
  'reset-at': (exchange) => broken(exchange, 'reset'),

  /** /chunked/N[?trailer=1]: N bytes in chunks of 10,000, right to the end */
  async chunked(exchange) {
    await exchange.head(200, { 'Transfer-Encoding': 'chunked' });
    const all = body(exchange, first(exchange, 100));
    for (let at = 0; at < all.length; at += 10_000) await exchange.raw(chunk(all.subarray(at, at + 10_000)));
    await exchange.raw(exchange.query.has('trailer') ? '0\r\nX-Checked: yes\r\n\r\n' : '0\r\n\r\n');
  },
  /** /crumbs/N: N times `x`, each in a chunk of its own */
  async crumbs(exchange) {
    await exchange.head(200, { 'Transfer-Encoding': 'chunked' });
    const some = Buffer.alloc(60_000, '1\r\nx\r\n');
    for (let left = first(exchange, 100); left > 0; left -= 10_000) await exchange.raw(some.subarray(0, 6 * left));
    await exchange.raw('0\r\n\r\n');
  },
  /** /cut-chunked/N[?close=1]: N bytes in chunks, no last chunk, FIN; close: announced by `Connection: close` */
  async 'cut-chunked'(exchange) {
    const close: Record<string, string> = exchange.query.has('close') ? { Connection: 'close' } : {};
    await exchange.head(200, { 'Transfer-Encoding': 'chunked', ...close });
    await exchange.raw(chunk(body(exchange, first(exchange, 100))));
    exchange.close();
  },
  /** /cut-trailer/N: all chunks and the last one, FIN within the trailer */
  async 'cut-trailer'(exchange) {
    await exchange.head(200, { 'Transfer-Encoding': 'chunked' });
    await exchange.raw(chunk(body(exchange, first(exchange, 100))));
    await exchange.raw('0\r\nX-Che');
    exchange.close();
  },
  /** /no-length/N: neither length nor chunks, N bytes, clean FIN */
  async 'no-length'(exchange) {
    await exchange.head(200, { Connection: 'close' });
    await exchange.raw(body(exchange, first(exchange, 100)));
    exchange.close();
  },
  /** /http10/N: an HTTP/1.0 answer without length, clean FIN */
  async http10(exchange) {
    await exchange.raw('HTTP/1.0 200 OK\r\n\r\n');
    await exchange.raw(body(exchange, first(exchange, 100)));
    exchange.close();
  },
  /** /reset-no-length/N[?pause=MS]: neither length nor chunks, N bytes, RST */
  async 'reset-no-length'(exchange) {
    await exchange.head(200, { Connection: 'close' });
    await exchange.raw(body(exchange, first(exchange, 100)));
    await exchange.wait(exchange.number('pause', 30));
    exchange.reset();
  },
  /** /unclean/N: over TLS, no length, N bytes, FIN without close_notify */
  async unclean(exchange) {
    await exchange.head(200, { Connection: 'close' });
    await exchange.raw(body(exchange, first(exchange, 100)));
    exchange.closeUnclean();
  },
  /** /empty-reply: FIN at once */
  'empty-reply': (exchange) => exchange.close(),
  /** /reset: RST at once */
  reset: (exchange) => exchange.reset(),
  /** /half-head: FIN within the header block */
  async 'half-head'(exchange) {
    await exchange.raw('HTTP/1.1 200 OK\r\nContent-Le');
    exchange.close();
  },

  /** /gzip-te: Transfer-Encoding: gzip, chunked */
  async 'gzip-te'(exchange) {
    await exchange.head(200, { 'Transfer-Encoding': 'gzip, chunked' });
    await exchange.raw(Buffer.concat([chunk(Buffer.from('not really gzip')), Buffer.from('0\r\n\r\n')]));
  },
  /** /identity-te: Transfer-Encoding: identity, no length, FIN */
  async 'identity-te'(exchange) {
    await exchange.raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nhello');
    exchange.close();
  },
  /** /cl-and-te: Content-Length and chunked both */
  'cl-and-te': says(
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  ),
  /** /two-lengths: two different Content-Lengths */
  'two-lengths': says('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!'),
  /** /same-lengths: the same Content-Length twice */
  'same-lengths': says('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello'),
  /** /negative-length: Content-Length: -5 */
  'negative-length': says('HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello'),
  /** /junk-length?value=V: Content-Length: V, by default 5x */
  'junk-length': (exchange) =>
    exchange.raw(`HTTP/1.1 200 OK\r\nContent-Length: ${exchange.query.get('value') ?? '5x'}\r\n\r\nhello`),
  /** /304-with-length: 304 that tells the file's Content-Length, as it may */
  '304-with-length': says('HTTP/1.1 304 Not Modified\r\nETag: "v"\r\nContent-Length: 1000\r\n\r\n'),
  /** /204-with-length[?close=1]: 204 with a Content-Length and no body */
  '204-with-length': (exchange) =>
    exchange.raw(
      `HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n${exchange.query.has('close') ? 'Connection: close\r\n' : ''}\r\n`,
    ),
  /** /extra-bytes?size=N: N bytes as announced and 100 more on the same connection */
  async 'extra-bytes'(exchange) {
    const size = exchange.number('size', 100);
    await exchange.raw(
      Buffer.concat([
        Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`),
        body(exchange, size),
        Buffer.alloc(100, 'X'),
      ]),
    );
  },
  /** /poisoned: a right answer with a second, unasked answer behind it */
  poisoned: says('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirstHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'),
  /** /dies-after-one[?how=reset|close][&at=once]: a right keep-alive answer; the next request on that connection meets FIN or RST instead (at=once: FIN comes at once) */
  async 'dies-after-one'(exchange) {
    const { nth } = exchange.logged;
    const end = () => exchange[exchange.query.get('how') === 'reset' ? 'reset' : 'close']();
    if (nth > 1) return end();
    await exchange.answer(200, text, 'alive');
    if (exchange.query.get('at') === 'once') end();
  },

  /** /http09: a body without any header block */
  async http09(exchange) {
    await exchange.raw('just the body, as in 1991\n');
    exchange.close();
  },
  /** /bare-lf: lines end in LF alone */
  'bare-lf': says('HTTP/1.1 200 OK\nContent-Length: 5\n\nhello'),
  /** /obs-fold: a header folded over two lines */
  'obs-fold': says('HTTP/1.1 200 OK\r\nX-Folded: one\r\n two\r\nContent-Length: 5\r\n\r\nhello'),
  /** /http12: a version that does not exist */
  http12: says('HTTP/1.2 200 OK\r\nContent-Length: 5\r\n\r\nhello'),
  /** /icy: ICY 200 OK */
  icy: says('ICY 200 OK\r\nContent-Length: 5\r\n\r\nhello'),
  /** /switching: 101, unasked */
  switching: says('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n'),
  /** /continue-unasked: 100 before a right answer */
  'continue-unasked': says('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'),
  /** /huge-headers/N: a right answer whose header block has N bytes more */
  'huge-headers'(exchange) {
    const line = `X-Long: ${'x'.repeat(990)}`;
    const lines = Array.from({ length: Math.ceil(first(exchange, 20_000) / 1000) }, () => line);
    return exchange.raw(`HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\nContent-Length: 5\r\n\r\nhello`);
  },
};
