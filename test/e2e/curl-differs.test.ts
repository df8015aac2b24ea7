/** pdl beside curl at every misbehaviour of the test server: where they differ, a reviewed table says so and why. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { alike, alikeResumed, alone, left } from '../support/curl-paths.ts';
import { type Difference, fresh, resumed } from '../support/curl-table.ts';
import { folder } from '../support/pdl.ts';
import { type Ending, pdlEach, peerEach, peerVersion } from '../support/peers.ts';
import { bytesOf, type Exchange, type Route, startServer } from '../support/server.ts';
import { sins } from '../support/sins.ts';
import { serve, serveUpTo, type Version, versionOf } from '../support/sins-ranges.ts';

const version = peerVersion('curl');
const skip = version === null && 'curl is not installed';
/** The tables were measured with it. What another curl does is told, and only pdl's part is held. */
const reviewed = version?.startsWith('7.88.') ?? false;

const size = 200_000;
/** The first request gets 120,000 bytes of the file; later ones meet what the rest of the path names. */
const then = (dress: (version: Version) => Version): Route => {
  return async (exchange) => {
    const route = exchange.rest.shift() ?? '';
    if (exchange.count > 1) return (own[route] ?? sins[route])!(exchange);
    if (await serveUpTo(exchange, dress(versionOf(exchange, 0, size)), 120_000)) exchange.close();
  };
};
const own: Record<string, Route> = {
  replaced: (exchange) => serve(exchange, versionOf(exchange, 2)),
  'replaced-blindly'(exchange: Exchange) {
    delete exchange.headers['if-range'];
    return serve(exchange, versionOf(exchange, 2));
  },
  shrunk: (exchange) => serve(exchange, versionOf(exchange, 3)),
};
const routes = {
  'cut-then': then((version) => version),
  'weak-then': then((version) => ({ ...version, etag: 'W/"x"' })),
  'none-then': then(({ body }) => ({ body })),
  'fresh-then': then(({ body }) => ({ body, lastModified: new Date().toUTCString() })),
};

/** Both ask for the same, but each for its own count of requests. */
const asked = (url: string, by: string, more = '') => `${url}${url.includes('?') ? '&' : '?'}by=${by}${more}`;

/** Holds every pair of endings against the table. */
function compare(
  t: TestContext,
  paths: readonly string[],
  ends: Record<'curl' | 'pdl', Ending[]>,
  table: readonly Difference[],
) {
  const rows = new Map(table.flatMap((row) => row.at.map((path) => [path, row] as const)));
  assert.equal(rows.size, table.flatMap(({ at }) => at).length, 'no path stands in two rows');
  const wrong: string[] = [];
  for (const [at, path] of paths.entries()) {
    const [curl, pdl] = [ends.curl[at]!, ends.pdl[at]!];
    const row = rows.get(path);
    const same = curl.words === pdl.words && (curl.bytes ?? Buffer.of()).equals(pdl.bytes ?? Buffer.of());
    const told = `${path}: curl ${version} ${curl.words}, pdl ${pdl.words}${same ? '' : ' (differs)'}`;
    if (row === undefined ? same : curl.words === row.curl && pdl.words === row.pdl) continue;
    const pdlHolds = row === undefined ? !pdl.words.includes('left') : pdl.words === row.pdl;
    if (reviewed || !pdlHolds) wrong.push(row === undefined ? told : `${told}; the table: ${row.curl}, ${row.pdl}`);
    else t.diagnostic(told);
  }
  assert.deepEqual(wrong, []);
}

const tabled = (table: readonly Difference[]) => table.flatMap(({ at }) => at);

test('at a first request pdl and curl end alike, but where the table says', { skip }, async (t) => {
  const server = await startServer({ log: false });
  t.after(() => server.close());
  const dir = folder(t);
  const paths = [...alike, ...tabled(fresh), ...alone];
  const urls = (by: string) =>
    paths.map((path) => asked(server.url(path.replace('PORT', String(server.port)), '127.0.0.1'), by));
  const crowd = urls('pdl').slice(0, -alone.length);
  const curl = await peerEach('curl', urls('curl'), join(dir, 'curl'));
  const pdl = await pdlEach(crowd, join(dir, 'pdl'));
  for (const [at, url] of urls('pdl').slice(-alone.length).entries())
    pdl.push(...(await pdlEach([url], join(dir, `alone-${at}`))));
  compare(t, paths, { curl, pdl }, fresh);
});

test('after a cut curl -C - and a second run of pdl end alike, but where the table says', { skip }, async (t) => {
  const server = await startServer({ log: false, routes });
  t.after(() => server.close());
  const dir = folder(t);
  const paths = [...alikeResumed, ...tabled(resumed)];
  const urls = (by: string) =>
    paths.map((path) => asked(server.url(path), by, path.includes('size=') ? '' : `&size=${size}`));
  await peerEach('curl', urls('curl'), join(dir, 'curl'), { resume: true });
  await pdlEach(urls('pdl'), join(dir, 'pdl'));
  const curl = await peerEach('curl', urls('curl'), join(dir, 'curl'), { resume: true });
  const pdl = await pdlEach(urls('pdl'), join(dir, 'pdl'));
  for (const end of [...curl, ...pdl]) if (isSpliced(end)) end.words += ' spliced';
  compare(t, paths, { curl, pdl }, resumed);
});

/** Bytes that are no version of any file here. */
function isSpliced({ bytes }: Ending): boolean {
  if (bytes === null || bytes.toString() === 'hello') return false;
  return ![0, 1, 2, 3].some((seed) => bytes.equals(bytesOf(bytes.length, seed)));
}

test('every misbehaviour of the server is compared, or there is a reason', () => {
  const compared = new Set([...alike, ...tabled(fresh), ...alone].map((path) => path.split(/[/?]/)[1]));
  const missing = Object.keys(sins).filter((name) => !compared.has(name) && !Object.hasOwn(left, name));
  assert.deepEqual(missing, []);
});
