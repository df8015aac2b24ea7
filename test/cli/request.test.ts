/** Command line and PDL_ variables into a request. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputsOf } from '../../src/cli/inputs.ts';
import { readRequest } from '../../src/cli/request.ts';

const read = (line: string, env: Record<string, string> = {}) =>
  readRequest(
    line.split(' ').filter((word) => word !== ''),
    env,
  );

test('flags become options as typed, lists keep their order, -i ones among them', () => {
  const { program, lists, options, manner } = read('a.txt -i b.txt -j4 --delay 1-4 - --input=c.txt -qR -vv http://h/x');
  assert.equal(program, 'fetch');
  assert.deepEqual(lists, ['a.txt', 'b.txt', '-', 'c.txt', 'http://h/x']);
  assert.deepEqual(options, { maxWorkers: '4', delay: '1-4', remoteTime: true });
  assert.equal(manner.quiet, true);
  assert.equal(manner.verbose, 2);
});

test('-- ends options, and a value may begin with a dash', () => {
  assert.deepEqual(read('-d -out -i - -- -list --json').lists, ['-', '-list', '--json']);
  assert.equal(read('-d -out').options.dir, '-out');
});

test('a flag that begins with no- is no negation', () => {
  assert.deepEqual(read('--no-proxy a,b --no-resume --no-private --proxy http://p').options, {
    noProxy: 'a,b',
    noResume: true,
    noPrivate: true,
    proxy: 'http://p',
  });
});

test('-H and -i repeat; the last of any other flag wins', () => {
  assert.deepEqual(readRequest(['-H', 'A: 1', '-H', 'B: 2', '-j', '2', '-j', '3'], {}).options, {
    header: ['A: 1', 'B: 2'],
    maxWorkers: '3',
  });
});

test('ranges: in arguments, everywhere, or nowhere', () => {
  assert.equal(read('').manner.glob, 'arguments');
  assert.equal(read('--glob').manner.glob, 'everywhere');
  assert.equal(read('--glob --no-glob').manner.glob, 'never');
});

test('variables set what flags do not', () => {
  const env = {
    PDL_MAX_WORKERS: '3',
    PDL_DELAY: '1-4',
    PDL_ROBOTS: '1',
    PDL_NETRC: '0',
    PDL_HEADER: 'A: 1\nB: 2\n',
    PDL_INPUT: 'a.txt\nb.txt',
    PDL_VERBOSE: '1',
    PDL_JSON: '1',
    PDL_DIR: '',
    PDL_HELP: '1',
    PDL_PLAN: '1',
    PDL_VERIFY: '1',
    PDL_COMPLETION: 'bash',
    PDL_VERSION: '1',
  };
  const request = read('c.txt -j 5', env);
  assert.equal(request.program, 'fetch');
  assert.deepEqual(request.lists, ['a.txt', 'b.txt', 'c.txt']);
  assert.deepEqual(request.options, { maxWorkers: '5', delay: '1-4', robots: true, header: ['A: 1', 'B: 2'] });
  assert.deepEqual([request.manner.output, request.manner.verbose], ['json', 1]);
  assert.deepEqual(read('-i c.txt', env).lists, ['c.txt']);
});

const refusals: [line: string, env: Record<string, string>, message: RegExp][] = [
  ['--delay x', {}, /^Cannot use --delay "x": allowed is A or A-B .*$/],
  ['-j 0', {}, /^Cannot use --max-workers "0": allowed is a whole number from 1 to 65535$/],
  ['', { PDL_MAX_WORKERS: 'many' }, /^Cannot use PDL_MAX_WORKERS "many": allowed is a whole number/],
  ['', { PDL_USER_AGENT: 'a\x01b' }, /^Cannot use PDL_USER_AGENT a text: allowed is a text .*without line ends/],
  ['-A a\rb', {}, /^Cannot use --user-agent a text: /],
  ['', { PDL_ROBOTS: 'yes' }, /^Cannot use PDL_ROBOTS "yes": allowed is 0 or 1$/],
  ['', { PDL_FORMAT: 'xml' }, /^Cannot use PDL_FORMAT "xml": allowed is lines, aria2, /],
  ['--format xml', { PDL_FORMAT: 'csv' }, /^Cannot use --format "xml"/],
  ['--progress fancy', {}, /^Cannot use --progress "fancy": allowed is auto, bar, plain, none$/],
  ['--print url', {}, /^Cannot use --print "url": allowed is path$/],
  ['--completion csh', {}, /^Cannot use --completion "csh": allowed is bash, zsh, fish$/],
  ['--failed=', {}, /^Cannot use --failed "": allowed is a text that is not empty$/],
  ['--json --print path', {}, /^Cannot use --json with --print: /],
  ['--print path', { PDL_JSON: '1' }, /^Cannot use PDL_JSON with --print: /],
  ['--plan --verify', {}, /^Cannot use --plan with --verify: choose one$/],
  ['--dely 3', {}, /^Cannot use --dely: there is no such option \(did you mean --delay\?\)$/],
  ['--token=geheim', {}, /^Cannot use --token: there is no such option$/],
  ['-Z', {}, /^Cannot use -Z: there is no such option$/],
  ['-j', {}, /^Cannot use --max-workers: its value is missing \(-j, --max-workers N\)$/],
  ['--shard 4/4', {}, /^Cannot use --shard "4\/4": allowed is I\/N with 0 <= I < N, such as 0\/4$/],
];

for (const [line, env, message] of refusals) {
  test(`refuses ${Object.entries(env).flat().join('=')} ${line}`.replace(/ +/g, ' '), () => {
    assert.throws(() => read(line, env), { name: 'UsageError', message });
  });
}

test('help and version are answered whatever else is said', () => {
  assert.equal(read('-h --delay x').program, 'help');
  assert.equal(read('-V', { PDL_DELAY: 'x' }).program, 'version');
});

test('arguments are files, stdin or URLs', () => {
  const stdin = { isTTY: true } as NodeJS.ReadStream;
  assert.deepEqual(inputsOf(['HTTP://h/x', 'https', 'a.txt', '-'], stdin), [
    { kind: 'url', text: 'HTTP://h/x' },
    { kind: 'file', path: 'https' },
    { kind: 'file', path: 'a.txt' },
    { kind: 'stdin', stream: stdin },
  ]);
  assert.equal(inputsOf([], stdin), null);
  const piped = {} as NodeJS.ReadStream;
  assert.deepEqual(inputsOf([], piped), [{ kind: 'stdin', stream: piped }]);
  assert.throws(() => inputsOf(['-', '-'], piped), /Cannot read stdin twice/);
  assert.throws(() => inputsOf(['ftp://me:pw@h/x'], piped), {
    name: 'UsageError',
    message: 'Cannot fetch ftp://h/x: allowed are http and https URLs',
  });
});
