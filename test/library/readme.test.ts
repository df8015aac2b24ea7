/** The README's examples of the library compile under strict settings, and do what they say. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { folder } from '../support/pdl.ts';
import { example, examples, place, runExample } from '../support/readme.ts';
import { photo, type Site, startSite } from '../support/seed-site.ts';

let site: Site;
before(async () => {
  site = await startSite();
});
after(() => site.close());

const root = join(import.meta.dirname, '../..');
const lines = (text: string) => text.split('\n').filter((line) => line !== '');
/** 1 to 4 seconds are 1 to 4 milliseconds here. */
const sooner = ["delay: '1-4'", "delay: '1-4ms'"] as const;

test('every example in TypeScript compiles, strictly', async (t) => {
  const dir = folder(t);
  const programs = [...examples()].filter(([, { language }]) => language === 'ts');
  assert.ok(programs.length >= 6, `${programs.length} examples`);
  for (const [name, block] of programs) place(dir, name, block);
  const compilerOptions = {
    ...{ noEmit: true, strict: true, target: 'es2023', module: 'nodenext', skipLibCheck: true },
    ...{ allowImportingTsExtensions: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
    ...{ typeRoots: [join(root, 'node_modules/@types')], types: ['node'] },
  };
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    ...['-p', dir],
  ]).catch((error) => error);
  assert.equal(stdout, '');
});

test('the first example: files, and a result for each', async (t) => {
  const dir = folder(t);
  const { code, stdout, stderr } = await runExample(dir, 'library', example('library', [site.host('photos'), sooner]));
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    lines(stdout).sort(),
    ['a.jpg', 'b.jpg'].map((name) => `out/${name} ${photo(name).length}`),
  );
  assert.ok(readFileSync(join(dir, 'out/a.jpg')).equals(photo('a.jpg')));
});

test('the layers: headers, a dropped draft, data from the file, the outermost sees all', async (t) => {
  site.shop.log.length = 0;
  const { code, stdout, stderr } = await runExample(folder(t), 'layers', example('layers', [site.host('shop')]));
  assert.equal(code, 0, stderr);
  const told = lines(stdout).sort();
  assert.deepEqual(told, [
    '1 true',
    '2 true',
    `saved ${site.shop.url('/page/1')} 21`,
    `skipped ${site.shop.url('/draft/2')} undefined`,
  ]);
  assert.deepEqual(
    site.shop.log.map(({ path, headers }) => [path, headers['x-day']]),
    [['/page/1', 'monday']],
  );
});

test('the tar: what is in it is what the site has', async (t) => {
  const dir = folder(t);
  place(dir, 'tar', example('tar'));
  const { code, stdout, stderr } = await runExample(dir, 'tar-use', example('tar-use', [site.host('photos')]));
  assert.equal(code, 0, stderr);
  assert.match(stdout, /path: 'photos\.tar:a\.jpg'/);
  const list = await promisify(execFile)('tar', ['-tvf', join(dir, 'photos.tar')]);
  assert.match(list.stdout, new RegExp(`^-rw-r--r-- \\S+ +${photo('a.jpg').length} .* a\\.jpg\n$`));
  const body = await promisify(execFile)('tar', ['-xOf', join(dir, 'photos.tar'), 'a.jpg'], { encoding: 'buffer' });
  assert.ok(body.stdout.equals(photo('a.jpg')));
  assert.deepEqual(
    readdirSync(dir).filter((name) => name === '.pdl'),
    [],
  );
});

test('the tar keeps what a sink promises, by the suite as the README runs it', async (t) => {
  const dir = folder(t);
  place(dir, 'tar', example('tar'));
  const { code, stdout } = await runExample(dir, 'conformance', example('conformance'));
  assert.match(stdout, /pass 1\d/, stdout);
  assert.equal(code, 0, stdout);
});

test('the events: each start is heard', async (t) => {
  const { code, stdout, stderr } = await runExample(folder(t), 'events', example('events', [site.host('photos')]));
  assert.equal(code, 0, stderr);
  assert.deepEqual(lines(stdout), [`start ${site.photos.url('/a.jpg')} attempt 1 rested 0`, 'saved']);
});
