/** A fast run of 3,000 small files, with the second thread at work: killed, interrupted, kept from starting it. */

import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bytesOf } from '../support/bytes.ts';
import { seeded, sha256 } from '../support/fickle-server.ts';
import { type Running, type Said, start } from '../support/pdl.ts';
import { installed, type RealServer, startNginx } from '../support/real-servers.ts';
import { startServer } from '../support/server.ts';

const files = 3_000;
const kills = 12;
const seed = Number(process.env['PDL_TEST_SEED'] ?? 1);
const random = seeded(seed);
const oneCore = availableParallelism() === 1 && 'a second thread needs a second core';

const scratch = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'pdl-fast-'));
const names = Array.from({ length: files }, (_, at) => `${at % 3 === 0 ? 'sub/' : ''}${at}.bin`);
const hashes = new Map<string, string>();
let site: Pick<RealServer, 'url' | 'close'>;

before(async () => {
  const root = join(scratch, 'www');
  mkdirSync(join(root, 'sub'), { recursive: true });
  const pool = bytesOf(200_000, seed);
  for (const [at, name] of names.entries()) {
    const from = Math.floor(random() * 140_000);
    const body = pool.subarray(from, from + 1_000 + ((at * 7_919) % 59_000));
    hashes.set(name, sha256(body));
    writeFileSync(join(root, name), body);
  }
  site = installed('nginx') ? await startNginx(root, join(scratch, 'nginx')) : await embedded(root);
});
after(async () => {
  await site?.close();
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
});

async function embedded(root: string): Promise<typeof site> {
  const server = await startServer({
    log: false,
    routes: { '*': (exchange) => exchange.answer(200, {}, readFileSync(join(root, exchange.logged.path))) },
  });
  return { url: (path) => server.url(`/${path}`), close: () => server.close() };
}

/** In each thread but the main one, every link leaves one byte in a file: so many files the thread has published. */
const witness = `const { isMainThread } = require('node:worker_threads');
if (!isMainThread) {
  const fs = require('node:fs');
  const { linkSync } = fs;
  const fd = fs.openSync(process.env.WITNESS, 'a');
  fs.linkSync = (part, final) => { linkSync(part, final); fs.writeSync(fd, '.'); };
}`;

interface Fast extends Running {
  /** How many files the thread has published so far. */
  published(): number;
  over(): boolean;
}

let runs = 0;
function fast(dir: string, more: readonly string[] = []): Fast {
  const seen = join(scratch, `seen-${++runs}`);
  const preload = join(scratch, 'witness.cjs');
  writeFileSync(preload, witness);
  const args = ['-', '-d', dir, '-j', '8', '-o', '{path}', '--json', '--sha256', ...more];
  const env = { NODE_OPTIONS: `--require ${preload}`, WITNESS: seen };
  const running = start(args, { stdin: names.map((name) => site.url(name)).join('\n'), env });
  let over = false;
  const done = running.done.finally(() => {
    over = true;
  });
  return { ...running, done, published: () => (existsSync(seen) ? statSync(seen).size : 0), over: () => over };
}

/** Until the thread has published so many; meanwhile `look` at what is there. False when the run was over first. */
async function atWork(run: Fast, count: number, look: () => void = () => {}): Promise<boolean> {
  while (!run.over() && run.published() < count) {
    look();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return !run.over();
}

/** Reads each final name that is new since it last looked: it must be whole at every instant. */
function watcher(dir: string, when: string) {
  const seen = new Set<string>();
  return {
    seen,
    look() {
      for (const folder of ['', 'sub/']) {
        for (const name of existsSync(join(dir, folder)) ? readdirSync(join(dir, folder)) : []) {
          const path = folder + name;
          if (seen.has(path) || name === '.pdl' || path === 'sub') continue;
          assert.equal(sha256(readFileSync(join(dir, path))), hashes.get(path), `${when}: ${path} is not whole`);
          seen.add(path);
        }
      }
    },
  };
}

/** What was printed, as far as its lines are complete. */
function linesOf({ stdout }: Said) {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** Every line that was printed is true on disk; returns how many tell of a saved file. */
function checkSaid(said: Said, dir: string, when: string): number {
  const saved = linesOf(said).filter(({ status }) => status === 'saved');
  for (const { path, sha256: hash, bytes } of saved) {
    const body = readFileSync(path);
    assert.deepEqual([sha256(body), body.length], [hash, bytes], `${when}: ${path} is not what was said`);
    assert.equal(hash, hashes.get(path.slice(dir.length + 1)), `${when}: ${path}`);
  }
  return saved.length;
}

const parts = (dir: string) => readdirSync(join(dir, '.pdl/parts'));

async function completes(dir: string, when: string): Promise<Said> {
  const last = await fast(dir).done;
  assert.equal(last.code, 0, `${when}: ${last.stderr}`);
  const view = watcher(dir, when);
  view.look();
  assert.equal(view.seen.size, files, when);
  assert.deepEqual(parts(dir), [], when);
  return last;
}

test(`${kills} fast runs killed with the thread at work: not one false byte or word, and a rerun has all ${files}`, {
  skip: oneCore,
}, async (t) => {
  let [killed, said, unsaid] = [0, 0, 0];
  let [dir, view] = ['', watcher('', '')];
  for (let kill = 0; kill < kills; kill += 1) {
    const when = `seed ${seed}, kill ${kill}`;
    if (kill % 4 === 0) {
      dir = join(scratch, `killed-${kill}`);
      view = watcher(dir, when);
    }
    const before = view.seen.size;
    const run = fast(dir);
    await atWork(run, 1 + Math.floor(random() * 300), view.look);
    await new Promise((resolve) => setTimeout(resolve, random() * 10));
    run.child.kill('SIGKILL');
    const told = await run.done;
    if (told.signal === 'SIGKILL') killed += 1;
    else assert.equal(told.code, 0, `${when}: ${told.stderr}`);
    view.look();
    const saved = checkSaid(told, dir, when);
    said += saved;
    unsaid += view.seen.size - before - saved;
    if (kill % 4 === 3) {
      await completes(dir, when);
      rmSync(dir, { recursive: true });
    }
  }
  t.diagnostic(`${killed} killed, ${said} files told before it, ${unsaid} there and not told yet`);
  assert.ok(killed >= kills * 0.7 && said > 500, `${killed} killed, ${said} told`);
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} with the thread at work: exit ${code}, every file there was told, nothing half, no part left`, {
    skip: oneCore,
  }, async (t) => {
    const dir = join(scratch, signal);
    const run = fast(dir);
    assert.ok(await atWork(run, 200), 'it still runs');
    run.child.kill(signal);
    // A hang is ended by SIGKILL, and seen as one.
    const guard = setTimeout(() => run.child.kill('SIGKILL'), 10_000);
    const told = await run.done;
    clearTimeout(guard);
    assert.deepEqual([told.code, told.signal], [code, null], told.stderr);
    const view = watcher(dir, signal);
    view.look();
    const saved = checkSaid(told, dir, signal);
    assert.equal(view.seen.size, saved);
    assert.deepEqual(parts(dir), []);
    const summary = linesOf(told).at(-1);
    assert.deepEqual(
      [summary.type, summary.saved, summary.left, summary.stopped, summary.exitCode],
      ['summary', saved, files - saved - summary.failed, 'signal', code],
    );
    t.diagnostic(`${saved} were saved, the thread published ${run.published()}`);
    assert.ok(saved < files, 'it was in the middle');
    const again = linesOf(await completes(dir, signal)).at(-1);
    assert.deepEqual([again.saved, again.skipped], [files - saved, saved]);
  });
}

test('a second SIGINT leaves at once, though the thread is at work; nothing is half', { skip: oneCore }, async () => {
  const dir = join(scratch, 'twice');
  const run = fast(dir);
  assert.ok(await atWork(run, 200), 'it still runs');
  run.child.kill('SIGINT');
  run.child.kill('SIGTERM');
  const guard = setTimeout(() => run.child.kill('SIGKILL'), 10_000);
  const told = await run.done;
  clearTimeout(guard);
  assert.equal(told.signal, null);
  assert.ok(told.code === 130 || told.code === 143, `${told.code} ${told.stderr}`);
  checkSaid(told, dir, 'twice');
  await completes(dir, 'twice');
});

test('where Node may start no thread the run goes on without', { skip: oneCore }, async () => {
  const dir = join(scratch, 'alone');
  const preload = join(scratch, 'alone.cjs');
  // What --permission does: the option is called otherwise in each release.
  writeFileSync(
    preload,
    `require('node:worker_threads').Worker = class { constructor() {
      throw Object.assign(new Error('Access to this API has been restricted'), { code: 'ERR_ACCESS_DENIED' });
    } };`,
  );
  const { code, stderr } = await start(['-', '-d', dir, '-o', '{path}', '-q'], {
    stdin: names.map((name) => site.url(name)).join('\n'),
    env: { NODE_OPTIONS: `--require ${preload}` },
  }).done;
  assert.deepEqual([code, stderr], [0, '']);
  const view = watcher(dir, 'alone');
  view.look();
  assert.equal(view.seen.size, files);
});
