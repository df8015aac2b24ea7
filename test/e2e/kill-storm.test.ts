/** kill -9 at random moments over files that change: not one wrong byte under a final name, ever. */

import assert from 'node:assert/strict';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Fickle, seeded, sha256, startFickle } from '../support/fickle-server.ts';
import { folder, pdl, type Said, start } from '../support/pdl.ts';

const files = 200;
const runs = 50;
const seed = Number(process.env['PDL_TEST_SEED'] ?? 1);

/** Hashes of the files under their final names; one that has not changed since is not read again. */
function reader(dir: string): () => Map<string, string> {
  const known = new Map<string, { stamp: string; hash: string }>();
  return () => {
    const found = new Map<string, string>();
    for (const name of existsSync(dir) ? readdirSync(dir) : []) {
      if (name === '.pdl') continue;
      const { ino, ctimeMs, size } = lstatSync(join(dir, name));
      const stamp = `${ino} ${ctimeMs} ${size}`;
      const before = known.get(name);
      const hash = before?.stamp === stamp ? before.hash : sha256(readFileSync(join(dir, name)));
      known.set(name, { stamp, hash });
      found.set(name, hash);
    }
    return found;
  };
}

function checkAll(found: Map<string, string>, fickle: Fickle, when: string): void {
  for (const [name, hash] of found) {
    const file = fickle.files[Number(name)];
    assert.ok(file, `${when}: nothing of the list is called ${name}`);
    assert.ok(file.hashes.has(hash), `${when}: ${name} is no version that the server ever had`);
  }
}

/** Every complete line that was printed before the kill is true on disk. */
function checkSaid({ stdout }: Said, found: Map<string, string>, dir: string, when: string): number {
  const saved = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
    .filter(({ status }) => status === 'saved');
  for (const { path, sha256: hash } of saved)
    assert.equal(found.get(path.slice(dir.length + 1)), hash, `${when}: ${path} is not what was said`);
  return saved.length;
}

test(`${runs} runs killed at random moments leave only whole files of one version, and a rerun has all ${files}`, async (t) => {
  const dir = join(folder(t), 'out');
  const fickle = await startFickle(files, seed);
  t.after(() => fickle.server.close());
  const random = seeded(seed + 1);
  const read = reader(dir);
  const list = fickle.files.map(({ index }) => fickle.server.url(`/f/${index}`)).join('\n');
  const args = (existing: string) => [
    '-',
    '-d',
    dir,
    '-j',
    '8',
    '--json',
    '--sha256',
    '--retry',
    '1',
    '--timeout',
    '500ms',
    '--existing',
    existing,
  ];
  let [killed, said] = [0, 0];

  for (let run = 1; run <= runs; run++) {
    // First a list that is fetched bit by bit, then one that is kept up to date: files are replaced in place.
    const existing = run <= runs / 2 ? 'skip' : run % 5 === 0 ? 'overwrite' : 'refresh';
    const when = `seed ${seed}, run ${run} (${existing})`;
    fickle.change();
    const before = fickle.asked();
    const requests = 1 + Math.floor(random() * (existing === 'skip' ? 24 : 80));
    const running = start(args(existing), { stdin: list });
    let over = false;
    const done = running.done.finally(() => {
      over = true;
    });
    while (!over && fickle.asked() - before < requests) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, random() * 30));
    running.child.kill('SIGKILL');
    const told = await done;
    if (told.signal === 'SIGKILL') killed++;
    else assert.ok(told.code === 0 || told.code === 1, `${when}: ${told.code} ${told.stderr}`);
    const found = read();
    checkAll(found, fickle, when);
    said += checkSaid(told, found, dir, when);
  }

  fickle.calm();
  const last = await pdl(args('refresh'), { stdin: list });
  assert.equal(last.code, 0, last.stderr);
  const found = read();
  checkAll(found, fickle, 'at the end');
  checkSaid(last, found, dir, 'at the end');
  assert.equal(found.size, files);
  for (const { index, version } of fickle.files)
    assert.equal(found.get(String(index)), sha256(version.body), `${index} is not the newest version`);
  assert.deepEqual(readdirSync(join(dir, '.pdl/parts')), []);
  const verified = await pdl(['--verify', '-d', dir]);
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  t.diagnostic(`${killed} killed, ${said} files saved before a kill, answers ${JSON.stringify(fickle.met)}`);
  assert.ok(killed >= runs * 0.8 && said > files / 2, `${killed} killed, ${said} saved`);
  for (const what of ['206', '304', 'cut', 'stall', 'changed within'])
    assert.ok((fickle.met[what] ?? 0) > 0, `no answer was ever ${what}`);
});
