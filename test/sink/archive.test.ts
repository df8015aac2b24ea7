import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import fc from 'fast-check';
import { openArchive } from '../../src/sink/archive.ts';
import { duplicates } from '../../src/sink/duplicates.ts';
import type { Kept } from '../../src/types.ts';
import { listed, scratch } from './support.ts';

const kept = { status: 'saved' } as Kept;

test('what is added is skipped by the next run, whichever list it comes from', async (t) => {
  const path = `${scratch(t)}/archive.txt`;
  const first = await openArchive(path);
  assert.equal(first.skip(listed('http://h/a')), null);
  await first.add(listed('http://user:secret@h/a#part'), kept);
  assert.equal(readFileSync(path, 'utf8'), 'url http://h/a\n');
  await first.close();
  const second = await openArchive(path);
  assert.deepEqual(second.skip(listed('http://h/a', { name: 'other.jpg' })), { status: 'skipped', reason: 'archive' });
  assert.equal(second.skip(listed('http://h/ab')), null);
  await second.close();
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('an archive of yt-dlp, with CRLF, comments and a torn last line, is read and continued', async (t) => {
  const path = `${scratch(t)}/archive.txt`;
  writeFileSync(path, 'youtube dQw4w9WgXcQ\r\nurl http://h/a\r\n\n# hand-made\nurl http://h/b\nurl http://h/c');
  const archive = await openArchive(path);
  assert.ok(archive.skip(listed('http://h/a')) && archive.skip(listed('http://h/b')));
  assert.equal(archive.skip(listed('http://h/c')), null);
  await archive.add(listed('http://h/d'), kept);
  await archive.close();
  assert.match(readFileSync(path, 'utf8'), /url http:\/\/h\/c\nurl http:\/\/h\/d\n$/);
});

test('a URL saved under one name in this run does not skip its line with another', async (t) => {
  const archive = await openArchive(`${scratch(t)}/archive.txt`);
  await archive.add(listed('http://h/a', { name: '1' }), kept);
  assert.equal(archive.skip(listed('http://h/a', { name: '2' })), null);
  await archive.close();
});

test('an archived line is marked when it is met; one with a name or userinfo is no twin of it', async (t) => {
  const path = `${scratch(t)}/archive.txt`;
  writeFileSync(path, 'url http://h/a\n');
  const archive = await openArchive(path);
  assert.equal(archive.meet(listed('http://h/b')), null);
  assert.equal(archive.meet(listed('http://h/a', { name: 'a' })), null);
  assert.equal(archive.meet(listed('http://u@h/a')), null);
  assert.equal(archive.meet(listed('http://h/a#1')), true);
  assert.equal(archive.meet(listed('http://h/a')), false);
  await archive.close();
});

test('whatever is archived, the same lines are duplicates', async (t) => {
  const path = `${scratch(t)}/archive.txt`;
  const paths = ['a', 'b', 'c', 'd@e'];
  const line = fc.record({
    path: fc.constantFrom(...paths),
    user: fc.constantFrom('', 'u@', 'u:p@'),
    name: fc.constantFrom(undefined, '1', '2'),
  });
  await fc.assert(
    fc.asyncProperty(fc.subarray(paths), fc.array(line, { maxLength: 40, size: 'max' }), async (archived, lines) => {
      writeFileSync(path, archived.map((of) => `url http://h/${of}\n`).join(''));
      const archive = await openArchive(path);
      const [aware, plain] = [duplicates({ named: false }, archive), duplicates()];
      for (const { path: of, user, name } of lines) {
        const job = listed(`http://${user}h/${of}`, name === undefined ? {} : { name });
        assert.deepEqual(aware.skip(job), plain.skip(job));
      }
      await archive.close();
    }),
  );
});

test('four processes that share an archive write whole lines only', async (t) => {
  const path = `${scratch(t)}/archive.txt`;
  const program = `
    import { openArchive } from ${JSON.stringify(new URL('../../src/sink/archive.ts', import.meta.url).href)};
    const archive = await openArchive(process.argv[1]);
    await Promise.all(Array.from({ length: 500 }, async (_, at) => {
      for (let turn = 0; turn < at % 7; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await archive.add({ url: 'http://h/' + process.pid + '/' + at + '/' + 'x'.repeat(at) }, {});
    }));
    await archive.close();`;
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program, path], { stdio: 'inherit' }),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
  assert.deepEqual(codes, [0, 0, 0, 0]);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  assert.equal(new Set(lines).size, 2000);
  for (const line of lines) {
    const [, at, fill] = /^url http:\/\/h\/\d+\/(\d+)\/(x*)$/.exec(line) ?? assert.fail(line);
    assert.equal(fill!.length, Number(at));
  }
});

test('an archive that is a named pipe is refused, /dev/null is an empty one', { timeout: 20_000 }, async (t) => {
  const path = `${scratch(t)}/archive.txt`;
  execFileSync('mkfifo', [path]);
  await assert.rejects(openArchive(path), { code: 'DISK', message: /: a named pipe is there/ });
  const archive = await openArchive('/dev/null');
  await archive.add(listed('http://h/a'), kept);
  await archive.close();
});

test('an archive that cannot be written is a DISK error', async (t) => {
  const dir = scratch(t);
  execFileSync('mkdir', [`${dir}/archive.txt`]);
  await assert.rejects(openArchive(`${dir}/archive.txt`), { code: 'DISK' });
  await assert.rejects(openArchive(`${dir}/nowhere/archive.txt`), { code: 'DISK' });
});
