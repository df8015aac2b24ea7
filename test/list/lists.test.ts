import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { PdlError, UsageError } from '../../src/errors.ts';
import { type Input, type ListOptions, openLists } from '../../src/list/lists.ts';
import type { Entry } from '../../src/types.ts';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'pdl-lists-'));
after(() => fs.rmSync(dir, { recursive: true, force: true }));

let files = 0;
function file(text: string | Uint8Array, name = `${++files}.txt`): Input & { path: string } {
  const full = path.join(dir, name);
  fs.writeFileSync(full, text);
  return { kind: 'file', path: full };
}

const stdin = (stream: NodeJS.ReadableStream): Input => ({ kind: 'stdin', stream });
const url = (text: string): Input => ({ kind: 'url', text });

function open(inputs: Input[], options: Partial<ListOptions> = {}) {
  return openLists(inputs, { format: 'auto', glob: 'arguments', warn: () => {}, ...options });
}

async function all(inputs: Input[], options: Partial<ListOptions> = {}): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of await open(inputs, options)) entries.push(entry);
  return entries;
}

const urls = (entries: Entry[]) => entries.map(({ url, problem }) => problem ?? url);

test('lists are read one after the other, and each line knows where it stands', async () => {
  const list = file('# x\nhttp://h/a\n');
  const stream = new PassThrough();
  stream.end('http://h/b');
  const entries = await all([list, stdin(stream), url('http://h/c'), url('http://h/d'), list]);
  assert.deepEqual(
    entries.map(({ origin }) => [origin?.source, origin?.number, origin?.text]),
    [
      [list.path, 2, 'http://h/a'],
      ['-', 1, 'http://h/b'],
      ['argv', 1, 'http://h/c'],
      ['argv', 2, 'http://h/d'],
      [list.path, 2, 'http://h/a'],
    ],
  );
});

test('good lines are jobs already, bad ones say why, and both are counted', async () => {
  const lists = await open([file('# x\nhttp://h/a\n\nftp://h\n')]);
  const entries: Entry[] = [];
  for await (const entry of lists) entries.push(entry);
  assert.match((entries[0] as Entry & { id: string }).id, /^[0-9a-f]{32}$/);
  assert.equal(entries[1]?.problem, 'only http:// and https:// URLs are fetched');
  assert.deepEqual(lists.counts, { lines: 4, urls: 2, bad: 1 });
});

test('a list that cannot be opened is refused by name before any is read', async () => {
  const fine = new PassThrough();
  const table: [Input, RegExp][] = [
    [{ kind: 'file', path: path.join(dir, 'none') }, /none: there is no such file \(a list is a file, - for stdin/],
    [{ kind: 'file', path: dir }, /: it is a directory \(name a list in it\)$/],
    [{ kind: 'file', path: path.join(file('').path, 'x') }, /: a part of its path is no directory$/],
    [url('http://h/[3-1]'), /^Cannot expand "http:\/\/h\/\[3-1\]": there is a bad range in column 10 \(--no-glob/],
  ];
  for (const [input, message] of table)
    await assert.rejects(
      open([stdin(fine), input]),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  assert.equal(fine.destroyed, true);
});

test('a list without permission says so', {
  skip: process.getuid?.() === 0 && 'root may read everything',
}, async () => {
  const list = file('http://h/');
  fs.chmodSync(list.path, 0);
  await assert.rejects(open([list]), /there is no permission to read it/);
});

test('a list that vanishes or breaks while it is read tells source and line', async () => {
  const list = file('http://h/a\n');
  const lists = await open([list]);
  fs.rmSync(list.path);
  await assert.rejects(
    async () => {
      for await (const _ of lists);
    },
    (error) => error instanceof PdlError && error.code === 'LIST' && /after line 0: it is gone$/.test(error.message),
  );
  const stream = new PassThrough();
  stream.write('http://h/a\n');
  const seen: string[] = [];
  await assert.rejects(async () => {
    for await (const { url } of await open([stdin(stream)])) {
      seen.push(url);
      stream.destroy(Object.assign(new Error('gone'), { code: 'EIO' }));
    }
  }, /^PdlError: Cannot read - after line 1: EIO$/);
  assert.deepEqual(seen, ['http://h/a']);
});

test('gzip is known by its first bytes, in files and pipes, by any name', async () => {
  const zipped = gzipSync('http://h/a\nhttp://h/b\n');
  assert.deepEqual(urls(await all([file(zipped, 'zipped.txt')])), ['http://h/a', 'http://h/b']);
  assert.deepEqual(urls(await all([file(gzipSync('url\nhttp://h/a'), 'list.csv.gz')])), ['http://h/a']);
  assert.deepEqual(urls(await all([file('http://h/plain', 'plain.txt.gz')])), ['http://h/plain']);
  const bytes = [...Buffer.concat([zipped, zipped])].map((byte) => Buffer.from([byte]));
  assert.equal((await all([stdin(Readable.from(bytes))])).length, 4);
});

test('damaged gzip ends the list with its line, after what could be read', async () => {
  const zipped = gzipSync('http://h/a\n'.repeat(100_000), { level: 0 });
  const lists = await open([file(zipped.subarray(0, 500_000))]);
  await assert.rejects(async () => {
    for await (const _ of lists);
  }, /LIST|after line \d{4,}: its gzip data is damaged$/);
  assert.ok(lists.counts.urls > 1000);
});

test('100 bad lines and no good one stop a list; its first bad line is shown, cut and escaped (L4)', async () => {
  const garbage = `\x1b[2J${'x'.repeat(500)}\n`.repeat(300);
  const lists = await open([file(garbage)]);
  const seen: Entry[] = [];
  await assert.rejects(
    async () => {
      for await (const entry of lists) seen.push(entry);
    },
    (error) =>
      error instanceof PdlError &&
      error.code === 'LIST' &&
      /: its first 100 lines are no URLs \(line 1, "\\x1b\[2Jx{60,80}…": it is no URL\)$/.test(error.message),
  );
  assert.equal(seen.length, 99);
  const good = file(`http://h/\n${garbage}`);
  assert.equal((await all([good])).length, 301);
});

test('the end of the lists is told once, when all is counted; not to who leaves before', async () => {
  const ends: number[] = [];
  const inputs = () => [file('http://h/1\nnonsense\n'), file('http://h/2\n')];
  for (const most of [9, 3, 2]) {
    const lists = await open(inputs());
    lists.onEnd = () => ends.push(lists.counts.urls);
    let taken = 0;
    for await (const _ of lists) if (++taken === most) break;
    await lists.close();
  }
  assert.deepEqual(ends, [3]);
});

test('random bytes as a list end at once (L4)', async () => {
  if (!fs.existsSync('/dev/urandom')) return;
  const lists = await open([{ kind: 'file', path: '/dev/urandom' }]);
  await assert.rejects(async () => {
    for await (const _ of lists);
  }, /lines are no URLs|UTF-16|gzip/);
});

test('ranges are expanded in arguments, in lists only when asked, nowhere with never', async () => {
  const list = file('http://h/[1-2]\nhttp://h/[9-\n');
  const both = [list, url('http://h/{a,b}')];
  assert.deepEqual(urls(await all(both)), ['http://h/[1-2]', 'http://h/[9-', 'http://h/a', 'http://h/b']);
  assert.deepEqual(
    urls(await all(both, { glob: 'everywhere' })).map((text) => text.slice(0, 17)),
    ['http://h/1', 'http://h/2', 'there is no range', 'http://h/a', 'http://h/b'],
  );
  assert.deepEqual(urls(await all([url('http://h/{a,b}')], { glob: 'never' })), ['http://h/%7Ba,b%7D']);
  const [one] = await all([file('http://h/[1-1]\n  out=x')], { glob: 'everywhere' });
  assert.equal(one?.origin?.text, 'http://h/1\n  out=x');
});

test('warnings name the list and the line, each once', async () => {
  const warnings: string[] = [];
  const list = file('http://h/a\thttp://m/a\n  split=2\nhttp://h/b\thttp://m/b\n  split=3\n');
  await all([list], { format: 'aria2', warn: (text) => warnings.push(text) });
  assert.deepEqual(
    warnings.map((text) => text.replace(/^.* line /, '')),
    [
      '1: mirrors after a TAB are not used, only the first URL is (said once)',
      '2: the option split= is not used (said once)',
    ],
  );
});

test('a list is read no further ahead than 256 kB', async () => {
  const list = file('http://h/a\n'.repeat(100_000));
  const lists = await open([list]);
  for await (const _ of lists) if (lists.counts.urls === 10) break;
  assert.ok(lists.counts.lines * 11 <= 262_144, String(lists.counts.lines));
});

test('lines of a pipe come before its end, each at once', async () => {
  const stream = new PassThrough();
  const entries = (await open([stdin(stream)]))[Symbol.asyncIterator]();
  for (const name of ['a', 'b', 'c']) {
    stream.write(`http://h/${name}\nhttp://h/unfini`);
    assert.equal((await entries.next()).value?.url, `http://h/${name}`);
    stream.write('shed\n');
    assert.equal((await entries.next()).value?.url, 'http://h/unfinished');
  }
  await entries.return?.();
});

test('leaving ends a pending read of a stream that stays open', async () => {
  const stream = new PassThrough();
  const lists = await open([stdin(stream), url('http://h/')]);
  const entries = lists[Symbol.asyncIterator]();
  const pending = entries.next();
  await new Promise((resume) => setImmediate(resume));
  await entries.return?.();
  assert.equal((await pending).done, true);
  assert.equal(stream.destroyed, true);
});

test('stdin twice is read once, as cat reads it', async () => {
  const stream = new PassThrough();
  stream.end('http://h/a\n');
  assert.deepEqual(urls(await all([stdin(stream), stdin(stream)])), ['http://h/a']);
});

/** A process that takes one URL of its list and leaves. */
function leaver(list: string) {
  const program = `
    import { openLists } from ${JSON.stringify(pathToFileURL(path.resolve('src/list/lists.ts')).href)};
    const input = ${list === '-' ? `{ kind: 'stdin', stream: process.stdin }` : JSON.stringify({ kind: 'file', path: list })};
    for await (const { url } of await openLists([input], { format: 'auto', glob: 'arguments', warn() {} })) {
      console.log(url);
      break;
    }`;
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

test('a process that leaves its list early ends while its stdin stays open', { timeout: 30_000 }, async () => {
  const child = leaver('-');
  child.stdin.write('http://h/a\n');
  const out = child.stdout.toArray();
  await once(child, 'close');
  assert.deepEqual([child.exitCode, String(await out)], [0, 'http://h/a\n']);
});

// A read by the thread pool would hold the process until the writer ends.
test('a process that leaves a named pipe ends while its writer stays', { timeout: 30_000 }, async () => {
  const fifo = path.join(dir, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const writer = spawn('sh', ['-c', `exec 3> "${fifo}"; echo http://h/a >&3; exec sleep 60 >&3`], { stdio: 'ignore' });
  const child = leaver(fifo);
  const out = child.stdout.toArray();
  await once(child, 'close');
  assert.deepEqual([child.exitCode, writer.exitCode, String(await out)], [0, null, 'http://h/a\n']);
  writer.kill();
  await once(writer, 'exit');
});
