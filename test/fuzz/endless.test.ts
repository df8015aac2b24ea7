/** Answers without an end: each fails in time and in flat memory, whether it comes fast or byte by byte. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { download, memory, type Options } from '../../src/index.ts';
import { type Exchange, startServer } from '../support/server.ts';
import { endless } from './endless.ts';

const names = Object.keys(endless);
const urlsAt = (server: { url(path: string, host: string): string }, route: string) =>
  names.map((_, at) => server.url(`/${route}/${at}`, `127.9.0.${at + 1}`));
const drip = async (exchange: Exchange) => {
  const { first, unit } = endless[names[Number(exchange.rest[0])]!]!;
  for (await exchange.raw(first); !exchange.gone; await exchange.wait(40)) await exchange.raw(unit);
};
const flood = async (exchange: Exchange) => {
  const { first, unit } = endless[names[Number(exchange.rest[0])]!]!;
  const block = Buffer.from(unit.repeat(Math.ceil(16_384 / unit.length)), 'latin1');
  for (await exchange.raw(first); !exchange.gone; ) await exchange.raw(block);
};
const tiny = async (exchange: Exchange) => {
  const block = Buffer.from('1\r\nx\r\n'.repeat(1_000));
  await exchange.head(200, { 'Transfer-Encoding': 'chunked' });
  for (let nth = 0; nth < 1_000; nth++) await exchange.raw(block);
  await exchange.raw('0\r\n\r\n');
};

/** Each line's code, time and the most memory meanwhile, in MB. */
async function ends(urls: readonly string[], options: Options) {
  const before = process.memoryUsage().rss;
  let most = 0;
  const pulse = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss - before);
  }, 10);
  const found: { code: string; ms: number }[] = [];
  for await (const result of download(urls, { sink: memory(), retry: 0, maxRedirects: 0, maxWorkers: 64, ...options }))
    found[urls.indexOf(result.url)] = {
      code: result.status === 'failed' ? result.error.code : result.status,
      ms: result.durationMs,
    };
  clearInterval(pulse);
  return { found, megabytes: most / 1e6 };
}

const codes = /^(TIMEOUT|BAD_RESPONSE|HTTP_STATUS|REDIRECT)$/;

test('what drips for ever ends by its deadline', async (t) => {
  const server = await startServer({ log: false, host: '0.0.0.0', routes: { drip } });
  t.after(() => server.close());
  const { found } = await ends(urlsAt(server, 'drip'), { timeout: '500ms' });
  for (const [at, { code, ms }] of found.entries()) {
    assert.match(code, codes, names[at]);
    assert.ok(ms < 3_000, `${names[at]}: ${ms} ms`);
  }
});

test('what floods for ever ends by its deadline, in flat memory', async (t) => {
  const server = await startServer({ log: false, host: '0.0.0.0', routes: { flood } });
  t.after(() => server.close());
  for (const [at, url] of urlsAt(server, 'flood').entries()) {
    const { found, megabytes } = await ends([url], { timeout: '150ms' });
    assert.match(found[0]!.code, codes, names[at]);
    assert.ok(found[0]!.ms < 3_000 && megabytes < 150, `${names[at]}: ${found[0]!.ms} ms, ${megabytes} MB`);
  }
});

test('a body of 1 MB in chunks of one byte takes some MB', async (t) => {
  const server = await startServer({ log: false, routes: { tiny } });
  t.after(() => server.close());
  const { found, megabytes } = await ends([server.url('/tiny')], {});
  assert.equal(found[0]!.code, 'saved');
  assert.ok(megabytes < 60, `${megabytes} MB`);
});
