import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import test from 'node:test';
import type { Options } from '../../src/options.ts';
import { diskError } from '../../src/sink/disk.ts';
import { freeBytes } from '../../src/sink/free.ts';
import { FileStream } from '../../src/sink/stream.ts';
import { bodyOf, isWholeBody, listed, pathOf, type Said, saveAll, scratch, startChild, within } from './support.ts';

/** Why faults cannot be injected here, or false. */
const noStrace = (() => {
  const { status } = spawnSync('strace', ['-e', 'trace=none', 'true'], { stdio: 'ignore' });
  return status === 0 ? false : 'strace is not installed, or may not trace here';
})();

const part = (dir: string, at: number) => `${dir}/.pdl/parts/${listed(`http://h/${at}`).id}.part`;

/** Saves files of those sizes while the kernel answers the named call on `path` with an error. */
async function starved(
  dir: string,
  path: string,
  fault: string,
  sizes: number[],
  options: Options = {},
): Promise<Said[]> {
  const [call = ''] = fault.split(':');
  const wrap = ['strace', '-f', '-qq', '-o', '/dev/null', '-P', path, '-e', `trace=${call}`, '-e', `inject=${fault}`];
  const child = startChild({ options: { ...options, dir }, sizes, version: 1, workers: 2 }, wrap);
  return (await child.ended).filter(({ ready }) => !ready);
}

/** Saves the same in this process, with nothing in its way. */
async function saveHere(dir: string, sizes: number[]): Promise<Said[]> {
  const said: Said[] = [];
  await within(dir, {}, (sink) => saveAll(sink, { sizes, version: 1, workers: 1 }, (one) => said.push(one)));
  return said;
}

const small = 20_000;
/** More pieces than the pool has threads: faults are counted for each thread. */
const large = 7_000_000;

/** Fault, size of the body, what comes of it. `keeps`: the part stays for the next run. */
const faults: readonly [fault: string, size: number, reason: string, message: RegExp, keeps?: true][] = [
  [
    'openat:error=ENOSPC',
    small,
    'ENOSPC',
    /\(no space left\): .* free, .* needed\. Free some and run the same command again$/,
  ],
  ['openat:error=EACCES', large, 'EACCES', /permission denied/],
  ['writev,write,pwritev,pwrite64:error=ENOSPC', small, 'ENOSPC', /no space left/],
  ['writev,write,pwritev,pwrite64:error=ENOSPC:when=2+', large, 'ENOSPC', /no space left/, true],
  ['writev,write,pwritev,pwrite64:error=EDQUOT:when=2+', large, 'EDQUOT', /quota used up/, true],
  ['writev,write,pwritev,pwrite64:error=EIO:when=2+', large, 'EIO', /input\/output error/, true],
  ['close:error=ENOSPC', small, 'ENOSPC', /no space left/],
  ['linkat,link:error=EXDEV', small, 'EXDEV', /another file system/],
];

for (const [fault, size, reason, message, keeps] of faults) {
  test(`${fault} on ${size} bytes: DISK, nothing under a final name, and the next run completes`, {
    skip: noStrace,
  }, async (t) => {
    const dir = realpathSync(scratch(t));
    const said = await starved(dir, part(dir, 1), fault, [small, size, small]);
    const failed = said.filter(({ code }) => code);
    assert.deepEqual(
      failed.map(({ at, code, reason: why }) => [at, code, why]),
      [[1, 'DISK', reason]],
    );
    assert.match(failed[0]!['message'], message);
    assert.equal(!existsSync(`${dir}/1`), true);
    assert.equal(said.filter(({ path }) => path).length, 2, 'the other files landed');
    if (keeps) assert.equal(statSync(part(dir, 1)).size > 0, true);
    else if (size === small) assert.deepEqual(readdirSync(`${dir}/.pdl/parts`), []);
    const again = await saveHere(dir, [small, size, small]);
    const saved = again.find(({ path }) => path === `${dir}/1`)!;
    if (keeps) assert.equal(saved['resumedFrom'] > 0, true);
    assert.equal(isWholeBody(readFileSync(`${dir}/1`)), true);
    assert.deepEqual(readdirSync(`${dir}/.pdl/parts`), []);
  });
}

for (const size of [small, large]) {
  test(`${size} bytes without a free file handle (EMFILE): a pause, no failure`, { skip: noStrace }, async (t) => {
    const dir = realpathSync(scratch(t));
    const said = await starved(dir, part(dir, 0), 'openat:error=EMFILE:when=1..4', [size]);
    assert.equal(said[0]?.['path'], `${dir}/sub/0`);
    assert.equal(isWholeBody(readFileSync(`${dir}/sub/0`)), true);
  });

  test(`${size} bytes where the file system has no hard links: published all the same, and never over a stranger`, {
    skip: noStrace,
  }, async (t) => {
    const dir = realpathSync(scratch(t));
    const noLinks = 'linkat,link:error=EPERM';
    const said = await starved(dir, part(dir, 1), noLinks, [size, size]);
    assert.equal(
      said.some(({ path }) => path === `${dir}/1`),
      true,
    );
    assert.equal(isWholeBody(readFileSync(`${dir}/1`)), true);
    writeFileSync(`${dir}/1`, 'mine');
    rmSync(`${dir}/.pdl`, { recursive: true });
    // `rename` asks for no file on disk once the name is given, as it is here.
    const [refused] = await starved(dir, part(dir, 1), noLinks, [size, size], { existing: 'rename' }).then((all) =>
      all.filter(({ at }) => at === 1),
    );
    assert.equal(refused?.['code'], 'EXISTS');
    assert.equal(readFileSync(`${dir}/1`, 'utf8'), 'mine');
    assert.deepEqual(readdirSync(`${dir}/.pdl/parts`), []);
  });
}

test('EIO on fsync: the file fails and its part is not trusted', { skip: noStrace }, async (t) => {
  const dir = realpathSync(scratch(t));
  const said = await starved(dir, part(dir, 0), 'fdatasync,fsync:error=EIO', [large], { fsync: true });
  assert.deepEqual([said[0]?.['code'], said[0]?.['reason']], ['DISK', 'EIO']);
  assert.deepEqual(readdirSync(`${dir}/.pdl/parts`), []);
});

test('a journal that cannot be written fails its lines, and the next run takes no torn record for true', {
  skip: noStrace,
}, async (t) => {
  const dir = realpathSync(scratch(t));
  const said = await starved(dir, `${dir}/.pdl/journal.ndjson`, 'write,pwrite64:error=ENOSPC:when=1', [
    small,
    small,
    small,
    small,
  ]);
  const failed = said.filter(({ code }) => code);
  assert.equal(failed.length > 0 && failed.every(({ code, reason }) => code === 'DISK' && reason === 'ENOSPC'), true);
  const again = await saveHere(dir, [small, small, small, small]);
  assert.deepEqual(new Set(again.map(({ reason }) => reason).filter(Boolean)), new Set(['journal', 'exists']));
});

test('a disk that really fills up: one clear message, parts kept, no half file', async (t) => {
  const dir = realpathSync(scratch(t));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', dir], { stdio: 'ignore' }).status === 0;
  if (!mounted) return t.skip('only root may mount');
  try {
    const sizes = [300_000, 800_000, 3_500_000, 300_000, 2_000_000];
    const said = await saveHere(dir, sizes);
    const failed = said.filter(({ code }) => code);
    assert.equal(failed.length > 0, true);
    for (const { code, reason, message } of failed) {
      assert.deepEqual([code, reason], ['DISK', 'ENOSPC']);
      assert.match(message, /^Cannot write to .* \(no space left\): .* free, .* needed\. Free some/);
    }
    for (const [at, size] of sizes.entries()) {
      const path = `${dir}/${pathOf(at)}`;
      if (existsSync(path)) assert.equal(readFileSync(path).equals(bodyOf(at, 1, size)), true);
    }
    assert.ok(statSync(part(dir, 2)).size > 1_000_000, 'the large part is kept');
    execFileSync('mount', ['-o', 'remount,size=20m', dir]);
    const again = await saveHere(dir, sizes);
    assert.equal(
      again.some(({ path, resumedFrom }) => path === `${dir}/2` && resumedFrom > 1_000_000),
      true,
    );
    for (const [at, size] of sizes.entries()) {
      assert.equal(readFileSync(`${dir}/${pathOf(at)}`).equals(bodyOf(at, 1, size)), true);
    }
    assert.equal((await freeBytes(dir)) < 20_000_000, true);
  } finally {
    // Busy would mean that a file was left open.
    const { status } = spawnSync('umount', [dir], { stdio: 'ignore' });
    if (status !== 0) execFileSync('umount', ['-l', dir]);
    assert.equal(status, 0, 'a file is left open');
  }
});

test('a write that the disk takes only in part is heard', async (t) => {
  const dir = realpathSync(scratch(t));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir], { stdio: 'ignore' }).status === 0;
  if (!mounted) return t.skip('only root may mount');
  const fd = openSync(`${dir}/file`, 'w');
  try {
    const stream = new FileStream(fd, 0, { bytes: 0, limit: 10_000_000 });
    void stream.write(Buffer.alloc(1_500_000));
    await assert.rejects(stream.flush(), { code: 'ENOSPC' });
    assert.equal(stream.written, statSync(`${dir}/file`).size);
  } finally {
    closeSync(fd);
    execFileSync('umount', ['-l', dir]);
  }
});

test('an error without errno is passed on as it is', () => {
  const bug = new TypeError('a bug');
  assert.equal(diskError(bug, 'out'), bug);
});
