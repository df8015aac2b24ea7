/** The command in this process, over a library that is made up: what goes where, and with which code it leaves. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { main } from '../../src/cli/main.ts';
import type { Library, Lists } from '../../src/cli/programs.ts';
import { PdlError, UsageError } from '../../src/errors.ts';
import type { Options } from '../../src/options.ts';
import type { Result, Summary } from '../../src/types.ts';
import { failed, saved, skipped } from '../report/results.ts';

interface Given {
  args?: string[];
  env?: Record<string, string>;
  results?: Result[];
  summary?: Partial<Summary>;
  counts?: Partial<Lists['counts']>;
  library?: Partial<Library>;
  terminal?: boolean;
  /** Called before each result, with the run's signal and the process. */
  during?(signal: AbortSignal, process: EventEmitter): void;
}

async function run(given: Given) {
  const said = { stdout: '', stderr: '', code: -1, options: {} as Options };
  const emitter = new EventEmitter();
  const stream = (name: 'stdout' | 'stderr') =>
    Object.assign(new EventEmitter(), {
      isTTY: given.terminal,
      write(text: string, done?: () => void) {
        said[name] += text;
        if (done) setImmediate(done);
        return true;
      },
    });
  const library = {
    async *download(_source: unknown, options: Options = {}): AsyncGenerator<Result, Summary, undefined> {
      said.options = options;
      for (const result of given.results ?? []) {
        given.during?.(options.signal!, emitter);
        yield result;
      }
      const count = (status: string) => (given.results ?? []).filter((result) => result.status === status).length;
      const counts = { saved: count('saved'), skipped: count('skipped'), failed: count('failed') };
      return { ...counts, left: 0, bytes: 0, durationMs: 1000, stopped: null, ...given.summary };
    },
    async openLists() {
      const urls = given.results?.length ?? 0;
      const counts = { lines: urls, bad: 0, urls, ...given.counts };
      return { counts, onEnd: null, close() {}, async *[Symbol.asyncIterator]() {} };
    },
    async plan() {
      return {};
    },
    async *verify() {},
    ...given.library,
  } as Library;
  await main({
    argv: given.args ?? ['urls.txt'],
    env: given.env ?? {},
    stdin: { isTTY: given.terminal } as NodeJS.ReadStream,
    stdout: stream('stdout') as unknown as NodeJS.WriteStream,
    stderr: stream('stderr') as unknown as NodeJS.WriteStream,
    process: emitter,
    exit: (code) => {
      if (said.code === -1) said.code = code;
    },
    suspend() {},
    load: async () => library,
  });
  return said;
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'pdl-cli-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const bad = failed({ url: 'nonsense', error: { code: 'BAD_LINE', message: 'Cannot read it: no URL' } });

test('text: completions on stdout, the summary on stderr', async () => {
  const { stdout, stderr, code } = await run({ results: [saved(), skipped(), failed()] });
  assert.deepEqual(
    stdout.split('\n').map((line) => line.split(' ')[0]),
    ['saved', 'skipped', 'failed', ''],
  );
  assert.match(stderr, /^1 saved, 1 skipped, 1 failed; /);
  assert.equal(code, 1);
});

test('--json: one object a line and nothing else, the summary last with the exit code', async () => {
  const { stdout, code } = await run({ args: ['urls.txt', '--json', '-q'], results: [saved(), failed()] });
  const messages = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    messages.map(({ type, status, exitCode }) => [type, status, exitCode]),
    [
      ['result', 'saved', undefined],
      ['result', 'failed', undefined],
      ['summary', undefined, 1],
    ],
  );
  assert.equal(code, 1);
});

test('--print path: paths alone; failures are told on stderr', async () => {
  const { stdout, stderr } = await run({ args: ['urls.txt', '--print', 'path'], results: [saved(), failed()] });
  assert.equal(stdout, 'out/a.jpg\n');
  assert.match(stderr, /^failed HTTP_STATUS http:\/\/example\.org\/a\.jpg /);
});

test('-q: not one byte when all went well, else failures and the summary on stderr', async () => {
  const good = await run({ args: ['urls.txt', '-q'], results: [saved(), skipped()] });
  assert.deepEqual([good.stdout, good.stderr, good.code], ['', '', 0]);
  const poor = await run({ args: ['urls.txt', '-q'], results: [saved(), failed()] });
  assert.equal(poor.stdout, '');
  assert.match(poor.stderr, /^failed HTTP_STATUS .*\n1 saved, 0 skipped, 1 failed; /);
});

test('an input without any URL line: 0 and "nothing to do"', async () => {
  const { stdout, stderr, code } = await run({ results: [] });
  assert.deepEqual([stdout, stderr, code], ['', 'nothing to do: the list holds no URL\n', 0]);
});

test('no valid line: 2, with a sentence', async () => {
  const { stderr, code } = await run({ results: [bad, bad], counts: { bad: 2 } });
  assert.match(stderr, /^pdl: Cannot find a URL in the list: none of its lines is an http or https URL$/m);
  assert.equal(code, 2);
});

test('some bad lines among good ones: 1', async () => {
  assert.equal((await run({ results: [bad, saved()], counts: { bad: 1 } })).code, 1);
});

test('wrong use: one line on stderr, nothing on stdout, 2', async () => {
  for (const args of [['--delay', 'x', 'urls.txt'], ['--nonsense'], ['--json', '--print', 'path', 'urls.txt']]) {
    const { stdout, stderr, code } = await run({ args });
    assert.deepEqual([stdout, stderr.trimEnd().split('\n').length, code], ['', 1, 2]);
    assert.match(stderr, /^pdl: Cannot use --/);
  }
});

test('no list and a terminal: short help on stderr, 2', async () => {
  const { stdout, stderr, code } = await run({ args: [], terminal: true });
  assert.deepEqual([stdout, code], ['', 2]);
  assert.match(stderr, /^Usage: pdl \[options\] \[list\.\.\.\]\n/);
});

const refusals: [Error, number, RegExp][] = [
  [
    new UsageError('Cannot read nofile: there is no such file'),
    2,
    /^pdl: Cannot read nofile: there is no such file\n$/,
  ],
  [new PdlError('LOCKED', 'Cannot begin in out: pdl 123 is at work there'), 5, /^pdl: Cannot begin in out/],
  [new PdlError('DISK', 'Cannot write to out: EACCES'), 3, /^pdl: Cannot write to out: EACCES\n$/],
  [new PdlError('LIST', 'Cannot read x'), 2, /^pdl: Cannot read x\n$/],
  [new PdlError('CONNECT', 'Cannot\x1b[2J http://a:b@h/'), 1, /^pdl: Cannot\\x1b\[2J http:\/\/h\/\n$/],
  [new RangeError('oops'), 70, /^pdl: this is a bug in pdl.*\nRangeError: oops\n/],
];

for (const [error, wanted, message] of refusals) {
  test(`${wanted}: ${error.name} ${'code' in error ? error.code : ''} before the first result`, async () => {
    const library: Partial<Library> = {
      // biome-ignore lint/correctness/useYield: it fails before its first result
      async *download() {
        throw error;
      },
    };
    const { stdout, stderr, code } = await run({ library });
    assert.deepEqual([stdout, code], ['', wanted]);
    assert.match(stderr, message);
  });
}

test('a signal stops the run: 130, and what is left is said', async () => {
  const { stderr, code } = await run({
    results: [saved()],
    summary: { left: 41, stopped: 'signal' },
    during(signal, process) {
      process.emit('SIGINT');
      assert.equal(signal.aborted, true);
    },
  });
  assert.equal(code, 130);
  assert.match(stderr, /^41 left: run the same command again$/m);
});

test('a second signal leaves at once', async () => {
  const { code } = await run({
    results: [saved()],
    during(_signal, process) {
      process.emit('SIGTERM');
      process.emit('SIGINT');
    },
  });
  assert.equal(code, 130);
});

test('an error out of nowhere: 70, and what was done is told', async () => {
  const { stdout, stderr, code } = await run({
    results: [saved(), saved()],
    during: (_signal, process) => process.emit('uncaughtException', new Error('http://me:secret@h/ broke')),
  });
  assert.equal(code, 70);
  assert.match(stderr, /^pdl: this is a bug in pdl/);
  assert.doesNotMatch(stderr, /secret/);
  assert.match(stdout, /^saved out\/a\.jpg/);
});

test('what was typed reaches the library as options', async () => {
  const { options } = await run({ args: ['urls.txt', '-j', '4', '--delay', '1-4'], env: { PDL_RETRY: '0' } });
  const { signal, layers, ...rest } = options;
  assert.deepEqual(rest, { maxWorkers: '4', delay: '1-4', retry: '0' });
  assert.deepEqual([signal instanceof AbortSignal, layers?.length], [true, 0]);
});

test('-v watches the lines under way', async () => {
  const { options } = await run({ args: ['urls.txt', '-v'] });
  assert.equal(options.layers?.length, 1);
});

test('--failed and --report are written; a report that cannot be is refused before the run', async (t) => {
  const dir = folder(t);
  const [again, report] = [join(dir, 'again.txt'), join(dir, 'run.html')];
  const { code } = await run({
    args: ['urls.txt', '--failed', again, '--report', report],
    results: [saved(), failed()],
  });
  assert.equal(code, 1);
  assert.match(readFileSync(again, 'utf8'), /^# HTTP_STATUS permanent: .*\nhttp:\/\/example\.org\/a\.jpg\n$/);
  assert.equal(statSync(again).mode & 0o777, 0o600);
  assert.match(readFileSync(report, 'utf8'), /^<!doctype html>/);

  const refused = await run({ args: ['urls.txt', '--report', join(dir, 'none/run.html')], results: [saved()] });
  assert.deepEqual([refused.code, refused.stdout], [3, '']);
  assert.match(refused.stderr, /^pdl: Cannot write the report to .*run\.html: ENOENT$/m);
});

for (const [what, signal, stopped, code] of [
  ['a file of --failed that breaks within the run stops it, and no signal', null, 'disk', 3],
  ['a signal is told as one, even where the file of --failed has broken before', 'SIGINT', 'signal', 130],
] as const) {
  test(what, async (t) => {
    const dir = folder(t);
    const said = await run({
      args: ['urls.txt', '--json', '--failed', join(dir, 'again.txt')],
      results: [failed(), failed()],
      summary: { left: 5, stopped: 'signal' },
      during(stop, process) {
        if (stop.aborted && signal !== null) process.emit(signal);
        rmSync(dir, { recursive: true, force: true });
      },
    });
    const summary = JSON.parse(said.stdout.trim().split('\n').at(-1)!);
    assert.deepEqual([summary.stopped, summary.exitCode, said.code], [stopped, code, code]);
    assert.match(said.stderr, /^pdl: Cannot write failed lines to /m);
  });
}

test('a second pdl that finds DIR locked leaves the --failed file of the first alone', async (t) => {
  const again = join(folder(t), 'again.txt');
  writeFileSync(again, 'http://example.org/earlier\n');
  const library: Partial<Library> = {
    // biome-ignore lint/correctness/useYield: it fails before its first result
    async *download() {
      throw new PdlError('LOCKED', 'Cannot begin');
    },
  };
  assert.equal((await run({ args: ['urls.txt', '--failed', again], library })).code, 5);
  assert.equal(readFileSync(again, 'utf8'), 'http://example.org/earlier\n');
});

test('--failed must not be one of the lists', async (t) => {
  const list = join(folder(t), 'urls.txt');
  writeFileSync(list, 'http://example.org/a\n');
  const { code, stderr } = await run({ args: [list, '--failed', list], results: [saved()] });
  assert.equal(code, 2);
  assert.match(stderr, /^pdl: Cannot write failed lines to .*: it is one of the lists/);
  assert.equal(readFileSync(list, 'utf8'), 'http://example.org/a\n');
});

test('--verify: wrong files on stdout, 1', async () => {
  const library: Partial<Library> = {
    async *verify() {
      yield { path: 'out/a', ok: true };
      yield { path: 'out/b', ok: false, problem: 'size' };
    },
  };
  const { stdout, stderr, code } = await run({ args: ['--verify'], library });
  assert.deepEqual([stdout, stderr, code], ['wrong out/b size\n', '2 files checked, 1 wrong\n', 1]);
});
