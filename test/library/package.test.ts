/** The package as npm carries it: well-formed, and of use in an empty project, from ESM and from CommonJS. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { folder } from '../support/pdl.ts';
import { example } from '../support/readme.ts';
import { photo, type Site, startSite } from '../support/seed-site.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const tool = (name: string) => join(root, 'node_modules/.bin', name);
/** What npm and npx of the outer run have set must not reach the inner one. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^npm_(?:package|lifecycle|command|config_(?:package|call|local))/i.test(name),
  ),
);

let site: Site;
before(async () => {
  site = await startSite();
});
after(() => site.close());

async function pack(into: string): Promise<{ tarball: string; files: string[] }> {
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', into], {
    cwd: root,
    env,
  });
  const told = JSON.parse(stdout);
  const [{ filename, files }] = Array.isArray(told) ? told : (Object.values(told) as never);
  return { tarball: join(into, filename), files: files.map(({ path }: { path: string }) => path) };
}

test('installed from its tarball, the README’s example runs in ESM and in CommonJS, and the command, too', async (t) => {
  const dir = folder(t);
  const { tarball, files } = await pack(dir);
  for (const file of [
    'package.json',
    'README.md',
    'LICENSE',
    'dist/bin/pdl.cjs',
    'dist/src/index.js',
    'dist/src/index.d.ts',
  ])
    assert.ok(files.includes(file), `${file} is missing`);
  assert.deepEqual(
    files.filter((path) => !/^(?:package\.json|README\.md|LICENSE|dist\/(?:bin|src|man)\/.*)$/.test(path)),
    [],
  );
  const project = join(dir, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts', tarball], {
    cwd: project,
    env,
  });

  const sooner = ["delay: '1-4'", "delay: '1-4ms'"] as const;
  writeFileSync(join(project, 'esm.mjs'), example('library', [site.host('photos'), sooner]).text);
  const esm = await run(process.execPath, ['esm.mjs'], { cwd: project });
  assert.deepEqual(
    esm.stdout.trim().split('\n').sort(),
    ['a.jpg', 'b.jpg'].map((name) => `out/${name} ${photo(name).length}`),
  );
  assert.ok(readFileSync(join(project, 'out/a.jpg')).equals(photo('a.jpg')));

  const { text } = example('commonjs', [site.host('photos'), ["dir: 'out'", "dir: 'out-cjs'"]]);
  if (process.features.require_module) {
    writeFileSync(join(project, 'required.cjs'), text);
    assert.equal((await run(process.execPath, ['required.cjs'], { cwd: project })).stdout, 'saved\n');
  }
  // The types, too, with those of every package that pdl needs and no other (a checkout has its optional peers).
  writeFileSync(join(project, 'typed.mts'), example('tar').text);
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const strictly = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--exactOptionalPropertyTypes',
  ];
  const types = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node'];
  const compiled = await run(process.execPath, [compiler, ...strictly, ...types, 'typed.mts'], { cwd: project }).catch(
    (error) => error,
  );
  assert.equal(compiled.stdout, '');

  writeFileSync(
    join(project, 'imported.cjs'),
    `import('pdl').then(async ({ download }) => {
      for await (const result of download(['${site.photos.url('/a.jpg')}'], { dir: 'out-import' })) console.log(result.status);
    });`,
  );
  assert.equal((await run(process.execPath, ['imported.cjs'], { cwd: project })).stdout, 'saved\n');

  writeFileSync(
    join(project, 'claims.mjs'),
    "import { sinkClaims } from 'pdl/sink-conformance';\nimport { memory } from 'pdl';\nfor (const holds of Object.values(sinkClaims)) await holds({ open: () => memory() });\nconsole.log('held');\n",
  );
  assert.equal((await run(process.execPath, ['claims.mjs'], { cwd: project })).stdout, 'held\n');

  const command = await run(join(project, 'node_modules/.bin/pdl'), ['--version'], { cwd: project });
  assert.match(command.stdout, /\d+\.\d+\.\d+/);
});

test('publint finds nothing', async () => {
  const { stdout } = await run(tool('publint'), ['--strict'], { cwd: root, env });
  assert.match(stdout, /All good!/);
});

test('attw: the types resolve for who imports ES modules', async (t) => {
  const { tarball } = await pack(folder(t));
  const { stdout } = await run(tool('attw'), [tarball, '--profile', 'esm-only', '--no-emoji', '--format', 'ascii'], {
    cwd: root,
    env,
  });
  // Problems end it with exit code 1, which would reject.
  for (const entry of ['pdl', 'pdl/sink-conformance'])
    assert.match(stdout, new RegExp(`"${entry}"\\s+node16 \\(from ESM\\): OK \\(ESM\\)\\s+bundler: OK`));
});
