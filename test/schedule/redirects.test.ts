import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Options, settle } from '../../src/options.ts';
import { redirects } from '../../src/schedule/redirects.ts';
import { openCredentials } from '../../src/transfer/credentials.ts';
import { receive } from '../../src/transfer/receive.ts';
import type { Kept, Moved, Outcome, Request, Task } from '../../src/types.ts';
import { fails, home, jobOf, landing, type Scripted, stillClock, stillRun, taskOf, wire } from '../transfer/fakes.ts';
import { shelf } from '../transfer/shelf.ts';

const kept = { status: 'saved' } as Kept;
const moved = (to: string, more: Partial<Moved> = {}): Moved => ({ status: 'moved', to, httpStatus: 302, ...more });

/** Follows scripted outcomes and tells which hops were asked. */
async function follow(outcomes: Outcome[], options: Options = {}, task = taskOf(home)) {
  const hops: Task[] = [];
  const next = async (hop: Task) => {
    hops.push(hop);
    return outcomes[Math.min(hops.length, outcomes.length) - 1]!;
  };
  const ended = redirects(settle(options), stillRun)(next)(task);
  return { hops, ended, outcome: await ended.catch((error: unknown) => error), task };
}

test('what is not moved passes through', async () => {
  const { hops, outcome } = await follow([kept]);
  assert.equal(outcome, kept);
  assert.deepEqual(hops.length, 1);
});

test('each hop is a request of its own, urgent, of the same job, and told', async () => {
  const { hops, outcome, task } = await follow([
    moved('http://h/b'),
    moved('https://other/c', { httpStatus: 301 }),
    kept,
  ]);
  assert.equal(outcome, kept);
  assert.deepEqual(
    hops.map(({ url, urgent, job }) => [url, urgent, job.url]),
    [
      [home, false, home],
      ['http://h/b', true, home],
      ['https://other/c', true, home],
    ],
  );
  assert.deepEqual(task.events, [
    { type: 'redirect', from: home, to: 'http://h/b', status: 302 },
    { type: 'redirect', from: 'http://h/b', to: 'https://other/c', status: 301 },
  ]);
});

test('the limit ends a loop, and the last hop is not asked (D1)', async () => {
  for (const maxRedirects of [0, 3]) {
    const { hops, ended } = await follow([moved(home)], { maxRedirects });
    await assert.rejects(ended, fails('REDIRECT', { status: 302, url: home }));
    assert.equal(hops.length, maxRedirects + 1);
  }
});

test('exactly as many as allowed are followed', async () => {
  const { outcome } = await follow([moved('http://h/1'), moved('http://h/2'), kept], { maxRedirects: 2 });
  assert.equal(outcome, kept);
});

test('https to http is refused unless allowed (D4)', async () => {
  const secure = () => taskOf('https://h/a');
  const { ended, hops } = await follow([moved('http://h/a'), kept], {}, secure());
  await assert.rejects(ended, fails('REDIRECT'));
  assert.equal(hops.length, 1);
  assert.equal((await follow([moved('http://h/a'), kept], { allowDowngrade: true }, secure())).outcome, kept);
});

test('only http and https are followed (D5)', async () => {
  for (const to of ['file:///etc/passwd', 'data:,x', 'ftp://me:secret@h/', 'javascript:0', 'gopher://h/']) {
    const { ended } = await follow([moved(to), kept], { allowDowngrade: true });
    await assert.rejects(ended, fails('REDIRECT', {}, /^(?!.*secret)/));
  }
});

test('userinfo never reaches an event or a message', async () => {
  const task = taskOf('http://me:secret@h/a');
  const { ended } = await follow([moved('http://h/b'), moved('ftp://h/')], {}, task);
  await assert.rejects(ended, fails('REDIRECT', {}, /^(?!.*secret)/));
  assert.ok(!JSON.stringify(task.events).includes('secret'));
});

test('asking anew counts as no redirect, and ends after two', async () => {
  const again = moved(home, { again: 'anew', httpStatus: 206 });
  const { outcome, hops, task } = await follow([again, again, kept], { maxRedirects: 0 });
  assert.equal(outcome, kept);
  assert.deepEqual(
    hops.map(({ url, urgent }) => [url, urgent]),
    [
      [home, false],
      [home, true],
      [home, true],
    ],
  );
  assert.deepEqual(task.events, []);
  const { ended, hops: more } = await follow([again]);
  await assert.rejects(ended, fails('BAD_RESPONSE', { status: 206 }));
  assert.equal(more.length, 3);
});

test('a misfit behind a redirect is asked for anew where it was met', async () => {
  const { hops } = await follow([moved('http://h/b'), moved('http://h/b', { again: 'anew' }), kept]);
  assert.deepEqual(
    hops.map(({ url }) => url),
    [home, 'http://h/b', 'http://h/b'],
  );
});

/** Fetches through redirects and receive; gives the requests that went out. */
async function chase(script: Scripted[], options: Options, job = jobOf(home)): Promise<Request[]> {
  const settings = settle({ clock: stillClock, ...options });
  const transport = wire(script);
  const bring = landing(receive(transport, shelf(), settings, stillClock, openCredentials(settings, {})));
  await redirects(settings, stillRun)(bring)(taskOf(job.url, { job }));
  return transport.sent;
}

const elsewhere = (location: string): Scripted => ({ status: 302, headers: { location } });

test('another origin gets only what is harmless, and no Referer (D2, D3, D13)', async () => {
  const header = [
    'X-Api-Key: secret',
    'Cookie: secret',
    'Authorization: secret',
    'Accept-Language: de',
    'Accept: image/*',
  ];
  const job = jobOf('http://me:secret@h/a', { headers: { 'X-Other': 'secret', accept: 'audio/*' } });
  for (const other of ['http://other/', 'http://h:81/', 'https://h/']) {
    const [first, away, back] = await chase(
      [elsewhere(other), elsewhere('http://h/back'), {}],
      { header, allowDowngrade: true },
      job,
    );
    assert.deepEqual(away!.headers, {
      'User-Agent': first!.headers['User-Agent'],
      'Accept-Encoding': 'identity',
      'Accept-Language': 'de',
      accept: 'audio/*',
    });
    assert.deepEqual(back!.headers, first!.headers);
    assert.equal(first!.headers['X-Api-Key'], 'secret');
    assert.equal(first!.headers['X-Other'], 'secret');
    for (const { url, headers } of [first!, away!, back!]) {
      assert.ok(!url.includes('secret'));
      assert.ok(!Object.keys(headers).some((name) => /referer/i.test(name)));
    }
  }
});

test('userinfo of a Location is never sent as credentials (D10)', async () => {
  const [, hop] = await chase([elsewhere('http://me:secret@h/b'), {}], {});
  assert.equal(hop!.url, 'http://h/b');
  assert.equal(hop!.headers['Authorization'], undefined);
});

test('each try begins at the first URL again, and its part continues wherever that leads (R12)', async () => {
  const settings = settle({ clock: stillClock });
  const etag = '"one"';
  const transport = wire([
    elsewhere('http://cdn/1?signed'),
    { headers: { etag }, body: 'hello', cutAt: 3 },
    elsewhere('http://cdn/2?signed'),
    { status: 206, headers: { etag, 'content-range': 'bytes 3-4/5' }, body: 'lo' },
  ]);
  const sink = shelf();
  const bring = redirects(
    settings,
    stillRun,
  )(landing(receive(transport, sink, settings, stillClock, openCredentials(settings, {}))));
  await assert.rejects(bring(taskOf(home)), fails('RESET'));
  assert.equal(((await bring(taskOf(home))) as Kept).finalUrl, 'http://cdn/2?signed');
  assert.deepEqual(
    transport.sent.map(({ url }) => url),
    [home, 'http://cdn/1?signed', home, 'http://cdn/2?signed'],
  );
  assert.deepEqual(String(sink.published), 'hello');
});

test('Retry-After on a redirect is waited for before the next hop, and has a limit', async () => {
  const waits: number[] = [];
  const run = { clock: stillClock, sleep: async (ms: number) => void waits.push(ms) };
  const outcomes: Outcome[] = [moved('http://h/b', { afterMs: 3_000 }), kept];
  const task = taskOf(home);
  const bring = redirects(settle({ maxRetryAfter: 10 }), run)(async () => outcomes.shift()!);
  assert.equal(await bring(task), kept);
  assert.deepEqual(waits, [3_000]);
  assert.deepEqual(task.events.at(-1), { type: 'wait', host: 'h', ms: 3_000, why: 'retry-after' });
  outcomes.push(moved('http://h/b', { afterMs: 11_000 }));
  await assert.rejects(bring(task), fails('RATE_LIMITED', { status: 302 }, /asked to wait 11 s/));
});

test('a range that came in part is asked for again, as often as it takes', async () => {
  const rest = moved(home, { again: 'rest', httpStatus: 206 });
  const { outcome, hops, task } = await follow([...Array(50).fill(rest), kept], { maxRedirects: 0 });
  assert.equal(outcome, kept);
  assert.equal(hops.length, 51);
  assert.deepEqual(task.events, []);
});
