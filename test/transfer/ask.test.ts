import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Options, settle } from '../../src/options.ts';
import { redirects } from '../../src/schedule/redirects.ts';
import { ask } from '../../src/transfer/ask.ts';
import { openCredentials } from '../../src/transfer/credentials.ts';
import type { Answer, InlineInit, Kept } from '../../src/types.ts';
import { fails, home, jobOf, type Scripted, stillClock, stillRun, taskOf, wire } from './fakes.ts';

function asking(script: Scripted[], init: InlineInit = {}, url = home, options: Options = {}) {
  const settings = settle({ clock: stillClock, ...options });
  const transport = wire(script);
  const bring = redirects(
    settings,
    stillRun,
  )(ask(transport, settings, stillClock, openCredentials(settings, {}), init));
  return { transport, ended: bring(taskOf(url, { job: jobOf(home) })) };
}

const answerTo = async (...args: Parameters<typeof asking>) => ((await asking(...args).ended) as Kept).data as Answer;

test('any plain status is an answer, with its body', async () => {
  for (const status of [200, 201, 202, 206, 304, 400, 401, 403, 404, 410, 416]) {
    const answer = await answerTo([{ status, body: '{"a":"é"}', piece: 3, headers: { 'x-a': ['1', '2'] } }]);
    assert.deepEqual([answer.status, answer.url, answer.headers['x-a']], [status, home, '1, 2']);
    assert.deepEqual([answer.text(), answer.json()], ['{"a":"é"}', { a: 'é' }]);
  }
});

test('what means "later" fails as it would for a file', async () => {
  for (const status of [408, 425, 429, 500, 502, 503, 599]) {
    const headers = { 'retry-after': '3' };
    const { ended } = asking([{ status, headers }]);
    await assert.rejects(ended, fails('HTTP_STATUS', { status, url: home, retryAfterMs: 3000 }));
  }
});

test('redirects are followed, and the answer tells where it came from', async () => {
  const answer = await answerTo([{ status: 301, headers: { location: 'http://me:secret@other/b#c' } }, { body: 'x' }]);
  assert.equal(answer.url, 'http://other/b');
});

test('a body beyond the limit is refused, by its head or as it grows', async () => {
  await assert.rejects(asking([{ body: 'hello' }], { maxSize: 4 }).ended, fails('TOO_LARGE'));
  await assert.rejects(asking([{ body: 'hello', framing: 'chunked' }], { maxSize: 4 }).ended, fails('TOO_LARGE'));
  assert.equal((await answerTo([{ body: 'hello' }], { maxSize: 5 })).text(), 'hello');
  const large = { headers: { 'content-length': String(10 * 1024 ** 2 + 1) } };
  await assert.rejects(asking([large]).ended, fails('TOO_LARGE'));
});

test('a body beyond the limit may also be cut there, whatever its head says and its end would be', async () => {
  const init = { maxSize: 4, excess: 'cut' } as const;
  const answers: Scripted[] = [
    { body: 'hello' },
    { body: 'hello', framing: 'chunked', piece: 1 },
    { body: 'hello', cutAt: 5, piece: 3 },
    { body: 'hello', headers: { 'content-length': '99999999999' } },
    { body: 'hell' },
  ];
  for (const answer of answers) assert.equal((await answerTo([answer], init)).text(), 'hell');
  assert.equal((await answerTo([{ body: 'he' }], init)).text(), 'he');
  await assert.rejects(asking([{ body: 'he', headers: { 'content-length': '3' } }], init).ended, fails('TRUNCATED'));
});

test('a body cut short is no answer', async () => {
  await assert.rejects(asking([{ body: 'hello', headers: { 'content-length': '6' } }]).ended, fails('TRUNCATED'));
  await assert.rejects(asking([{ body: 'hello', cutAt: 2 }]).ended, fails('RESET'));
});

test('a 204 or 304 may state a length it does not have', async () => {
  for (const status of [204, 304]) {
    const answer = await answerTo([{ status, framing: 'none', headers: { 'content-length': '99' } }]);
    assert.equal(answer.body.byteLength, 0);
  }
});

test('its headers go to the first origin only, the job’s and the run’s to the job’s', async () => {
  const script = [{ status: 302, headers: { location: 'http://third/' } }, {}];
  const init = { headers: { 'X-Init': '1', accept: 'text/plain' } };
  const { transport, ended } = asking(script, init, 'http://me:secret@other/', { header: 'X-Run: 1' });
  await ended;
  const [first, second] = transport.sent.map(({ headers }) => headers);
  assert.deepEqual([first!['X-Init'], first!['accept'], first!['X-Run']], ['1', 'text/plain', undefined]);
  assert.equal(first!['Authorization'], `Basic ${Buffer.from('me:secret').toString('base64')}`);
  assert.deepEqual(second, {
    'User-Agent': first!['User-Agent'],
    'Accept-Encoding': 'identity',
    accept: 'text/plain',
  });
  const { transport: atHome, ended: done } = asking([{}], init, home, { header: 'X-Run: 1' });
  await done;
  assert.equal(atHome.sent[0]!.headers['X-Run'], '1');
});

test('a header that may not be sent is refused before anything is asked', () => {
  assert.throws(() => asking([], { headers: { 'X-A': 'a\nb' } }), { name: 'UsageError' });
  assert.throws(() => asking([], { headers: { Range: 'bytes=0-1' } }), { name: 'UsageError' });
});
