/** A server that lies about its bodies, its redirects and its statuses: whole files, or none. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { settle } from '../../src/options.ts';
import { redirects } from '../../src/schedule/redirects.ts';
import { ask } from '../../src/transfer/ask.ts';
import { openCredentials } from '../../src/transfer/credentials.ts';
import { openHttp } from '../../src/transfer/http.ts';
import type { Answer, Kept, Transport } from '../../src/types.ts';
import { bytesOf, type Server, startServer } from '../support/server.ts';
import { stillRun, taskOf } from '../transfer/fakes.ts';
import { bring as bringFrom, codeOf } from './chain.ts';

const settings = settle();
let server: Server;
let wire: Transport;

before(async () => {
  server = await startServer();
  wire = openHttp(settings, systemClock, {});
});
after(async () => {
  await wire.close();
  await server.close();
});

const bring = (path: string, tries: number, options = {}) => bringFrom(server, wire, path, tries, options);

test('an unasked 206 is a file only when it says it is whole', async () => {
  assert.deepEqual((await bring('/206-unasked?size=1000&whole=1', 1)).file, bytesOf(1000, 0));
  assert.equal(codeOf(await bring('/206-unasked?size=1000', 1)), 'HTTP_STATUS');
});

test('a body that breaks is never a file, and a clean end without length is marked', async () => {
  for (const path of ['/reset-no-length/1000', '/cut-chunked/1000', '/cut-chunked/1000?close=1', '/cut-trailer/1000']) {
    const fetched = await bring(path, 1);
    assert.equal(fetched.file, null, path);
    assert.match(codeOf(fetched), /^(RESET|TRUNCATED)$/, path);
  }
  const { end, file } = await bring('/no-length/1000', 1);
  assert.equal((end as Kept).lengthUnknown, true);
  assert.deepEqual(file, bytesOf(1000, 0));
});

test('redirects are followed, a raw UTF-8 Location too; a loop and two places are not', async () => {
  assert.deepEqual((await bring('/redirect/3/file?size=1000', 1)).file, bytesOf(1000, 0));
  const utf8 = await bring(`/redirect-to?url=${encodeURIComponent('/echo/é?q=ü')}`, 1);
  assert.equal(JSON.parse(String(utf8.file))[':path'], '/echo/%C3%A9?q=%C3%BC');
  const loop = await bring('/redirect-loop', 1, { maxRedirects: 4 });
  assert.equal(codeOf(loop), 'REDIRECT');
  assert.equal(loop.log.length, 5);
  for (const path of ['/no-location', '/two-locations']) assert.equal(codeOf(await bring(path, 1)), 'REDIRECT', path);
  assert.ok((await bring('/two-locations?a=/echo&b=/echo', 1)).file);
});

test('credentials stay with their origin', async () => {
  const other = await startServer();
  try {
    const away = await bring(`/redirect-to?url=${encodeURIComponent(other.url('/echo'))}`, 1, {
      header: ['X-Api-Key: secret', 'Authorization: secret', 'Cookie: secret'],
    });
    assert.ok(!String(away.file).includes('secret'));
    assert.ok(away.log[0]!.headers['x-api-key']);
  } finally {
    await other.close();
  }
});

test('a status keeps its connection, and a refused body of any size ends the request', async () => {
  const before = server.connections();
  for (let nth = 0; nth < 5; nth++) assert.equal(codeOf(await bring('/status/404?body=nothing', 1)), 'HTTP_STATUS');
  assert.ok(server.connections() - before <= 1, `${server.connections() - before} connections`);
  assert.equal(codeOf(await bring('/file/a?size=5000000', 1, { maxSize: 1000 })), 'TOO_LARGE');
  assert.equal(codeOf(await bring('/chunked/5000000', 1, { maxSize: 100_000 })), 'TOO_LARGE');
});

test('an inline request gives its answer', async () => {
  const url = server.url('/echo');
  const transfer = ask(wire, settings, systemClock, openCredentials(settings, {}), { headers: { 'X-A': 'é' } });
  const { data } = (await redirects(settings, stillRun)(transfer)(taskOf(url))) as Kept;
  const seen = (data as Answer).json() as Record<string, string>;
  assert.equal(Buffer.from(seen['x-a']!, 'latin1').toString(), 'é');
  assert.equal(seen['accept-encoding'], 'identity');
});
