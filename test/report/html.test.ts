/** The page of --report in a real browser: complete, quiet, and with the numbers of the run. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { openBoard } from '../../src/report/board.ts';
import { openHistogram } from '../../src/report/histogram.ts';
import { openPage } from '../../src/report/html.ts';
import { ticks } from '../../src/report/plots.ts';
import type { Result, Summary } from '../../src/types.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { failed, saved, skipped } from './results.ts';

const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const skip = browserPath === undefined ? 'no Chromium is installed' : false;

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'pdl-page-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A run of `count` lines on 300 hosts, one result each 20 ms. */
async function write(path: string, count: number, special: Result[] = []): Promise<Summary> {
  const clock = fakeClock(7);
  const board = openBoard(clock);
  const page = openPage(path, board, clock);
  const summary = { saved: 0, skipped: 0, failed: 0, left: 0, bytes: 0, durationMs: count * 20, stopped: null };
  for (let seq = 1; seq <= count + special.length; seq += 1) {
    const result = special[seq - count - 1] ?? some(seq, clock.random);
    summary[result.status] += 1;
    if (result.status === 'saved') summary.bytes += result.bytes;
    board.end(result);
    page.add(result);
    if (seq % 500 === 0) await clock.advance(10_000);
  }
  await clock.advance(1000);
  page.write(summary, 1);
  return summary;
}

function some(seq: number, random: () => number): Result {
  const url = `http://host${Math.floor(random() ** 3 * 300)}.example/${seq}.jpg`;
  const durationMs = Math.round(20 * 2 ** (random() * 8));
  const told = { seq, line: seq, url, durationMs, waitedMs: Math.round((durationMs * random()) / 2) };
  const kind = random();
  if (kind < 0.05) {
    const httpStatus = [403, 404, 500][seq % 3]!;
    return failed({
      ...told,
      httpStatus,
      error: { code: 'HTTP_STATUS', message: `the server answered ${httpStatus}` },
    });
  }
  if (kind < 0.1) return skipped(told);
  return saved({
    ...told,
    path: `out/${seq}.jpg`,
    bytes: Math.round(random() * 1e6),
    ttfbMs: Math.round(durationMs / 3),
  });
}

async function look(t: TestContext, path: string) {
  const browser = await chromium.launch({ executablePath: browserPath!, args: ['--no-sandbox'] });
  t.after(() => browser.close());
  const tab = await browser.newPage();
  const requests: string[] = [];
  const errors: string[] = [];
  tab.on('request', (request) => requests.push(request.url()));
  tab.on('console', (message) => errors.push(message.text()));
  tab.on('pageerror', (error) => errors.push(error.message));
  await tab.goto(pathToFileURL(path).href);
  return { tab, requests, errors };
}

for (const count of [10, 100_000]) {
  test(`${count} results: nothing is asked for, nothing complained of, the numbers are those of the run`, {
    skip,
  }, async (t) => {
    const path = join(folder(t), 'run.html');
    const summary = await write(path, count);
    const { tab, requests, errors } = await look(t, path);

    assert.deepEqual(errors, []);
    assert.deepEqual(
      requests.filter((url) => !url.startsWith('data:')),
      [pathToFileURL(path).href],
    );
    const number = async (selector: string) => Number(await tab.textContent(selector));
    for (const name of ['saved', 'skipped', 'failed', 'left'] as const)
      assert.equal(await number(`#${name}`), summary[name]);
    assert.equal(await number('#exit-code'), 1);
    const causes = await tab.locator('#failures summary b').allTextContents();
    assert.equal(
      causes.reduce((sum, text) => sum + Number(text), 0),
      summary.failed,
    );
    if (count === 10) {
      const rows = await tab.locator('#hosts tbody tr').allTextContents();
      assert.ok(rows.length > 1);
      const lines = await tab.locator('#hosts tbody td:nth-child(2)').allTextContents();
      assert.equal(
        lines.reduce((sum, text) => sum + Number(text), 0),
        count,
      );
    }
    const wide = await tab.evaluate('document.documentElement.scrollWidth - innerWidth');
    assert.ok(Number(wide) <= 0, 'nothing hangs over the side');
    assert.ok(statSync(path).size < 300_000, `${statSync(path).size} bytes`);
  });
}

test('what servers and lists say cannot become a part of the page', { skip }, async (t) => {
  const path = join(folder(t), 'run.html');
  const nasty = 'http://me:secret@h/"><script>alert(1)</script><img src=http://evil/>\x1b\u202e';
  await write(path, 0, [
    saved({ path: nasty, url: nasty }),
    failed({ url: nasty, source: nasty, error: { code: 'RESET', message: nasty } }),
  ]);
  const { tab, requests, errors } = await look(t, path);
  assert.deepEqual([errors, requests.filter((url) => !url.startsWith('data:')).length], [[], 1]);
  assert.equal(await tab.locator('script, img').count(), 0);
  assert.doesNotMatch(readFileSync(path, 'utf8'), /secret|\x1b|\u202e/);
});

test('axis numbers are round and reach the largest value', () => {
  assert.deepEqual(ticks(10), [0, 5, 10]);
  assert.deepEqual(ticks(0.7), [0, 0.2, 0.4, 0.6000000000000001, 0.8]);
  assert.deepEqual(ticks(0), [0, 1]);
  for (const max of [1, 3, 17, 99, 1234, 9e9]) {
    const marks = ticks(max);
    assert.ok(marks.at(-1)! >= max && marks.length <= 6, `${max}: ${marks}`);
  }
});

test('a histogram tells shares within a fifth, and counts everything once', () => {
  const histogram = openHistogram();
  assert.deepEqual([histogram.share(0.5), histogram.buckets()], [null, []]);
  for (let ms = 0; ms < 1000; ms += 1) histogram.add(ms);
  for (const share of [0.5, 0.9, 0.99]) {
    const told = histogram.share(share)!;
    assert.ok(told >= share * 1000 && told <= share * 1200, `${share}: ${told}`);
  }
  const buckets = histogram.buckets();
  assert.equal(
    buckets.reduce((sum, { count }) => sum + count, 0),
    1000,
  );
  for (const { from, to, count } of buckets) assert.equal(count, Math.min(to, 1000) - from, `${from}..${to}`);
});
