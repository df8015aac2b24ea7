/** The built command as a process: pipes, signals, secrets, and how soon it answers. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import module from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import vm from 'node:vm';
import { bin, folder, pdl, start } from '../support/pdl.ts';

/** Serves any path with its own name; `/hang` never ends. */
async function serve(t: TestContext): Promise<(path: string) => string> {
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const isBad = path.startsWith('/bad');
    response.writeHead(isBad ? 403 : 200, { 'x-note': 'a' });
    if (path.startsWith('/hang')) response.write('a');
    else response.end(path);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (path) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
}

test('a reader that goes away: 141, and not a word', async (t) => {
  const url = await serve(t);
  const list = Array.from({ length: 3000 }, (_, index) => url(`/f${index}`)).join('\n');
  const dir = folder(t);
  writeFileSync(join(dir, 'urls.txt'), list);
  const script = `('${process.execPath}' '${bin}' urls.txt -d out -j 4; echo "code $?" >&2) | head -n 3`;
  const child = spawn('sh', ['-c', script], { cwd: dir });
  const [stdout, stderr] = await Promise.all([child.stdout, child.stderr].map((stream) => stream.toArray()));
  assert.equal(Buffer.concat(stdout!).toString().split('\n').length, 4);
  assert.equal(Buffer.concat(stderr!).toString(), 'code 141\n');
});

test('a slow reader gets every line', async (t) => {
  const url = await serve(t);
  const dir = folder(t);
  const count = 1600;
  writeFileSync(
    join(dir, 'urls.txt'),
    Array.from({ length: count }, (_, n) => url(`/${'x'.repeat(220)}${n}`)).join('\n'),
  );
  const child = spawn(process.execPath, [bin, 'urls.txt', '-d', 'out', '--json', '-q', '-j', '32'], { cwd: dir });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) text += chunk;
  const messages = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    messages.slice(0, -1).map(({ seq }) => seq),
    Array.from({ length: count }, (_, index) => index + 1),
  );
  assert.equal(messages.at(-1).saved, count);
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal}: finished files stay, the rest is said to be left, ${code}`, async (t) => {
    const url = await serve(t);
    const dir = folder(t);
    const list = [url('/one'), ...Array.from({ length: 9 }, (_, index) => url(`/hang${index}`))].join('\n');
    const { child, done } = start(['-', '--json', '-d', dir, '-j', '4'], { stdin: list });
    await once(child.stdout!, 'data');
    child.kill(signal);
    const { code: got, stdout, stderr } = await done;
    const messages = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { left, stopped, exitCode } = messages.at(-1);
    assert.deepEqual([got, left, stopped, exitCode], [code, 9, 'signal', code]);
    assert.deepEqual(
      messages.slice(0, -1).map(({ status }) => status),
      ['saved'],
      'a line that was cut is left, and no result',
    );
    assert.match(stderr, /^9 left: run the same command again$/m);
  });
}

test('a second signal leaves at once', async (t) => {
  const url = await serve(t);
  const { child, done } = start([url('/hang'), '-d', folder(t), '-v']);
  await once(child.stderr!, 'data');
  child.kill('SIGINT');
  child.kill('SIGTERM');
  const { code } = await done;
  assert.ok(code === 143 || code === 130, `${code}`);
});

test('without a terminal a hang-up is ignored: nohup and cron go on', async (t) => {
  const url = await serve(t);
  const { child, done } = start([url('/hang'), url('/one'), '-d', folder(t)]);
  await once(child.stdout!, 'data');
  child.kill('SIGHUP');
  child.kill('SIGTERM');
  const { code, stderr } = await done;
  assert.equal(code, 143);
  assert.match(stderr, /^SIGTERM: /m);
  assert.doesNotMatch(stderr, /SIGHUP/);
});

test('cron: -q and all well is not one byte, and there are no escapes otherwise', async (t) => {
  const url = await serve(t);
  const dir = folder(t);
  const good = await pdl([url('/a'), url('/b'), '-q', '-d', dir]);
  assert.deepEqual([good.stdout, good.stderr, good.code], ['', '', 0]);
  const poor = await pdl([url('/a'), url('/bad'), '-q', '-d', dir], { env: { NO_COLOR: '' } });
  assert.deepEqual([poor.stdout, poor.code], ['', 1]);
  assert.match(poor.stderr, /^failed HTTP_STATUS .*403 Forbidden\n0 saved, 1 skipped, 1 failed; .*\n {2}403 × 1 on /);
  assert.doesNotMatch(poor.stderr, /\x1b/);
});

test('a second pdl in the same DIR: 5, the first is named', async (t) => {
  const url = await serve(t);
  const dir = folder(t);
  const { child, done } = start([url('/hang'), '-d', dir, '-v']);
  await once(child.stderr!, 'data');
  const second = await pdl([url('/a'), '-d', dir]);
  assert.deepEqual([second.code, second.stdout], [5, '']);
  assert.match(second.stderr, new RegExp(`^pdl: .*${child.pid}.*-d`));
  assert.equal(second.stderr.trimEnd().split('\n').length, 1);
  child.kill('SIGTERM');
  await done;
});

test('passwords reach no output, no report and no file that others may read', async (t) => {
  const url = await serve(t);
  const dir = folder(t);
  const secret = 'ge%68eim';
  const list = [url('/a'), url('/bad'), 'http://127.0.0.1:9/', 'http://h\x1b/'].map((one) =>
    one.replace('//', `//me:${secret}@`),
  );
  const args = ['-', '-d', 'out', '-vv', '--retry', '0', '--report', 'run.html', '-H', 'Authorization: geheim'];
  for (const more of [[], ['--json'], ['-q'], ['--plan']]) {
    const { stdout, stderr, code } = await pdl([...args, ...more], { cwd: dir, stdin: `${list.join('\n')}\n` });
    assert.notEqual(code, 70, stderr);
    assert.doesNotMatch(stdout + stderr, /geheim|ge%68eim|\x1b/);
  }
  for (const file of readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())) {
    assert.doesNotMatch(readFileSync(join(file.parentPath, file.name), 'utf8'), /geheim|ge%68eim/, file.name);
  }
});

test('PDL_ variables work in the process, and name themselves when they are wrong', async (t) => {
  const url = await serve(t);
  const dir = folder(t);
  const { stdout, code } = await pdl([url('/a')], { env: { PDL_DIR: dir, PDL_PRINT: 'path' } });
  assert.deepEqual([stdout, code], [`${dir}/a\n`, 0]);
  const wrong = await pdl([url('/a')], { env: { PDL_MAX_WORKERS: '0' } });
  assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
  assert.match(wrong.stderr, /^pdl: Cannot use PDL_MAX_WORKERS "0": allowed is a whole number from 1 to 65535\n$/);
});

/** Names of all packages in the bundle of which something was run for these arguments. */
function used(t: TestContext, args: string[]): { status: number | null; packages: Set<string> } {
  const dir = folder(t);
  const env = { ...process.env, NODE_V8_COVERAGE: dir };
  const { status } = spawnSync(process.execPath, [bin, ...args], { env, cwd: dir, stdio: 'ignore' });
  const functions = readdirSync(dir)
    .filter((file) => file.startsWith('coverage'))
    .flatMap((file) => JSON.parse(readFileSync(join(dir, file), 'utf8')).result as Script[])
    .flatMap((script) => script.functions);
  // The bundle makes each module of a package a function, which is named for its file.
  const names = functions.filter(({ ranges }) => ranges[0]!.count > 0).map(({ functionName }) => functionName);
  return { status, packages: new Set(names.flatMap((name) => /^node_modules\/([^/]+)\//.exec(name)?.[1] ?? [])) };
}

interface Script {
  functions: { functionName: string; ranges: { count: number }[] }[];
}

test('help, version and wrong use begin neither undici nor bars: they would answer too late', (t) => {
  for (const [args, code] of [
    [['--help'], 0],
    [['--version'], 0],
    [['--delay', 'x'], 2],
    [['--nonsense'], 2],
  ] as const) {
    const { status, packages } = used(t, [...args]);
    assert.equal(status, code);
    assert.deepEqual([...packages], ['commander']);
  }
  const { packages } = used(t, ['http://127.0.0.1:9/', '--retry', '0', '--progress', 'bar']);
  assert.ok(packages.has('undici') && packages.has('chalk'), [...packages].join());
});

test('V8 does not optimise the parser of replies for the sake of 400 of them: that pays for 50,000', async (t) => {
  const url = await serve(t);
  const dir = folder(t);
  writeFileSync(join(dir, 'urls.txt'), Array.from({ length: 400 }, (_, n) => url(`/${n}`)).join('\n'));
  const child = spawn(process.execPath, ['--trace-wasm-compilation-times', bin, 'urls.txt', '-q'], { cwd: dir });
  const ended = once(child, 'close');
  const [stdout, stderr] = await Promise.all([child.stdout, child.stderr].map((stream) => stream.toArray()));
  assert.doesNotMatch(Buffer.concat([...stdout!, ...stderr!]).toString(), /using TurboFan/);
  assert.deepEqual(await ended, [0, null]);
  assert.equal(readdirSync(dir).filter((name) => /^\d+$/.test(name)).length, 400);
});

test('on a Node that keeps no compiled code itself, V8 takes what the build has kept of the command', {
  skip: 'enableCompileCache' in module && 'this Node keeps it itself',
}, () => {
  const main = join(dirname(bin), 'main.cjs');
  const cachedData = readFileSync(join(dirname(bin), 'main.code'));
  const script = new vm.Script(module.wrap(readFileSync(main, 'utf8')), { filename: main, cachedData });
  assert.equal(script.cachedDataRejected, false);
});

test('without what the build has kept the command runs all the same', (t) => {
  const copy = folder(t);
  for (const name of ['pdl.cjs', 'main.cjs']) copyFileSync(join(dirname(bin), name), join(copy, name));
  const { status, stdout } = spawnSync(process.execPath, [join(copy, 'pdl.cjs'), '--version'], { encoding: 'utf8' });
  // There is no package.json around it.
  assert.deepEqual([status, stdout], [0, 'unknown\n']);
});
