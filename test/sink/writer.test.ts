import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { availableParallelism, getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import threads, { type Worker, type WorkerOptions } from 'node:worker_threads';
import { type Clock, systemClock } from '../../src/clock.ts';
import { PdlError } from '../../src/errors.ts';
import type { Options } from '../../src/options.ts';
import type { Directory } from '../../src/sink/directory.ts';
import type { Fate } from '../../src/sink/ring.ts';
import { Writer } from '../../src/sink/writer.ts';
import type { Job, Landed } from '../../src/types.ts';
import { verify } from '../../src/verify.ts';
import { bodyOf, bytes, head, named, pathOf, sha256, within } from './support.ts';

const oneCore = availableParallelism() === 1 && 'a second thread needs a second core';
/** In memory where there is such a place: 20,000 small files are written here. */
function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'pdl-writer-'));
  t.after(() => {
    for (const path of [dir, `${dir}.out`]) rmSync(path, { recursive: true, force: true });
  });
  return dir;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

const threadFile = new URL('../../src/sink/writer-thread.ts', import.meta.url).href;
/** tsx translates for the main thread only: a thread has to ask for it itself. */
const translated = `import('tsx/esm/api').then(({ register }) => {
  register();
  return import(${JSON.stringify(threadFile)});
})`;

const started: Worker[] = [];
/** No thread can be started: a limit of the machine, or Node's permission model. */
let refuses = false;
const { Worker: Real } = threads;
threads.Worker = class extends Real {
  constructor(file: string, options: WorkerOptions) {
    assert.equal(pathToFileURL(file).href, threadFile);
    if (refuses) throw Object.assign(new Error('no threads here'), { code: 'ERR_ACCESS_DENIED' });
    super(translated, { ...options, eval: true });
    started.push(this);
  }
} as typeof Real;
syncBuiltinESMExports();
test.beforeEach(() => {
  started.length = 0;
  refuses = false;
});

// ── the thread itself ────────────────────────────────────────────────────────────────────────────

/** Time moves by hand. */
function handClock(): Clock & { time: number } {
  const clock = { ...systemClock, time: 0, now: () => clock.time };
  return clock;
}

/** A folder, a writer, and small files through it; `at` names them. */
function bench(t: TestContext, clock: Clock = handClock()) {
  const dir = scratch(t);
  mkdirSync(`${dir}/parts`);
  const writer = new Writer(clock);
  t.after(() => writer.close());
  const part = (at: number | string) => `${dir}/parts/${at}`;
  const final = (at: number | string) => `${dir}/${at}`;
  const write = (at: number | string, body: Uint8Array = bodyOf(0, 1, 100)) =>
    writer.write(part(at), final(at), [body.subarray(0, 7), body.subarray(7)], body.length);
  /** Counts as 256 small files that someone else wrote. */
  const many = () => {
    for (let at = 0; at < 256; at += 1) assert.equal(write(-1), null);
  };
  const run = async () => {
    many();
    for (let turns = 0; turns < 100_000 && !writer.running; turns += 1) await turn();
    assert.equal(writer.running, true, 'the thread runs');
  };
  return { dir, writer, part, final, write, many, run };
}

/** Its answer; the thread has room for it. */
async function fateOf(writing: Promise<Fate> | null): Promise<Fate> {
  assert.ok(writing !== null, 'there is room');
  return writing;
}

test('no thread for 255 small files, one for the 256th within a second, and never a second thread', {
  skip: oneCore,
}, async (t) => {
  const { writer, write, many, run, dir } = bench(t);
  for (let at = 0; at < 255; at += 1) assert.equal(write(at), null);
  assert.deepEqual([started.length, writer.running], [0, false]);
  assert.equal(write(255), null);
  assert.equal(started.length, 1);
  many();
  assert.equal(started.length, 1);
  await run();
  assert.deepEqual(readdirSync(dir), ['parts'], 'what was refused was not written');
});

test('the thread stands back behind the one that talks to the servers', {
  skip: oneCore || (process.platform !== 'linux' && 'a priority is a thread’s on Linux alone'),
}, async (t) => {
  const { run } = bench(t);
  const niceness = () =>
    readdirSync('/proc/self/task').map((id) =>
      Number(readFileSync(`/proc/self/task/${id}/stat`, 'utf8').split(') ')[1]!.split(' ')[16]),
    );
  const before = getPriority();
  await run();
  // It says so itself, once its code is loaded.
  for (let turns = 0; turns < 100_000 && !niceness().includes(10); turns += 1) await turn();
  assert.equal(niceness().filter((nice) => nice === 10).length, 1);
  assert.equal(getPriority(), before);
});

test('a slow run has no thread, however long it is; one that becomes fast has', { skip: oneCore }, (t) => {
  const clock = handClock();
  const { write, many } = bench(t, clock);
  for (let at = 0; at < 3_000; at += 1) {
    clock.time += 4;
    assert.equal(write(at), null);
  }
  assert.equal(started.length, 0);
  many();
  many();
  assert.equal(started.length, 1);
});

test('the thread writes the bytes of every size that is small, and takes none beyond its slot', {
  skip: oneCore,
}, async (t) => {
  const { dir, write, run, final, part } = bench(t);
  await run();
  for (const size of [0, 1, 6, 8, 4_095, 33_000, 130_000]) {
    const body = bytes(size, size + 1);
    assert.equal(await fateOf(write(size, body)), 'published');
    assert.equal(readFileSync(final(size)).equals(body), true, `${size} bytes`);
    assert.equal(existsSync(part(size)), false);
  }
  assert.equal(write('large', bytes(131_072)), null);
  assert.equal(await fateOf(write('日本語 ö', bytes(5))), 'published');
  assert.equal(readFileSync(`${dir}/日本語 ö`).equals(bytes(5)), true);
});

test('a burst fills its slots and no more, and every one that it took is answered in order', {
  skip: oneCore,
}, async (t) => {
  const { write, run, final } = bench(t);
  await run();
  const answered: number[] = [];
  let refused = 0;
  for (let round = 0, at = 0; round < 60; round += 1) {
    const writings = Array.from({ length: 40 }, () => {
      const mine = at++;
      const writing = write(mine, bodyOf(mine, 1, 3_000));
      if (writing === null) refused += 1;
      return writing?.then((fate) => {
        assert.equal(fate, 'published');
        assert.equal(readFileSync(final(mine)).equals(bodyOf(mine, 1, 3_000)), true);
        answered.push(mine);
      });
    });
    assert.ok(writings.slice(0, 8).every(Boolean), `round ${round} found room for 8`);
    await Promise.all(writings);
    // It sleeps now and again: then it has to be woken.
    for (let turns = round % 5; turns > 0; turns -= 1) await turn();
  }
  assert.deepEqual(
    answered,
    answered.slice().sort((a, b) => a - b),
  );
  assert.equal(answered.length + refused, 60 * 40);
});

test('a name that is taken is left alone, and the part is whole; a part that is there is not touched', {
  skip: oneCore,
}, async (t) => {
  const { dir, writer, write, run, final, part } = bench(t);
  await run();
  writeFileSync(final('file'), 'mine');
  mkdirSync(final('folder'));
  symlinkSync('nowhere', final('link'));
  for (const name of ['file', 'folder', 'link']) assert.equal(await fateOf(write(name, bytes(50))), 'written');
  assert.equal(await fateOf(writer.write(part('x'), `${dir}/gone/x`, [bytes(50)], 50)), 'written');
  for (const name of ['file', 'folder', 'link', 'x']) assert.equal(readFileSync(part(name)).equals(bytes(50)), true);
  assert.equal(readFileSync(final('file'), 'utf8'), 'mine');
  assert.equal(existsSync(`${dir}/nowhere`), false, 'nothing was written through a link');

  writeFileSync(part('there'), 'someone');
  writeFileSync(`${dir}/elsewhere`, 'safe');
  symlinkSync(`${dir}/elsewhere`, part('led'));
  for (const name of ['there', 'led', 'no/such/folder']) {
    assert.equal(await fateOf(write(name, bytes(50))), 'nothing');
    assert.equal(existsSync(final(name)), false);
  }
  assert.deepEqual(
    [readFileSync(part('there'), 'utf8'), readFileSync(`${dir}/elsewhere`, 'utf8')],
    ['someone', 'safe'],
  );
});

test('a thread that dies answers all who wait, and does nothing more', { skip: oneCore }, async (t) => {
  const { writer, write, run, final } = bench(t);
  await run();
  const writings = Array.from({ length: 8 }, (_, at) => fateOf(write(at, bodyOf(at, 1, 100_000))));
  const dying = started[0]!.terminate();
  const fates = await Promise.all(writings);
  await dying;
  assert.ok(fates.includes('nothing'), 'some were still waiting');
  for (const [at, fate] of fates.entries()) {
    if (fate === 'published') assert.equal(readFileSync(final(at)).equals(bodyOf(at, 1, 100_000)), true);
  }
  // The one in its hands may have its name, and no word of it.
  const untold = fates.filter((fate, at) => fate === 'nothing' && existsSync(final(at)));
  assert.ok(untold.length <= 1, `${untold.length} are there and were not told`);
  assert.equal(writer.running, false);
  for (let at = 0; at < 600; at += 1) assert.equal(write(`later-${at}`), null);
  assert.equal(started.length, 1);
});

test('close answers those who wait, stops the thread and starts none', { skip: oneCore }, async (t) => {
  const { writer, write, run, many } = bench(t);
  await run();
  let ended = 0;
  started[0]!.once('exit', () => (ended += 1));
  const writings = Array.from({ length: 8 }, (_, at) => fateOf(write(at)));
  await writer.close();
  const fates = new Set(await Promise.all(writings));
  fates.delete('published');
  assert.deepEqual(
    [...fates].filter((fate) => fate !== 'nothing'),
    [],
  );
  assert.equal(ended, 1);
  many();
  await writer.close();
  assert.deepEqual([started.length, writer.running], [1, false]);
});

test('close before the thread is up leaves none behind', { skip: oneCore }, async (t) => {
  const { writer, many, write } = bench(t);
  many();
  await writer.close();
  for (let turns = 0; turns < 50; turns += 1) await turn();
  assert.deepEqual([started.length, started[0]!.threadId, writer.running], [1, -1, false]);
  assert.equal(write(1), null);
});

test('where no thread can be started (a limit, Node’s permission model) the files are the caller’s, and no error', {
  skip: oneCore,
}, async (t) => {
  refuses = true;
  const { writer, many } = bench(t);
  many();
  many();
  assert.equal(writer.running, false);
});

// ── in a directory ───────────────────────────────────────────────────────────────────────────────

interface Ended {
  at: number;
  landed?: Landed;
  error?: PdlError;
}

/** Lands bodies as fast as it can, `inFlight` at a time, as receive.ts does; tells how many went elsewhere. */
async function landAll(
  sink: Directory,
  from: number,
  to: number,
  bodyAt: (at: number) => Buffer,
  {
    jobAt = (at) => named(`http://h/${at}`, pathOf(at)),
    each,
    inFlight = 16,
  }: {
    jobAt?: (at: number) => Job;
    /** Called when the thread has the body, or it has landed. */
    each?: (at: number, elsewhere: boolean) => void;
    inFlight?: number;
  } = {},
): Promise<{ ended: Ended[]; elsewhere: number }> {
  const ended: Ended[] = [];
  let elsewhere = 0;
  let next = from;
  const one = async (at: number) => {
    const job = jobAt(at);
    const body = bodyAt(at);
    try {
      const part = await sink.begin(job, head(body.length));
      await part.write(body.subarray(0, 5_000));
      await part.write(body.subarray(5_000));
      const landing = part.finish({ lengthUnknown: false });
      if (landing instanceof Promise) elsewhere += 1;
      each?.(at, landing instanceof Promise);
      const landed = await landing;
      await sink.add(job);
      ended.push({ at, landed });
    } catch (error) {
      if (!(error instanceof PdlError)) throw error;
      ended.push({ at, error });
    }
  };
  const work = async () => {
    while (next < to) await one(next++);
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return { ended, elsewhere };
}

const failed = ({ ended }: { ended: Ended[] }) => ended.filter(({ error }) => error !== undefined);
const codes = (done: { ended: Ended[] }) => failed(done).map(({ at, error }) => [at, error!.code]);
const tiny = (at: number) => bodyOf(at, 1, 100);

/** Small files until the thread is at work: it takes some ms to come up. Returns how many. */
async function warm(sink: Directory, expected = true): Promise<number> {
  let [from, elsewhere] = [0, 0];
  for (; expected ? elsewhere < 20 && from < 100_000 : from < 600; from += 100) {
    const done = await landAll(sink, from, from + 100, tiny, {
      jobAt: (at) => named(`http://warm/${at}`, `warm/${at}`),
    });
    assert.deepEqual(codes(done), []);
    elsewhere += done.elsewhere;
  }
  assert.equal(elsewhere >= 20, expected);
  return from;
}

const parts = (dir: string) => readdirSync(`${dir}/.pdl/parts`);

test('2,000 small files at full speed: every byte, every hash, every record, and no part is left', {
  skip: oneCore,
}, async (t) => {
  const dir = scratch(t);
  const sizeOf = (at: number) => (at % 97 === 0 ? 0 : at % 89 === 0 ? 300_000 : (at * 7_919) % 60_000);
  const bodies = Array.from({ length: 2_000 }, (_, at) =>
    at % 97 === 0 ? Buffer.alloc(0) : bodyOf(at, 1, sizeOf(at)),
  );
  const done = await within(dir, { sha256: true }, async (sink) => {
    await warm(sink);
    rmSync(`${dir}/warm`, { recursive: true });
    // No more at a time than find room: a main thread with nothing else to do writes most of what does not.
    return landAll(sink, 0, 2_000, (at) => bodies[at]!, { inFlight: 8 });
  });
  assert.deepEqual([started.length, started[0]!.threadId], [1, -1], 'the thread ended with its directory');
  assert.equal(done.ended.length, 2_000);
  assert.deepEqual(codes(done), []);
  assert.ok(done.elsewhere > 1_000, `${done.elsewhere} of 2,000 by the thread`);
  for (const { at, landed } of done.ended) {
    const body = bodies[at]!;
    assert.deepEqual(landed, { path: `${dir}/${pathOf(at)}`, bytes: body.length, sha256: sha256(body) });
    assert.equal(readFileSync(`${dir}/${pathOf(at)}`).equals(body), true);
  }
  assert.deepEqual(parts(dir), []);
  const found = new Map<string, boolean>();
  for await (const { path, ok } of verify(dir)) if (!path.includes('/warm/')) found.set(path, ok);
  assert.equal(found.size, 2_000);
  assert.equal(
    [...found.values()].every((ok) => ok),
    true,
  );
  const lines = readFileSync(`${dir}/.pdl/journal.ndjson`, 'utf8').trimEnd().split('\n');
  const seqs = lines.map((line) => JSON.parse(line).seq as number);
  assert.equal(new Set(seqs).size, lines.length, 'no number twice');
  const again = await within(dir, {}, (sink) =>
    bodies.map((_, at) => sink.skip(named(`http://h/${at}`, pathOf(at)))?.reason),
  );
  assert.deepEqual([...new Set(again)], ['journal']);
});

for (const existing of ['skip', 'rename'] as const) {
  test(`under ${existing}, a stranger that races for each name keeps it, or comes too late`, {
    skip: oneCore,
  }, async (t) => {
    const dir = scratch(t);
    const strangers = new Set<number>();
    const done = await within(dir, { existing }, async (sink) => {
      await warm(sink);
      return landAll(sink, 0, 1_200, (at) => bodyOf(at, 1, 2_000), {
        each(at, elsewhere) {
          if (!elsewhere) return;
          try {
            writeFileSync(`${dir}/${pathOf(at)}`, 'mine', { flag: 'wx' });
            strangers.add(at);
          } catch {
            // The thread was first.
          }
        },
      });
    });
    const theirs = failed(done).map(({ at }) => at);
    assert.deepEqual(new Set(theirs), strangers);
    for (const { at, error } of done.ended) {
      const there = readFileSync(`${dir}/${pathOf(at)}`);
      if (error === undefined) assert.equal(there.equals(bodyOf(at, 1, 2_000)), true);
      else assert.deepEqual([error.code, there.toString()], ['EXISTS', 'mine']);
    }
    t.diagnostic(`${strangers.size} strangers were first`);
    assert.ok(strangers.size > 20, `${strangers.size} strangers were first`);
    assert.deepEqual(parts(dir), []);
  });
}

test('a wrong checksum never lands, and its neighbours do', { skip: oneCore }, async (t) => {
  const dir = scratch(t);
  const isBad = (at: number) => at % 10 === 0;
  const done = await within(dir, {}, async (sink) => {
    await warm(sink);
    return landAll(sink, 0, 300, (at) => bodyOf(at, 1, 2_000), {
      jobAt: (at) =>
        named(`http://h/${at}`, pathOf(at), {
          checksum: { algorithm: 'sha256', hex: sha256(bodyOf(at, isBad(at) ? 2 : 1, 2_000)) },
        }),
    });
  });
  assert.equal(failed(done).length, 30);
  for (const { at, error } of done.ended) {
    assert.equal(error?.code, isBad(at) ? 'CHECKSUM' : undefined);
    assert.equal(existsSync(`${dir}/${pathOf(at)}`), !isBad(at));
  }
  assert.deepEqual(parts(dir), []);
});

/** What becomes of 200 files when `harm` is done after the 50th; once with the thread, once without. */
async function harmed(t: TestContext, harm: (dir: string) => void, options: Options = {}) {
  const dir = scratch(t);
  const threaded = options.remoteTime !== true;
  const said = await within(dir, options, async (sink) => {
    await warm(sink, threaded);
    const before = await landAll(sink, 0, 50, tiny);
    harm(dir);
    const after = await landAll(sink, 50, 200, tiny, { inFlight: 1 });
    assert.deepEqual(codes(before), []);
    return failed(after).map(({ at, error }) => `${at} ${error!.code} ${error!.message.replaceAll(dir, 'DIR')}`);
  });
  return { said, dir };
}

for (const [what, harm, fails] of [
  ['a parts folder that is removed', (dir: string) => rmSync(`${dir}/.pdl/parts`, { recursive: true }), 0],
  ['a .pdl that is removed', (dir: string) => rmSync(`${dir}/.pdl`, { recursive: true }), 0],
  ['a DIR that is removed', (dir: string) => rmSync(dir, { recursive: true }), 150],
  [
    'a parts folder that became a file',
    (dir: string) => {
      rmSync(`${dir}/.pdl/parts`, { recursive: true });
      writeFileSync(`${dir}/.pdl/parts`, '');
    },
    150,
  ],
  [
    'a folder that became a file',
    (dir: string) => {
      rmSync(`${dir}/sub`, { recursive: true });
      writeFileSync(`${dir}/sub`, 'mine');
    },
    50,
  ],
  [
    'a folder that became a link to elsewhere',
    (dir: string) => {
      rmSync(`${dir}/sub`, { recursive: true });
      mkdirSync(`${dir}.out`);
      symlinkSync(`${dir}.out`, `${dir}/sub`);
    },
    50,
  ],
] as const) {
  test(`${what} ends as it does without the thread: ${fails} of 150 fail`, { skip: oneCore }, async (t) => {
    const { said, dir } = await harmed(t, harm);
    const { said: without } = await harmed(t, harm, { remoteTime: true });
    assert.deepEqual(said, without);
    assert.equal(said.length, fails);
    if (existsSync(`${dir}.out`)) assert.deepEqual(readdirSync(`${dir}.out`), [], 'nothing left DIR');
    if (existsSync(`${dir}/.pdl/parts`) && fails < 150) assert.deepEqual(parts(dir), []);
  });
}

test('a disk that fills up: DISK, no half file, no part, nothing open; with room again all land', {
  skip: oneCore,
}, async (t) => {
  const dir = realpathSync(scratch(t));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', dir], { stdio: 'ignore' }).status === 0;
  if (!mounted) return t.skip('only root may mount');
  const body = (at: number) => bodyOf(at, 1, 50_000);
  try {
    let landed = 0;
    await within(dir, {}, async (sink) => {
      await warm(sink);
      const done = await landAll(sink, 0, 400, body);
      landed = done.ended.length - failed(done).length;
      assert.ok(failed(done).length > 10 && landed > 10, `${landed} landed`);
      for (const { at, error } of failed(done)) {
        assert.deepEqual([error!.code, error!.facts.reason], ['DISK', 'ENOSPC']);
        assert.match(error!.message, /no space left/);
        const path = `${dir}/${pathOf(at)}`;
        // A journal without room fails a line whose file is there.
        if (existsSync(path)) assert.equal(readFileSync(path).equals(body(at)), true);
      }
      for (const { at, error } of done.ended)
        if (!error) assert.equal(readFileSync(`${dir}/${pathOf(at)}`).equals(body(at)), true);
      assert.deepEqual(parts(dir), []);
    });
    execFileSync('mount', ['-o', 'remount,size=60m', dir]);
    await within(dir, {}, async (sink) => {
      const left = Array.from({ length: 400 }, (_, at) => at).filter(
        (at) => sink.skip(named(`http://h/${at}`, pathOf(at))) === null,
      );
      assert.ok(left.length <= 400 - landed);
      const done = await landAll(sink, 0, left.length, (at) => body(left[at]!), {
        jobAt: (at) => named(`http://h/${left[at]}`, pathOf(left[at]!)),
      });
      assert.deepEqual(codes(done), []);
    });
    for (let at = 0; at < 400; at += 1) assert.equal(readFileSync(`${dir}/${pathOf(at)}`).equals(body(at)), true);
  } finally {
    const { status } = spawnSync('umount', [dir], { stdio: 'ignore' });
    if (status !== 0) execFileSync('umount', ['-l', dir]);
    assert.equal(status, 0, 'a file is left open');
  }
});

/** Sets how many files this process may have open; false where that is not possible. */
function allowOpen(count: number): boolean {
  const { pid } = process;
  return spawnSync('prlimit', ['--pid', `${pid}`, `--nofile=${count}:`], { stdio: 'ignore' }).status === 0;
}

test('without a free file handle the files wait for one, those of the thread too, and none fails', {
  skip: oneCore,
}, async (t) => {
  const dir = scratch(t);
  const before = Number(/open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);
  const handles: number[] = [];
  const done = await within(dir, {}, async (sink) => {
    await warm(sink);
    if (!allowOpen(200)) return null;
    try {
      for (;;) handles.push(openSync('/dev/null', 'r'));
    } catch {
      // Now there is none left.
    }
    let landed = 0;
    const landing = landAll(sink, 0, 40, tiny).finally(() => (landed += 1));
    for (let turns = 0; turns < 2_000; turns += 1) await turn();
    assert.equal(landed, 0, 'they wait');
    for (const handle of handles.splice(0)) closeSync(handle);
    return landing;
  }).finally(() => {
    for (const handle of handles) closeSync(handle);
    allowOpen(before);
  });
  if (done === null) return t.skip('prlimit is not installed');
  assert.deepEqual(codes(done), []);
  for (const { at } of done.ended) assert.equal(readFileSync(`${dir}/${pathOf(at)}`).equals(tiny(at)), true);
  assert.deepEqual(parts(dir), []);
});

test('a thread that dies in the middle costs no file: the main thread does its work', { skip: oneCore }, async (t) => {
  const dir = scratch(t);
  const done = await within(dir, {}, async (sink) => {
    await warm(sink);
    return landAll(sink, 0, 500, (at) => bodyOf(at, 1, 20_000), {
      each: (at) => at === 200 && void started[0]!.terminate(),
    });
  });
  for (const { at } of done.ended)
    assert.equal(readFileSync(`${dir}/${pathOf(at)}`).equals(bodyOf(at, 1, 20_000)), true);
  assert.equal(done.ended.length, 500);
  // The one in its hands may have its name already; then it is there, and said to be there.
  assert.ok(failed(done).length <= 1 && failed(done).every(({ error }) => error!.code === 'EXISTS'));
  assert.deepEqual(parts(dir), []);
});

test('where no thread can be started a fast directory goes on without', { skip: oneCore }, async (t) => {
  refuses = true;
  const dir = scratch(t);
  const done = await within(dir, {}, (sink) => landAll(sink, 0, 600, tiny));
  assert.deepEqual(codes(done), []);
  assert.equal(done.ended.length, 600);
});

for (const options of [
  { remoteTime: true },
  { fsync: true },
  { existing: 'overwrite' },
  { existing: 'refresh' },
] as const) {
  test(`with ${JSON.stringify(options)} no thread is started`, async (t) => {
    const done = await within(scratch(t), options, (sink) => landAll(sink, 0, 600, tiny));
    assert.deepEqual(codes(done), []);
    assert.equal(started.length, 0);
  });
}
