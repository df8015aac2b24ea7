import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import type { ErrorCode } from '../../src/errors.ts';
import { PdlError, UsageError } from '../../src/errors.ts';
import { formatOf } from '../../src/list/formats/format.ts';
import { intake } from '../../src/list/intake.ts';
import { openLists } from '../../src/list/lists.ts';
import { type FailedList, type FailedOptions, openFailed } from '../../src/report/failed.ts';
import { formatOf as formatOfFailed } from '../../src/report/failed-entry.ts';
import type { Entry, Failed, Job } from '../../src/types.ts';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'pdl-failed-'));
after(() => fs.rmSync(dir, { recursive: true, force: true }));
const at = (name: string) => path.join(dir, name);

const told = { seq: 1, at: '', attempts: 1, queuedMs: 0, waitedMs: 0, durationMs: 0, status: 'failed' as const };

function failed(job: Job, code: ErrorCode = 'RESET', permanent = false): Failed {
  const { source, number: line, text } = job.origin;
  return {
    ...told,
    source,
    line,
    url: job.url,
    job,
    text,
    error: { code, message: `Cannot fetch it: ${code}` },
    permanent,
  };
}

function badLine(text: string, source: string): Failed {
  const error = { code: 'BAD_LINE' as const, message: 'Cannot read it: it is odd' };
  return { ...told, source, line: 1, url: '', text, error, permanent: true };
}

/** Reads lists as a run does: the good jobs with their names given, the others as failed results. */
async function run(paths: string[], format: FailedList['format'] = 'auto'): Promise<Failed[]> {
  const lists = await openLists(
    paths.map((path) => ({ kind: 'file', path })),
    { format, glob: 'arguments', warn() {} },
  );
  const results: Failed[] = [];
  const name = (job: Job, index: number) => job.name ?? `given-${index}`;
  for await (const taken of intake(lists, { twin: () => null, name, mine: () => true }))
    results.push('job' in taken ? failed(taken.job) : badLine(taken.origin.text, taken.origin.source));
  return results;
}

function write(file: string, results: Failed[], lists: FailedList[] = [], options?: FailedOptions): string {
  const out = openFailed(at(file), lists, options);
  for (const result of results) out.add(result);
  out.close();
  return fs.readFileSync(at(file), 'utf8');
}

/** What a list says, apart from where it says it. */
async function entries(file: string): Promise<Omit<Entry, 'origin'>[]> {
  const lists = await openLists([{ kind: 'file', path: at(file) }], {
    format: 'auto',
    glob: 'arguments',
    warn: assert.fail,
  });
  const read: Omit<Entry, 'origin'>[] = [];
  for await (const { origin: _, ...entry } of lists) read.push(entry);
  return read;
}

const sum = 'a'.repeat(64);
const lists: Record<string, string> = {
  'in.txt': `http://u:p@h/a#top\nhttp://h/b\n  out=b b.jpg\n  header=A: b: c\n  checksum=sha-256=${sum}\n  column.x=y\nhttp://h/c\n`,
  'in.csv': `url,out,sha512,header.A,title,__proto__\nhttp://h/a,a,${'b'.repeat(128)},x,"one, ""2""\nthree",p\nhttp://h/b,,,," y",\n`,
  'in.tsv': `url\tmd5\ttitle\nhttp://h/a\t${'c'.repeat(32)}\t5" disk\nhttp://h/b\t\tplain\n`,
  'in.jsonl': `{"url":"http://h/a","out":"a/b","checksum":"sha1:${'d'.repeat(40)}","headers":{"A":"b"},"k k=":"\\tv\\n"}\n{"url":"http://h/b"}\n`,
};
for (const [name, text] of Object.entries(lists)) fs.writeFileSync(at(name), text);

test('whatever the list and the ending of FILE, feeding it back gives the same jobs', async () => {
  for (const list of Object.keys(lists)) {
    const results = await run([at(list)]);
    const before = await entries(list);
    assert.ok(before.length >= 2);
    for (const file of ['out.txt', 'out', 'out.csv', 'out.jsonl', 'out.ndjson']) {
      write(file, results, [{ path: at(list), format: 'auto' }]);
      assert.deepEqual(await entries(file), before, `${list} to ${file}`);
    }
  }
});

test('lines of several lists share one FILE', async () => {
  const paths = Object.keys(lists).map(at);
  const results = await run(paths);
  const before = (await Promise.all(Object.keys(lists).map(entries))).flat();
  for (const file of ['all.txt', 'all.csv', 'all.jsonl']) {
    write(
      file,
      results,
      paths.map((path) => ({ path, format: 'auto' })),
    );
    assert.deepEqual(await entries(file), before, file);
  }
});

test('lines stand as given, each below its reason', async () => {
  const text = write('given.txt', await run([at('in.txt')]), [{ path: at('in.txt'), format: 'lines' }]);
  assert.equal(text.replace(/^# RESET transient: Cannot fetch it: RESET\n/gm, ''), lists['in.txt']);
  assert.equal(text.match(/^# RESET/gm)?.length, 3);
});

test('permanent and transient are told apart, and the reason is one safe line', async () => {
  const [one] = await run([at('in.txt')]);
  const result: Failed = {
    ...one!,
    permanent: true,
    error: { code: 'HTTP_STATUS', message: 'Cannot\nhttp://evil/\x1b' },
  };
  assert.match(write('reason.txt', [result]), /^# HTTP_STATUS permanent: Cannot\\nhttp:\/\/evil\/\\x1b\nhttp:/);
});

test('an aria2 list keeps mirrors and unknown options as comments', async () => {
  fs.writeFileSync(at('a2'), 'http://h/a\thttp://m/a\n  out=x\n  split=5\nhttp://h/b\n');
  const results = await run([at('a2')], 'aria2');
  const text = write('a2.txt', results, [{ path: at('a2'), format: 'aria2' }]);
  assert.match(text, /\nhttp:\/\/h\/a\n# mirror http:\/\/m\/a\n {2}out=x\n# {2}split=5\n/);
  assert.deepEqual(
    (await entries('a2.txt')).map(({ url, name }) => [url, name]),
    [
      ['http://h/a', 'x'],
      ['http://h/b', undefined],
    ],
  );
});

test('names that pdl gave are kept only when asked', async () => {
  const results = await run([at('in.txt')]);
  const list = [{ path: at('in.txt'), format: 'lines' as const }];
  write('names.txt', results, list, { names: 'all' });
  assert.deepEqual(
    (await entries('names.txt')).map(({ name }) => name),
    ['given-1', 'b b.jpg', 'given-3'],
  );
  write('names.jsonl', await run([at('in.jsonl')]), [{ path: at('in.jsonl'), format: 'auto' }], { names: 'all' });
  assert.deepEqual(
    (await entries('names.jsonl')).map(({ name }) => name),
    ['a/b', 'given-2'],
  );
});

test('a bad line is given back where it stays bad, else it is a comment', () => {
  const from = (format: FailedList['format']): FailedList[] => [{ path: 'l', format }];
  const rest = (file: string, text: string, format: FailedList['format']) =>
    write(file, [badLine(text, 'l')], from(format))
      .split('\n')
      .slice(1)
      .join('\n');
  assert.equal(rest('bad.txt', '  ftp://h/ ', 'lines'), 'ftp://h/\n');
  assert.equal(rest('bad.txt', 'http://h/a,b', 'csv'), '# as given: http://h/a,b\n');
  assert.equal(rest('bad.csv', 'http://h/a,"b', 'csv'), '# as given: http://h/a,"b\n');
  assert.equal(rest('bad.jsonl', '{"url"', 'jsonl'), '{"url"\n');
  assert.equal(rest('bad.txt', 'a\x1b[2J', 'lines'), '# as given: a\\x1b[2J\n');
  assert.equal(rest('bad.txt', 'http://h/ x\n  out=y', 'lines'), '# as given: http://h/ x\\n  out=y\n');
});

test('a list that broke is told as a comment alone', () => {
  const result: Failed = { ...badLine('http://h/', 'l'), error: { code: 'LIST', message: 'Cannot read l: EIO' } };
  assert.equal(write('list.txt', [result]), '# LIST permanent: Cannot read l: EIO\n');
});

test('FILE is emptied, private, and written while the run goes on', async () => {
  fs.writeFileSync(at('old.txt'), 'old\n', { mode: 0o644 });
  const out = openFailed(at('old.txt'), []);
  assert.equal(fs.statSync(at('old.txt')).mode & 0o777, 0o600);
  assert.equal(fs.statSync(at('old.txt')).size, 0);
  out.add((await run([at('in.txt')]))[0]!);
  await new Promise((resume) => setImmediate(resume));
  assert.match(fs.readFileSync(at('old.txt'), 'utf8'), /\nhttp:\/\/u:p@h\/a#top\n$/);
  out.close();
});

test('FILE must not be one of the lists, by whatever name', () => {
  fs.symlinkSync(at('in.txt'), at('link.txt'));
  fs.linkSync(at('in.txt'), at('hard.txt'));
  for (const file of ['in.txt', 'link.txt', 'hard.txt', `../${path.basename(dir)}/in.txt`])
    assert.throws(
      () => openFailed(`${dir}/${file}`, [{ path: at('in.txt'), format: 'auto' }]),
      (error) => error instanceof UsageError && /: it is one of the lists/.test(error.message),
    );
  assert.equal(fs.readFileSync(at('in.txt'), 'utf8'), lists['in.txt']);
});

test('a FILE that cannot be written is a disk error, at once or at the next line', async () => {
  const isDisk = (error: unknown) => error instanceof PdlError && error.code === 'DISK';
  assert.throws(() => openFailed(at('none/x.txt'), []), isDisk);
  assert.throws(() => openFailed(dir, []), isDisk);
  if (!fs.existsSync('/dev/full')) return;
  const [one] = await run([at('in.txt')]);
  const full = openFailed('/dev/full', []);
  full.add(one!);
  await new Promise((resume) => setImmediate(resume));
  assert.throws(() => full.add(one!), /^PdlError: Cannot write failed lines to \/dev\/full: ENOSPC$/);
  assert.throws(() => full.close(), isDisk);
});

test('FILE and lists agree on what an ending means', () => {
  for (const name of ['a.csv', 'a.TSV', 'a.jsonl.gz', 'a.ndjson', 'a.txt', 'a', 'x.csv/y', 'a.aria2'])
    assert.equal(formatOfFailed(name), formatOf(name), name);
});

test('no value of a line can smuggle another line into FILE', async () => {
  const value = fc.string({
    unit: fc.constantFrom('a', '\n', '\r', '"', ',', ' ', '=', '#', '\t', '\0', 'http://evil/'),
  });
  const origin = { source: 's', number: 1, text: 'x' };
  const property = fc.asyncProperty(
    value,
    value,
    fc.constantFrom('fuzz.txt', 'fuzz.csv', 'fuzz.tsv', 'fuzz.jsonl'),
    async (a, b, file) => {
      const job: Job = {
        id: 'explicit',
        url: 'http://h/',
        origin,
        name: a,
        headers: { A: b },
        columns: { [`c${a}`]: b },
      };
      write(file, [failed(job), failed(job)], [{ path: 's', format: file === 'fuzz.csv' ? 'jsonl' : 'csv' }]);
      assert.deepEqual(
        (await entries(file)).map(({ url }) => url),
        ['http://h/', 'http://h/'],
        file,
      );
    },
  );
  await fc.assert(property, { numRuns: 200 });
});
