/** Inline requests: what a hook gets that asks for more. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after, before } from '../../src/index.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { brief, messageOf, run, url, wire } from './wire.ts';

test('task.fetch gives status, headers and body', async () => {
  const transport = wire((path) =>
    path === '/a' ? 'file' : { headers: { 'x-stock': '7', 'content-type': 'application/json' }, body: '{"price":3}' },
  );
  const price = after(async (_kept, task) => {
    const answer = await task.fetch(url('/price'), { headers: { 'X-Shop': 'one' } });
    return [answer.status, answer.url, answer.headers['x-stock'], answer.text(), answer.json(), answer.body.length];
  });
  const { results } = await run([url('/a')], { transport, layers: [price] });
  assert.deepEqual(results[0]!.data, [200, url('/price'), '7', '{"price":3}', { price: 3 }, 11]);
  assert.equal(transport.requests[1]!.headers['X-Shop'], 'one');
  assert.equal(results[0]!.attempts, 1, 'only its own requests count as attempts of a line');
});

test('a 404 is an answer, a 503 an error after its retries', async () => {
  const transport = wire((path) => ({ status: path === '/gone' ? 404 : path === '/broken' ? 500 : 200 }));
  const ask = after(async (_kept, task) => {
    const { status } = await task.fetch(url('/gone'));
    const error = await task.fetch(url('/broken')).catch((reason) => reason);
    return [status, error.code, error.facts.status];
  });
  const clock = fakeClock();
  const { results } = await clock.until(run([url('/a')], { transport, layers: [ask], retry: 2, clock }));
  assert.deepEqual(results[0]!.data, [404, 'HTTP_STATUS', 500]);
  assert.equal(transport.log.filter((path) => path === '/broken').length, 3);
});

test('what an inline request throws fails its line with its own code when nobody catches it', async () => {
  const transport = wire((path) => ({ status: path === '/broken' ? 500 : 200 }));
  const ask = before(async (_job, task) => void (await task.fetch(url('/broken'))));
  const { results } = await run([url('/a')], { transport, layers: [ask] });
  assert.deepEqual(results.map(brief), ['failed /a HTTP_STATUS']);
});

test('a body beyond maxSize fails with TOO_LARGE', async () => {
  const ask = after(async (_kept, task) => {
    const error = await task.fetch(url('/big'), { maxSize: 3 }).catch((reason) => reason);
    return error.code;
  });
  const { results } = await run([url('/a')], { transport: wire(() => 'four'), layers: [ask] });
  assert.equal(results[0]!.data, 'TOO_LARGE');
});

test('redirects are followed, and the answer tells where it came from', async () => {
  const transport = wire((path) => (path === '/old' ? { status: 302, headers: { location: '/new' } } : path));
  const ask = after(async (_kept, task) => {
    const answer = await task.fetch(url('/old'));
    return [answer.url, answer.text()];
  });
  const { results } = await run([url('/a')], { transport, layers: [ask] });
  assert.deepEqual(results[0]!.data, [url('/new'), '/new']);
});

for (const [what, at] of [
  ['a URL that is none', '/relative'],
  ['another scheme', 'ftp://site.example/a'],
  ['no text at all', undefined as unknown as string],
] as const) {
  test(`${what} is the hook's own mistake: HOOK`, async () => {
    const ask = after(async function asking(_kept, task) {
      await task.fetch(at);
    });
    const { results } = await run([url('/a')], { transport: wire(), layers: [ask] });
    assert.deepEqual(results.map(brief), ['failed /a HOOK']);
    assert.match(messageOf(results[0]!), /^Cannot run the hook asking: Cannot fetch .*: allowed is/);
  });
}

test('a header that would forge another is refused', async () => {
  const ask = after((_kept, task) => task.fetch(url('/b'), { headers: { 'X-A': 'a\r\nX-B: b' } }));
  const transport = wire();
  const { results } = await run([url('/a')], { transport, layers: [ask] });
  assert.deepEqual(results.map(brief), ['failed /a HOOK']);
  assert.deepEqual(transport.log, ['/a']);
});

test('--robots holds for inline requests, too, but not for robots.txt itself', async () => {
  const transport = wire((path) => (path === '/robots.txt' ? 'User-agent: *\nDisallow: /private' : path));
  const ask = after(async (_kept, task) => {
    const error = await task.fetch(url('/private/b', 'other.example')).catch((reason) => reason);
    const rules = await task.fetch(url('/robots.txt'));
    return [error.code, rules.status];
  });
  const { results } = await run([url('/a')], { transport, layers: [ask], robots: true });
  assert.deepEqual(results[0]!.data, ['ROBOTS', 200]);
  assert.deepEqual(transport.log, ['/robots.txt', '/a', '/robots.txt', '/robots.txt']);
});
