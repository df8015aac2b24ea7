import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../../src/clock.ts';
import { readRobots } from '../../src/schedule/robots-txt.ts';

const kib500 = 500 * 1024;

/** Which of the paths may be fetched under these rules for all. */
async function allowed(rules: string, paths: readonly string[]): Promise<string[]> {
  const robots = await readRobots(`User-agent: *\n${rules}`, 'pdl');
  return paths.filter((path) => robots.allows(path));
}

const isAllowed = async (text: string, path: string) => (await readRobots(text, 'pdl')).allows(path);

test('a pattern matches as RFC 9309 and Google say', async () => {
  const fish = ['/fish', '/fish.html', '/fish/salmon.html', '/fishheads', '/fish.php?id=anything'];
  const table: [pattern: string, matches: string[], others: string[]][] = [
    ['/', ['/', '/a', '/?a'], []],
    ['/fish', fish, ['/Fish.asp', '/catfish', '/?id=fish', '/desert/fish']],
    ['/fish*', fish, ['/Fish.asp', '/catfish']],
    ['/fish/', ['/fish/', '/fish/?id=anything', '/fish/salmon.htm'], ['/fish', '/fish.html', '/Fish/Salmon.asp']],
    ['/*.php', ['/filename.php', '/folder/filename.php?parameters', '/folder/any.php.file/'], ['/', '/windows.PHP']],
    ['/*.php$', ['/filename.php', '/folder/filename.php'], ['/filename.php?parameters', '/filename.php/']],
    ['/fish*.php', ['/fish.php', '/fishheads/catfish.php?parameters'], ['/Fish.PHP', '/catfish.php']],
    ['/$', ['/'], ['/a', '/?a']],
    ['*/b$', ['/b', '/a/b', '/b/b'], ['/b/', '/bb']],
    ['/a**b*', ['/ab', '/axxb', '/abc'], ['/a', '/bab']],
    ['/a*$', ['/a', '/ab'], ['/b']],
    ['/a$b', ['/a$b', '/a%24b'], ['/a', '/a$']],
    ['a', [], ['/a', '/']],
  ];
  for (const [pattern, matches, others] of table)
    assert.deepEqual(await allowed(`Disallow: ${pattern}`, [...matches, ...others]), others, pattern);
});

test('the longest match decides, and Allow among equals', async () => {
  const table: [rules: string, path: string, isAllowed: boolean][] = [
    ['Allow: /p\nDisallow: /', '/page', true],
    ['Allow: /folder\nDisallow: /folder', '/folder/page', true],
    ['Disallow: /folder\nAllow: /folder', '/folder/page', true],
    ['Allow: /page\nDisallow: /*.htm', '/page.htm', false],
    ['Allow: /page\nDisallow: /*.ph', '/page.php5', true],
    ['Allow: /$\nDisallow: /', '/', true],
    ['Allow: /$\nDisallow: /', '/page.htm', false],
    ['Allow: /example/page/\nDisallow: /example/page/disallowed.gif', '/example/page/disallowed.gif', false],
    ['Allow: /a\nDisallow: /a$', '/a', false],
    ['Disallow:', '/a', true],
    ['Allow:\nDisallow: /', '/a', false],
  ];
  for (const [rules, path, expected] of table)
    assert.equal((await allowed(rules, [path])).length === 1, expected, `${rules} ${path}`);
});

test('percent escapes are compared as RFC 9309 section 2.2.2 wants it', async () => {
  const table: [pattern: string, path: string][] = [
    ['/foo/bar?baz=quz', '/foo/bar?baz=quz'],
    ['/foo/bar?baz=https://foo.bar', '/foo/bar?baz=https%3A%2F%2Ffoo.bar'],
    ['/foo/bar?baz=https%3A%2F%2Ffoo.bar', '/foo/bar?baz=https://foo.bar'],
    ['/foo/bar/ツ', '/foo/bar/%E3%83%84'],
    ['/foo/bar/%e3%83%84', '/foo/bar/%E3%83%84'],
    ['/foo/bar/%62%61%7A', '/foo/bar/baz'],
    ['/foo/bar/baz', '/foo/bar/%62%61%7a'],
    ['/path/file-with-a-%2A.html', '/path/file-with-a-*.html'],
    ['/path/foo-%24', '/path/foo-$'],
    ['/a b', '/a%20b'],
    ['/a%zz', '/a%zz'],
  ];
  for (const [pattern, path] of table)
    assert.deepEqual(await allowed(`Disallow: ${pattern}`, [path]), [], `${pattern} ${path}`);
  assert.deepEqual(await allowed('Disallow: /a/b', ['/a%2Fb']), ['/a%2Fb']);
});

test('groups of one name are one group, several names share one, and ours stands before that of all', async () => {
  const merged =
    'User-agent: pdl\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n\nUser-agent: PDL/2.0 # x\nDisallow: /b\n';
  for (const [path, expected] of [
    ['/a', false],
    ['/b', false],
    ['/c', true],
  ] as const)
    assert.equal(await isAllowed(merged, path), expected, path);
  const shared = 'User-agent: a\n\nSitemap: http://h/\nUser-agent: pdl\nnonsense\nUser-agent: b\nDisallow: /x\n';
  assert.equal(await isAllowed(shared, '/x'), false);
  const parted = 'User-agent: pdl\nCrawl-delay: 3\nUser-agent: b\nDisallow: /x\n';
  assert.equal(await isAllowed(parted, '/x'), true);
  assert.equal(await isAllowed('User-agent: pdlx\nUser-agent: x pdl\nDisallow: /\n', '/x'), true);
  assert.equal(
    await isAllowed('User-agent: *\nDisallow: /x\nUser-agent: pdl', '/x'),
    false,
    'a name alone is no group',
  );
  assert.equal(await isAllowed('User-agent: *\nDisallow: /x\nUser-agent: pdl\nDisallow:', '/x'), true);
  assert.equal(await isAllowed('Disallow: /x\nUser-agent: *\nDisallow: /y', '/x'), true, 'rules of nobody');
});

test('lines end as they like, keys are of any case, comments and a mark are left out', async () => {
  for (const end of ['\n', '\r', '\r\n', '\n\n  \n'])
    for (const mark of ['', '\ufeff']) {
      const text = `${mark}USER-agent : *${end}\t disALLOW:/x # all${end}#Disallow: /y${end}Disallow /z${end}Crawl-Delay:2.5`;
      const robots = await readRobots(text, 'pdl');
      assert.deepEqual(
        ['/x', '/y', '/z'].map((path) => robots.allows(path)),
        [false, true, true],
        JSON.stringify(end),
      );
      assert.equal(robots.crawlDelay, 2.5);
    }
});

test('Crawl-delay is a number of our own group, or nothing', async () => {
  const delay = async (text: string) => (await readRobots(text, 'pdl')).crawlDelay;
  assert.equal(await delay('User-agent: *\nCrawl-delay: 7\nUser-agent: pdl\nCrawl-delay: 3\n'), 3);
  assert.equal(await delay('User-agent: *\nCrawl-delay: 7\nUser-agent: pdl\nDisallow: /x\n'), 0);
  for (const odd of ['-3', 'soon', '', 'NaN'])
    assert.equal(await delay(`User-agent: *\nCrawl-delay: ${odd}\n`), 0, odd);
});

test('only the rules of our group are held, in as many bytes as they have letters', async () => {
  const foreign = `User-agent: other\n${'Disallow: /some/where/else\n'.repeat(10_000)}`;
  assert.equal((await readRobots(`${foreign}User-agent: *\nDisallow: /x\n`, 'pdl')).size, 4);
  const rules = Array.from({ length: 30_000 }, (_, at) => `Disallow: /${at}\n`).join('');
  const { size } = await readRobots(`User-agent: *\n${rules}`, 'pdl');
  assert.ok(size < rules.length, `${size} of ${rules.length}`);
});

test('500 KiB of rules leave the event loop free, and a path is judged in ms', async () => {
  const files = [
    'Disallow:/x\n',
    'Allow: /é%41\n',
    'User-agent: *\nDisallow: /*a\n',
    '%41',
    'é',
    '*a',
    'a*',
    '\n',
    ' ',
  ];
  for (const unit of files) {
    const text = `User-agent: *\nDisallow: /${unit.repeat(kib500 / Buffer.byteLength(unit))}b`;
    let longest = 0;
    let last = systemClock.now();
    let isOver = false;
    const look = () => {
      longest = Math.max(longest, systemClock.now() - last);
      last = systemClock.now();
      if (!isOver) setImmediate(look);
    };
    look();
    const robots = await readRobots(text, 'pdl');
    isOver = true;
    look();
    for (const path of ['/a', `/${'a'.repeat(60_000)}`, `/${'ab'.repeat(1000)}`]) {
      const begin = systemClock.now();
      robots.allows(path);
      longest = Math.max(longest, systemClock.now() - begin);
    }
    // 20 ms on a machine that has nothing else to do.
    assert.ok(longest < 300, `${JSON.stringify(unit)}: ${longest} ms`);
  }
});

test('rules that cost too much for a path forbid it', async () => {
  const text = `User-agent: *\nAllow: /\n${'Disallow: /*a*b\n'.repeat(30_000)}`;
  const robots = await readRobots(text, 'pdl');
  assert.equal(robots.allows('/c'), true);
  assert.equal(robots.allows(`/${'a'.repeat(5000)}`), false);
});

test('whatever the rules, the answer is that of a naive reading', async () => {
  const pattern = fc
    .array(fc.constantFrom('/', 'a', 'b', 'aa', '*', '*', '$', '.', '?', '%61', 'é'), { maxLength: 8 })
    .map((parts) => `/${parts.join('')}`);
  const rule = fc.record({ isAllow: fc.boolean(), pattern });
  const path = fc
    .array(fc.constantFrom('/', 'a', 'b', 'aab', '.', '?', '$', 'é'), { maxLength: 8 })
    .map((parts) => new URL(`http://h/${parts.join('')}`))
    .map(({ pathname, search }) => pathname + search);
  await fc.assert(
    fc.asyncProperty(fc.array(rule, { maxLength: 6 }), fc.array(path, { maxLength: 4 }), async (rules, paths) => {
      const text = rules.map((one) => `${one.isAllow ? 'Allow' : 'Disallow'}: ${one.pattern}\n`).join('');
      assert.deepEqual(
        await allowed(text, paths),
        paths.filter((one) => naively(rules, one)),
      );
    }),
    { numRuns: 1000 },
  );
});

/** By regular expressions, which may take any time. */
function naively(rules: { isAllow: boolean; pattern: string }[], path: string): boolean {
  const fitting = rules
    .map(({ isAllow, pattern }) => ({ isAllow, pattern: pattern.replaceAll('%61', 'a').replaceAll('é', '%C3%A9') }))
    .map(({ isAllow, pattern }) => ({ isAllow, pattern: pattern.replace(/\$(?!$)/g, '%24') }))
    .filter(({ pattern }) => {
      const source = pattern.replace(/[.?%]/g, '\\$&').replaceAll('*', '.*');
      return new RegExp(`^${source}`).test(path.replaceAll('$', '%24'));
    });
  const longest = Math.max(...fitting.map(({ pattern }) => pattern.length));
  const best = fitting.filter(({ pattern }) => pattern.length === longest);
  return best.length === 0 || best.some(({ isAllow }) => isAllow);
}
