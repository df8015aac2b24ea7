import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import test, { type TestContext } from 'node:test';
import type { Options } from '../../src/options.ts';
import { listed, scratch, startChild } from './support.ts';

const noStrace =
  spawnSync('strace', ['-e', 'trace=none', 'true'], { stdio: 'ignore' }).status !== 0 &&
  'strace is not installed, or may not trace here';

const calls = 'openat,write,writev,pwritev,fsync,fdatasync,close,link,linkat,unlink,rename';

/** What is done to the part, the name, the directory and the journal while one file lands, in order. */
async function steps(t: TestContext, size: number, options: Options): Promise<string[]> {
  const dir = realpathSync(scratch(t));
  const log = `${scratch(t)}/strace`;
  const wrap = ['strace', '-f', '-y', '-s', '0', '-o', log, '-e', `trace=${calls}`];
  await startChild({ options: { ...options, dir }, sizes: [size], version: 1, workers: 1 }, wrap).ended;
  const places: [string, string][] = [
    [`${dir}/.pdl/parts/${listed('http://h/0').id}.part`, 'part'],
    [`${dir}/.pdl/journal.ndjson`, 'journal'],
    [`${dir}/sub`, 'dir'],
  ];
  const said: string[] = [];
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const [, call = '', rest = ''] = /^\d+ +(\w+)\((.*)/.exec(line) ?? [];
    const place = places.find(([path]) => rest.includes(`${path}>`) || rest.includes(`"${path}"`))?.[1];
    if (place && call !== '' && !/= -1|O_RDONLY/.test(rest))
      said.push(`${call.replace(/^p?writev?$/, 'write').replace(/at$/, '')} ${place}`);
  }
  const from = said.indexOf('open part');
  return said.slice(from, said.lastIndexOf('write journal') + 2).filter((step, at, all) => step !== all[at - 1]);
}

for (const size of [20_000, 3_000_000]) {
  test(`${size} bytes: written, closed, linked, unlinked, then in the journal`, { skip: noStrace }, async (t) => {
    const said = await steps(t, size, {});
    assert.deepEqual(said.slice(0, 6), [
      'open part',
      'write part',
      'close part',
      'link part',
      'unlink part',
      'write journal',
    ]);
  });

  test(`${size} bytes under --fsync: durable before it is named, its name before it is recorded`, {
    skip: noStrace,
  }, async (t) => {
    const said = (await steps(t, size, { fsync: true })).filter((step) => step !== 'close dir');
    assert.deepEqual(said, [
      'open part',
      'write part',
      'fdatasync part',
      'close part',
      'link part',
      'unlink part',
      'fsync dir',
      'write journal',
      'fdatasync journal',
    ]);
  });
}
