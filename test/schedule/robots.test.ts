import assert from 'node:assert/strict';
import test from 'node:test';
import { PdlError } from '../../src/errors.ts';
import { productToken, robots } from '../../src/schedule/robots.ts';
import { openRun } from '../../src/schedule/run.ts';
import type { Answer, FetchInit, Task } from '../../src/types.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { jobOf, kept, taskOf } from './world.ts';

type Site = (url: string, init?: FetchInit) => Promise<Answer> | Answer;

const answer = (text: string, status = 200): Answer => ({
  status,
  url: '',
  headers: {},
  body: Buffer.from(text),
  text: () => text,
  json: () => null,
});

function setUp(site: Site, userAgent: string | null = null) {
  const clock = fakeClock();
  const run = openRun({ signal: null }, clock);
  const asked: string[] = [];
  const slowed: [string, number][] = [];
  const turns = { slow: (host: string, ms: number) => void slowed.push([host, ms]) };
  const layer = robots({ userAgent, maxRetryAfter: 3_600_000 }, turns, clock)(async () => kept);
  const task = (url: string): Task => ({
    ...taskOf(jobOf(url), clock, run),
    fetch: async (robotsUrl, init) => {
      asked.push(robotsUrl);
      return site(robotsUrl, init);
    },
  });
  const ask = async (url: string) => (await layer(task(url))).status;
  return { clock, asked, slowed, ask };
}

test('obeys the group of its own name, else that of all; the longest rule wins', async () => {
  const text =
    'User-agent: *\nDisallow: /\n\nUser-agent: PDL\nDisallow: /private\nAllow: /private/open\nDisallow: /*.zip$\n';
  const named = setUp(() => answer(text));
  assert.equal(await named.ask('http://h/a'), 'saved');
  assert.equal(await named.ask('http://h/private/x'), 'skipped');
  assert.equal(await named.ask('http://h/private/open/x'), 'saved');
  assert.equal(await named.ask('http://h/b/c.zip'), 'skipped');
  const other = setUp(() => answer(text), 'Mozilla/5.0 (x)');
  assert.equal(await other.ask('http://h/a'), 'skipped');
});

test('is asked once per origin, however many lines wait for it', async () => {
  const { ask, asked } = setUp(() => answer('User-agent: *\nDisallow: /x'));
  await Promise.all(Array.from({ length: 100 }, (_, i) => ask(`http://u:p@h/${i}`)));
  await ask('https://h/a');
  await ask('http://h:8080/a');
  assert.deepEqual(asked, ['http://h/robots.txt', 'https://h/robots.txt', 'http://h:8080/robots.txt']);
});

test('4xx allows all; 5xx and a host that is not reached forbid all, and are asked again later', async () => {
  for (const status of [401, 403, 404, 410])
    assert.equal(await setUp(() => answer('', status)).ask('http://h/a'), 'saved');
  const failures: Site[] = [
    () => answer('', 500),
    () => {
      throw new PdlError('HTTP_STATUS', 'x', { status: 503 });
    },
    () => {
      throw new PdlError('CONNECT', 'x');
    },
  ];
  for (const failure of failures) {
    let site = failure;
    const { ask, asked, clock } = setUp((url) => site(url));
    await assert.rejects(ask('http://h/a'), { code: 'ROBOTS' });
    await assert.rejects(ask('http://h/b'), { code: 'ROBOTS' });
    assert.equal(asked.length, 1);
    await clock.advance(61_000);
    site = () => answer('');
    assert.equal(await ask('http://h/a'), 'saved');
  }
});

test('a run that is stopped says so, and nothing is remembered', async () => {
  let stopped = true;
  const { ask } = setUp(() => {
    if (stopped) throw new PdlError('ABORTED', 'stopped');
    return answer('');
  });
  await assert.rejects(ask('http://h/a'), { code: 'ABORTED' });
  stopped = false;
  assert.equal(await ask('http://h/a'), 'saved');
});

test('Crawl-delay slows the host, within patience', async () => {
  const polite = setUp(() => answer('User-agent: *\nCrawl-delay: 2.5\n'));
  await polite.ask('http://h:81/a');
  assert.deepEqual(polite.slowed, [['h:81', 2_500]]);
  const absurd = setUp(() => answer('User-agent: *\nCrawl-delay: 1e12\n'));
  await absurd.ask('http://h/a');
  assert.deepEqual(absurd.slowed, [['h', 3_600_000]]);
  const none = setUp(() => answer('User-agent: *\nCrawl-delay: -3\n'));
  await none.ask('http://h/a');
  assert.deepEqual(none.slowed, []);
});

test('a byte order mark, nonsense and half a megabyte do no harm; robots.txt itself is always allowed', async () => {
  const marked = setUp(() => answer('\ufeffUser-agent: *\nDisallow: /'));
  assert.equal(await marked.ask('http://h/a'), 'skipped');
  assert.equal(await marked.ask('http://h/robots.txt'), 'saved');
  assert.equal(await setUp(() => answer('<html>\0\0: :\n')).ask('http://h/a'), 'saved');
  const long = `User-agent: *\nDisallow: /x\n${'#'.repeat(600_000)}\nDisallow: /a\n`;
  assert.equal(await setUp(() => answer(long)).ask('http://h/a'), 'saved');
});

test('the first 500 KiB of a larger file count, without the line they cut', async () => {
  const limit = 500 * 1024;
  const rules = 'User-agent: *\nDisallow: /x\n';
  const last = 'Disallow: /private';
  const asked: unknown[] = [];
  const site = (text: string) => (_: string, init: unknown) => {
    asked.push(init);
    return answer(text.slice(0, limit));
  };
  const cut = setUp(site(`${rules}${'#'.repeat(limit - rules.length - 12)}\n${last}`));
  assert.deepEqual([await cut.ask('http://h/x'), await cut.ask('http://h/a')], ['skipped', 'saved']);
  assert.deepEqual(asked, [{ maxSize: limit, excess: 'cut' }]);
  const whole = setUp(site(`${rules}${last}`));
  assert.deepEqual([await whole.ask('http://h/private'), await whole.ask('http://h/p')], ['skipped', 'saved']);
});

test('10,000 origins are remembered, and fewer where they take more than 32 MiB', async () => {
  const small = setUp(() => answer('User-agent: *\nDisallow: /x\n'));
  for (let at = 0; at < 10_001; at++) await small.ask(`http://h${at}/a`);
  for (const at of [10_000, 1, 0]) await small.ask(`http://h${at}/b`);
  assert.deepEqual(small.asked.slice(10_001), ['http://h0/robots.txt']);
  const text = `User-agent: *\n${`Disallow: /${'y'.repeat(1000)}\n`.repeat(500)}`;
  const large = setUp(() => answer(text));
  for (let at = 0; at < 80; at++) await large.ask(`http://h${at}/a`);
  for (const at of [79, 40, 0]) await large.ask(`http://h${at}/b`);
  assert.deepEqual(large.asked.slice(80), ['http://h0/robots.txt']);
});

test('is known after 24 hours no longer', async () => {
  const { ask, asked, clock } = setUp(() => answer(''));
  await ask('http://h/a');
  await clock.advance(86_399_000);
  await ask('http://h/a');
  assert.equal(asked.length, 1);
  await clock.advance(2_000);
  await ask('http://h/a');
  assert.equal(asked.length, 2);
});

test('the product token is the first word of the user agent', () => {
  assert.equal(productToken(null), 'pdl');
  assert.equal(productToken('my-bot/2.0 (+http://me)'), 'my-bot');
  assert.equal(productToken('Mozilla/5.0'), 'Mozilla');
  assert.equal(productToken('(odd)'), 'pdl');
});
