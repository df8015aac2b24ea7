/** The house has one direction: every import of src/ and bin/ is read and judged. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { test } from 'node:test';
import { init, parse } from 'es-module-lexer';

const root = join(import.meta.dirname, '..');
const ground = [
  'types',
  'bag',
  'eager',
  'errors',
  'clock',
  'options',
  'parts',
  'trim-end',
  'units',
  'url',
  'show',
  'structures',
  'version',
  'warnings',
];
const programs = ['download', 'plan', 'verify', 'queue'];
const stages = ['list', 'schedule', 'transfer', 'sink'];

/** Who may know whom. A room may always know itself. */
const arrows: Record<string, string[]> = {
  bin: ['cli'],
  cli: ['index', 'report', ...ground],
  index: [...programs, ...stages, ...ground],
  ...Object.fromEntries(programs.map((name) => [name, [...programs, ...stages, ...ground]])),
  ...Object.fromEntries([...stages, 'report'].map((name) => [name, ground])),
  ...Object.fromEntries(ground.map((name) => [name, ground])),
  structures: [],
};

/** The one place that may name a package. Heavy peers are loaded by import() in the same places. */
const doors: Record<string, RegExp> = {
  undici: /^src\/transfer\/http\.ts$/,
  commander: /^src\/cli\/(flags|command)\.ts$/,
  'cli-progress': /^src\/report\/bars\.ts$/,
  chalk: /^src\/report\/paint\.ts$/,
  bullmq: /^src\/queue\//,
  ioredis: /^src\/queue\//,
};

interface Import {
  from: string;
  to: string;
}

function roomOf(file: string): string {
  const [top = '', second = ''] = file.split('/');
  return top === 'src' ? second.replace(/\.ts$/, '') : top;
}

/** Every static and dynamic import of the sources, `to` as a path from the root or a package name. */
async function imports(): Promise<Import[]> {
  await init;
  const files = ['src', 'bin'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.c?ts$/.test(file))
      .map((file) => posix.join(folder, file)),
  );
  return files.flatMap((from) =>
    parse(readFileSync(join(root, from), 'utf8'), from)[0]
      .flatMap(({ specifier }) => (specifier ? [specifier] : []))
      .map((name) => ({ from, to: name.startsWith('.') ? resolve(from, name) : name })),
  );
}

function resolve(from: string, name: string): string {
  return relative(root, join(root, posix.dirname(from), name)).replace(/\.js$/, '.ts');
}

/** What is wrong with one import, or null. */
function verdict({ from, to }: Import): string | null {
  if (to.startsWith('node:')) return null;
  if (!to.startsWith('src/') && !to.startsWith('bin/')) {
    const door = doors[to.split('/')[0]!];
    return door === undefined || door.test(from) ? null : `${from} opens a second door to ${to}`;
  }
  const [room, other] = [roomOf(from), roomOf(to)];
  return room === other || arrows[room]?.includes(other) ? null : `${from}: ${room} may not know ${other}`;
}

/** The first circle among the files, as a list of files, or null. */
function circle(edges: readonly Import[]): string[] | null {
  const next = new Map<string, Import[]>();
  for (const edge of edges) next.set(edge.from, [...(next.get(edge.from) ?? []), edge]);
  const done = new Set<string>();
  const visit = (file: string, path: string[]): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    for (const { to } of next.get(file) ?? []) {
      const found = visit(to, [...path, file]);
      if (found) return found;
    }
    done.add(file);
    return null;
  };
  for (const { from } of edges) {
    const found = visit(from, []);
    if (found) return found;
  }
  return null;
}

test('every import follows the direction, and each package has one door', async () => {
  const all = await imports();
  assert.ok(all.length > 100, `only ${all.length} imports were read`);
  assert.deepEqual(all.map(verdict).filter(Boolean), []);
});

test('no file is part of a circle', async () => {
  assert.equal(circle(await imports()), null);
});

test('a forbidden import is found', () => {
  assert.equal(
    verdict({ from: 'src/sink/journal.ts', to: 'src/report/text.ts' }),
    'src/sink/journal.ts: sink may not know report',
  );
  assert.match(verdict({ from: 'src/list/job.ts', to: 'src/schedule/run.ts' })!, /list may not know schedule/);
  assert.match(verdict({ from: 'src/errors.ts', to: 'src/download.ts' })!, /errors may not know download/);
  assert.match(verdict({ from: 'src/download.ts', to: 'src/report/text.ts' })!, /download may not know report/);
  assert.match(verdict({ from: 'src/transfer/receive.ts', to: 'undici' })!, /second door to undici/);
  assert.deepEqual(
    circle([
      { from: 'a', to: 'b' },
      { from: 'b', to: 'c' },
      { from: 'c', to: 'b' },
    ]),
    ['b', 'c', 'b'],
  );
});

test('the top level is what the layout says', () => {
  const known =
    /^(package(-lock)?\.json|tsconfig\.json|bin|src|test|fixtures|README\.md|LICENSE|\..*|node_modules|dist|coverage|demo-out|bench-out)$/;
  assert.deepEqual(
    readdirSync(root).filter((name) => !known.test(name)),
    [],
  );
});
