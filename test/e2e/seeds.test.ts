/** The five programs pdl replaces, run from the very text of the README against the sites they were written for. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { folder } from '../support/pdl.ts';
import { example, runExample } from '../support/readme.ts';
import { photo, type Site, startSite, tunes } from '../support/seed-site.ts';
import type { Logged } from '../support/server.ts';

let site: Site;
before(async () => {
  site = await startSite({ limitAt: 300 });
});
after(() => site.close());

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

/** The most requests that were under way at one instant. */
function most(log: readonly Logged[]): number {
  const changes = log.flatMap(({ begin, end }) => [
    { at: begin, by: 1 },
    { at: end, by: -1 },
  ]);
  changes.sort((one, other) => one.at - other.at || one.by - other.by);
  let open = 0;
  return Math.max(...changes.map(({ by }) => (open += by)));
}

test('S1: each answer is handed to parse as it completes, and its data is in the result', async (t) => {
  const { code, stdout, stderr } = await runExample(folder(t), 's1', example('s1', [site.host('shop')]));
  assert.equal(code, 0, stderr);
  const told = lines(stdout);
  assert.equal(told.length, 20);
  assert.equal(told.filter((line) => line === `HTTP_STATUS ${site.shop.url('/page/13')}`).length, 1);
  for (let nth = 1; nth <= 20; nth += 1) {
    if (nth === 13) continue;
    const expected = `200 ${site.shop.url(`/page/${nth}`)} {"title":"Page ${nth}","language":"en"}`;
    assert.ok(told.includes(expected), `${expected} is missing in\n${stdout}`);
  }
});

test('S2: thousands of pages, four workers, one result each, and all wait for a 429', async (t) => {
  const dir = folder(t);
  const paths = Array.from({ length: 2_000 }, (_, nth) => `/page/${nth + 100}`);
  writeFileSync(join(dir, 'pages.txt'), paths.map((path) => site.shop.url(path)).join('\n'));
  site.shop.log.length = 0;
  // 1 to 4 seconds are 1 to 4 milliseconds here.
  const { code, stderr } = await runExample(dir, 's2', example('s2', [['--delay 1-4', '--delay 1-4ms']]));
  assert.equal(code, 0, stderr);
  const told = lines(readFileSync(join(dir, 'results.ndjson'), 'utf8')).map((line) => JSON.parse(line));
  const summary = told.pop();
  assert.equal(summary.saved, 2_000);
  assert.equal(new Set(told.map(({ url }) => url)).size, 2_000);
  assert.ok(told.every(({ status }) => status === 'saved'));
  assert.equal(readdirSync(join(dir, 'pages')).filter((name) => name !== '.pdl').length, 2_000);
  const { log } = site.shop;
  assert.ok(most(log) <= 4, `${most(log)} at once`);
  const limited = log.find(({ status }) => status === 429);
  assert.ok(limited !== undefined, 'the site answered 429 once');
  const meanwhile = log.filter(({ begin }) => begin > limited.end + 100 && begin < limited.end + 950);
  assert.equal(meanwhile.length, 0, 'no request within the second that the host asked for');
});

test('S3: a dozen tunes from an archive that redirects to a storage node, two at a time, with rests', async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, 'music.txt'), tunes.map(({ name }) => site.archive.url(`/music/${name}`)).join('\n'));
  // 1 to 3.5 seconds are 60 to 210 milliseconds here.
  const { code, stdout, stderr } = await runExample(dir, 's3', example('s3', [['--delay 1-3.5', '--delay 60-210ms']]));
  assert.equal(code, 0, stderr);
  for (const { name, body } of tunes) {
    assert.ok(readFileSync(join(dir, name)).equals(body), name);
    assert.match(stdout, new RegExp(`^saved (?:\\./)?${name} \\S+ \\S+$`, 'm'));
    assert.match(stderr, new RegExp(`start ${site.archive.url(`/music/${name}`)}`));
  }
  assert.match(stderr, /start \S+ \(rested \d+ms\)/);
  assert.match(stderr, /redirect 302 \S+\/music\/\S+ to \S+\/node7\/music\//);
  for (const { log } of [site.archive, site.storage]) {
    assert.equal(log.length, 12);
    assert.ok(most(log) <= 2);
    // Two seats, each resting 60 ms at least after the end of a request: of three requests in a row the last begins that much after the
    // first of them to end.
    for (let nth = 2; nth < log.length; nth += 1) {
      const free = Math.min(...log.slice(nth - 2, nth).map(({ end }) => end));
      assert.ok(
        log[nth]!.begin - free >= 60 - 15,
        `request ${nth} began ${log[nth]!.begin - free} ms after a seat was free`,
      );
    }
  }
});

test('S4: ten thousand numbered images, named by their index', async (t) => {
  const dir = folder(t);
  const { code, stdout, stderr } = await runExample(dir, 's4', example('s4', [site.host('photos')]));
  assert.equal(code, 0, stderr);
  assert.equal(lines(stdout).length, 10_000);
  const images = readdirSync(join(dir, 'images')).filter((name) => name !== '.pdl');
  assert.equal(images.length, 10_000);
  for (const name of images) {
    const expected = photo(name);
    assert.equal(statSync(join(dir, 'images', name)).size, expected.length, name);
    if (Number.parseInt(name, 10) % 50 === 0) assert.ok(readFileSync(join(dir, 'images', name)).equals(expected), name);
  }
  assert.ok(images.includes('1.jpg') && images.includes('10000.jpg'));
});

test('S5: a crawl that starts from a generator, logs in, follows links, asks inline and feeds items', async (t) => {
  const dir = folder(t);
  site.shop.log.length = 0;
  // 1 to 4 seconds are 10 to 40 milliseconds here.
  const program = example('s5', [site.host('shop'), ["delay: '1-4'", "delay: '10-40ms'"]]);
  const { code, stdout, stderr } = await runExample(dir, 's5', program);
  assert.equal(code, 0, stderr);
  const items = lines(readFileSync(join(dir, 'items.ndjson'), 'utf8')).map((line) => JSON.parse(line));
  items.sort((one, other) => one.price - other.price);
  assert.deepEqual(
    items,
    [1, 2, 3, 4, 5].map((id) => ({ title: `Item ${id}`, price: id * 100, stock: { left: id } })),
  );
  assert.deepEqual(lines(stdout), [`HOOK ${site.shop.url('/item/picture.html')}`]);
  assert.deepEqual(readdirSync(join(dir, 'shop/item')).sort(), ['1.html', '2.html', '3.html', '4.html', '5.html']);
  assert.deepEqual(readdirSync(join(dir, 'shop/shelf')).sort(), ['books.html', 'maps.html', 'records.html']);
  const { log } = site.shop;
  assert.ok(most(log) <= 4, `${most(log)} at once`);
  assert.equal(log.filter(({ path }) => path === '/item/3.html').length, 1, 'the item on two shelves is fetched once');
});
