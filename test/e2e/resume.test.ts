/** A server whose file or whose ranges change between two tries: one version of the file, never two spliced. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import type { PdlError } from '../../src/errors.ts';
import { settle } from '../../src/options.ts';
import { openHttp } from '../../src/transfer/http.ts';
import type { Kept, Transport } from '../../src/types.ts';
import { bytesOf, type Route, type Server, startServer } from '../support/server.ts';
import { sins } from '../support/sins.ts';
import { serve, serveUpTo, versionOf } from '../support/sins-ranges.ts';
import { bring as bringFrom, codeOf, rangesOf } from './chain.ts';

/** Large enough for a part to be worth keeping. */
const size = 200_000;
const first = 120_000;

/** `/then/ROUTE…`: the first request gets the right head and 120,000 bytes; those after it meet ROUTE. */
const then: Route = async (exchange) => {
  if (exchange.count > 1) return sins[exchange.rest.shift() ?? '']!(exchange);
  if (await serveUpTo(exchange, versionOf(exchange, undefined, size), first)) exchange.close();
};

/** `/replaced`: the file is another at the second request. */
const replaced: Route = async (exchange) => {
  if (exchange.count > 1) return serve(exchange, versionOf(exchange, 2, size));
  if (await serveUpTo(exchange, versionOf(exchange, 1, size), first)) exchange.close();
};

/** `/unsure?kind=weak|none|fresh`: cut at the first request; only a weak ETag, no validator, a Last-Modified of this second. */
const unsure: Route = async (exchange) => {
  const kind = exchange.query.get('kind');
  const { body, lastModified = '' } = versionOf(exchange, undefined, size);
  const validators = {
    ...(kind === 'weak' && { etag: 'W/"x"', lastModified }),
    ...(kind === 'fresh' && { lastModified: new Date().toUTCString() }),
  };
  if (await serveUpTo(exchange, { body, ...validators }, exchange.count === 1 ? first : size)) exchange.close();
};

const query = `size=${size}`;
const body = bytesOf(size, 0);
let server: Server;
let wire: Transport;

before(async () => {
  server = await startServer({ routes: { then, replaced, unsure } });
  wire = openHttp(settle(), systemClock, {});
});
after(async () => {
  await wire.close();
  await server.close();
});

const bring = (path: string, tries = 2, options = {}, runs = false) =>
  bringFrom(server, wire, path, tries, options, runs);

for (const runs of [false, true]) {
  test(`resumes after a cut stream, ${runs ? 'in the next run' : 'in the same run'}`, async () => {
    const fetched = await bring(`/cut-at/80000?${query}`, 3, {}, runs);
    assert.deepEqual(rangesOf(fetched), [null, 'bytes=80000-', 'bytes=160000-']);
    assert.deepEqual(fetched.file, body);
    assert.equal((fetched.end as Kept).resumedFrom, 160_000);
  });
}

test('resumes after a reset, if bytes of it came', async () => {
  const fetched = await bring(`/reset-at/80000?${query}&times=1`);
  assert.deepEqual(fetched.file, body);
});

test('a file replaced between two tries is fetched anew, never spliced', async () => {
  for (const runs of [false, true]) {
    const fetched = await bring(`/replaced?${query}&r=${runs}`, 2, {}, runs);
    assert.deepEqual(fetched.file, bytesOf(size, 2));
    assert.deepEqual(rangesOf(fetched), [null, `bytes=${first}-`]);
  }
});

test('a file that is replaced before each request is never spliced', async () => {
  const { file, end } = await bring(`/etag-changes?${query}&cut=${first}`, 4);
  assert.equal(file, null);
  assert.equal((end as PdlError).code, 'TRUNCATED');
});

test('a rest that does not fit is dropped and the file asked for from zero, in one try', async () => {
  for (const kind of ['start', 'none', 'reversed', 'total', 'unit', 'junk']) {
    const fetched = await bring(`/then/bad-content-range?${query}&kind=${kind}`);
    assert.deepEqual(fetched.file, body, kind);
    assert.deepEqual(rangesOf(fetched), [null, `bytes=${first}-`, null], kind);
  }
});

test('a 416 without cause drops the part', async () => {
  for (const route of ['416-have-all', '416-junk', `416-junk?total=${first}`]) {
    const fetched = await bring(`/then/${route}${route.includes('?') ? '&' : '?'}${query}`);
    assert.deepEqual(fetched.file, body, route);
    assert.deepEqual(rangesOf(fetched), [null, `bytes=${first}-`, null], route);
  }
});

test('multipart ranges are never a rest', async () => {
  const fetched = await bring(`/then/multipart-ranges?${query}`);
  assert.equal(fetched.file, null);
  assert.equal(codeOf(fetched), 'HTTP_STATUS');
});

test('200 to a Range starts over with that very body', async () => {
  const fetched = await bring(`/then/ignores-range?${query}`);
  assert.deepEqual(fetched.file, body);
  assert.equal(fetched.log.length, 2);
  assert.equal((fetched.end as Kept).resumedFrom, 0);
});

test('a part without a strong validator is never continued', async () => {
  for (const kind of ['weak', 'none', 'fresh']) {
    const fetched = await bring(`/unsure?kind=${kind}`);
    assert.deepEqual(fetched.file, body, kind);
    assert.deepEqual(rangesOf(fetched), [null, null], kind);
  }
});
