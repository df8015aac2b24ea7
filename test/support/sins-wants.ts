/** Routes of statuses, redirects and headers: what a server may want of its client. */

import type { Exchange, Route } from './exchange.ts';
import { sins } from './sins.ts';
import { serve, versionOf } from './sins-ranges.ts';

const first = (exchange: Exchange, initial: number) => Number(exchange.rest[0] ?? initial);
const search = (exchange: Exchange) => (exchange.query.size === 0 ? '' : `?${exchange.query}`);

function retryAfter(exchange: Exchange): Record<string, string> {
  const value = exchange.query.get('retry-after');
  return value === null ? {} : { 'Retry-After': value };
}

/** The route that the rest of the path names, else the file. */
async function through(exchange: Exchange): Promise<void> {
  const route = sins[exchange.rest.shift() ?? ''];
  await (route ?? ((other: Exchange) => serve(other, versionOf(other))))(exchange);
}

const refuses =
  (status: number): Route =>
  (exchange) => {
    const times = Number(exchange.rest.shift() ?? Number.POSITIVE_INFINITY);
    if (exchange.count > times) return through(exchange);
    return exchange.answer(status, retryAfter(exchange), 'not now\n');
  };

export const wants: Record<string, Route> = {
  /** /status/N[?retry-after=V][&body=T]: that status */
  status: (exchange) => exchange.answer(first(exchange, 200), retryAfter(exchange), exchange.query.get('body') ?? ''),
  /** /429/K/…[?retry-after=V]: 429 for the first K asks of this path, then what the rest of the path names (else a file) */
  429: refuses(429),
  /** /503/K/…[?retry-after=V]: the same with 503 */
  503: refuses(503),
  /** /flaky/K/…?how=503|500|reset|close: fails K times, then what the rest of the path names (else a file) */
  async flaky(exchange) {
    const times = Number(exchange.rest.shift() ?? 1);
    if (exchange.count > times) return through(exchange);
    const how = exchange.query.get('how') ?? '503';
    if (how === 'reset' || how === 'close') return exchange[how]();
    await exchange.answer(Number(how), retryAfter(exchange), 'flaky\n');
  },

  /** /redirect/N/…[?status=S]: N hops (302 by default), then what the rest of the path names (else a file) */
  async redirect(exchange) {
    const left = Number(exchange.rest.shift() ?? 1);
    if (left <= 0) return through(exchange);
    const rest = exchange.rest.map((segment) => `/${encodeURIComponent(segment)}`).join('');
    await exchange.answer(exchange.number('status', 302), {
      Location: `/redirect/${left - 1}${rest}${search(exchange)}`,
    });
  },
  /** /redirect-to?url=U[&status=S]: to any URL, as given (UTF-8 is sent as raw bytes) */
  'redirect-to'(exchange) {
    const url = Buffer.from(exchange.query.get('url') ?? '/').toString('latin1');
    return exchange.answer(exchange.number('status', 302), { Location: url });
  },
  /** /redirect-loop: to itself */
  'redirect-loop': (exchange) => exchange.answer(302, { Location: exchange.logged.path }),
  /** /no-location: 302 without Location */
  'no-location': (exchange) => exchange.answer(302),
  /** /two-locations?a=U&b=V: two Location lines */
  'two-locations': (exchange) =>
    exchange.answer(302, { Location: [exchange.query.get('a') ?? '/a', exchange.query.get('b') ?? '/b'] }),

  /** /set-header?NAME=VALUE…: those response headers on a body of 5 bytes; a name given twice stands twice; UTF-8 is sent as raw bytes */
  'set-header'(exchange) {
    const headers: Record<string, string[]> = {};
    for (const name of exchange.query.keys())
      headers[name] = exchange.query.getAll(name).map((value) => Buffer.from(value).toString('latin1'));
    return exchange.answer(200, headers, 'hello');
  },
  /** /echo: the request's headers as JSON (lower-case names), with `:method` and `:path` */
  echo: (exchange) =>
    exchange.answer(
      200,
      { 'Content-Type': 'application/json' },
      JSON.stringify({ ':method': exchange.logged.method, ':path': exchange.logged.path, ...exchange.headers }),
    ),
  /** /basic/USER/PASSWORD: 401 unless those credentials come */
  basic(exchange) {
    const right = `Basic ${Buffer.from(`${exchange.rest[0]}:${exchange.rest[1]}`).toString('base64')}`;
    if (exchange.headers['authorization'] !== right)
      return exchange.answer(401, { 'WWW-Authenticate': 'Basic realm="test"' }, 'who?\n');
    return serve(exchange, versionOf(exchange));
  },
  /** /robots.txt: `server.robots`, or 404 */
  'robots.txt'(exchange) {
    const { robots } = exchange.server;
    return robots === null ? exchange.answer(404) : exchange.answer(200, { 'Content-Type': 'text/plain' }, robots);
  },
};
