/** The command at a real terminal: whole lines, the cursor back, signals. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { bin, folder } from '../support/pdl.ts';
import { noPty, play } from './pty.ts';

/** Serves any path: 20 kB in two halves, `?ms=N` apart; `?hang` sends the first half alone. */
async function serve(t: TestContext): Promise<(path: string) => string> {
  const half = Buffer.alloc(10_000, 'x');
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    const isGone = pathname.startsWith('/gone');
    if (isGone) response.writeHead(404).end();
    if (isGone) return;
    response.writeHead(200, { 'content-length': 20_000 }).write(half);
    if (!searchParams.has('hang')) setTimeout(() => response.end(half), Number(searchParams.get('ms') ?? 0));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (path) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
}

/** Everything that may stand on the screen when a run is over. */
const whole = [
  /^saved out\/[\w.-]+ 19\.5KiB \S+$/,
  /^failed HTTP_STATUS http:\S+ Cannot fetch http:\S+: the server answered 404 Not Found$/,
  /^\d+ saved, \d+ skipped, \d+ failed; \S+ in \S+, \S+\/s$/,
  /^ {2}404 × \d+ on 127\.0\.0\.1:\d+$/,
  /^files in out, journal in out\/\.pdl$/,
];

for (const [rows, columns] of [
  [24, 80],
  [10, 40],
] as const) {
  test(`200 files at ${columns}×${rows} leave whole lines alone on the screen`, { skip: noPty }, async (t) => {
    const url = await serve(t);
    const dir = folder(t);
    const paths = Array.from({ length: 198 }, (_, index) => `/a-rather-long-name-${index}.jpg?ms=${(index * 7) % 60}`);
    writeFileSync(join(dir, 'urls.txt'), [...paths, '/gone-1', '/gone-2'].map(url).join('\n'));
    const command = ['sh', '-c', `cd '${dir}' && exec '${process.execPath}' '${bin}' urls.txt -d out -j 8`];

    const { code, lines, raw } = await play(command, rows, columns);

    assert.equal(code, 1);
    assert.deepEqual(
      lines.filter((line) => !whole.some((form) => form.test(line))),
      [],
    );
    assert.equal(lines.filter((line) => line.startsWith('saved ')).length, 198);
    assert.match(raw, /\x1b\[\?25l/);
    assert.ok(raw.lastIndexOf('\x1b[?25h') > raw.lastIndexOf('\x1b[?25l'), 'the cursor is back');
    assert.ok(raw.lastIndexOf('\x1b[?7h') > raw.lastIndexOf('\x1b[?7l'), 'lines wrap again');
  });
}

test('a terminal that becomes narrower and wider again keeps its lines whole', { skip: noPty }, async (t) => {
  const url = await serve(t);
  const dir = folder(t);
  const paths = Array.from({ length: 40 }, (_, index) => `/a-rather-long-name-${index}.jpg?ms=150`);
  writeFileSync(join(dir, 'urls.txt'), paths.map(url).join('\n'));
  const command = ['sh', '-c', `cd '${dir}' && exec '${process.execPath}' '${bin}' urls.txt -d out -j 4`];

  const { code, lines } = await play(command, 24, 80, [
    { after: 'name-6.jpg 19', resize: [12, 40] },
    { after: 'name-20.jpg 19', resize: [24, 100] },
  ]);

  assert.equal(code, 0);
  assert.deepEqual(
    lines.filter((line) => !whole.some((form) => form.test(line))),
    [],
  );
  assert.equal(lines.filter((line) => line.startsWith('saved ')).length, 40);
});

test('Ctrl-C: what runs is cut after 2 s, what is left is said, 130, the cursor is back', {
  skip: noPty,
}, async (t) => {
  const url = await serve(t);
  const dir = folder(t);
  writeFileSync(
    join(dir, 'urls.txt'),
    ['/a?ms=10', ...Array.from({ length: 9 }, (_, index) => `/b${index}?hang`)].map(url).join('\n'),
  );
  const command = ['sh', '-c', `cd '${dir}' && exec '${process.execPath}' '${bin}' urls.txt -d out -j 4`];

  const { code, lines, raw } = await play(command, 24, 80, [{ after: ' out/a 19.5KiB', type: '\x03' }]);

  assert.equal(code, 130);
  assert.doesNotMatch(lines.join('\n'), /^failed /m);
  assert.equal(lines.at(-1), '9 left: run the same command again');
  assert.ok(raw.lastIndexOf('\x1b[?25h') > raw.lastIndexOf('\x1b[?25l'));
});

test('Ctrl-C twice leaves at once, with the cursor', { skip: noPty }, async (t) => {
  const url = await serve(t);
  const dir = folder(t);
  const command = ['sh', '-c', `cd '${dir}' && exec '${process.execPath}' '${bin}' '${url('/b?hang')}' -d out`];

  const { code, raw } = await play(command, 24, 80, [
    { after: '9.8KiB', type: '\x03' },
    { after: 'once more', type: '\x03' },
  ]);

  assert.equal(code, 130);
  assert.ok(raw.lastIndexOf('\x1b[?25h') > raw.lastIndexOf('\x1b[?25l'));
});

test('Ctrl-Z gives the cursor back, and going on draws the bars again', { skip: noPty }, async (t) => {
  const url = await serve(t);
  const dir = folder(t);
  const command = ['sh', '-c', `cd '${dir}' && exec '${process.execPath}' '${bin}' '${url('/b?ms=1500')}' -d out`];

  const { code, lines, raw } = await play(command, 24, 80, [
    { after: '9.8KiB', type: '\x1a' },
    { after: '\x1b[?25h', goOn: true },
  ]);

  assert.equal(code, 0);
  assert.match(lines[0]!, whole[0]!);
  assert.equal(raw.split('\x1b[?25l').length, 3, 'hidden at the start and when going on');
});

test('no list at a terminal: short help, 2', { skip: noPty }, async () => {
  const { code, lines } = await play([process.execPath, bin], 24, 80);
  assert.equal(code, 2);
  assert.match(lines[0]!, /^Usage: pdl/);
});
