import assert from 'node:assert/strict';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { UsageError } from '../../src/errors.ts';
import { type Finding, type Verified, verify } from '../../src/verify.ts';
import { named, put, scratch, within } from './support.ts';

async function all(dir: string): Promise<[Finding[], Verified]> {
  const findings: Finding[] = [];
  const checks = verify(dir);
  while (true) {
    const { done, value } = await checks.next();
    if (done) return [findings, value];
    findings.push(value);
  }
}

test('each file of the journal is found as it is: whole, missing, of another size, with other bytes', async (t) => {
  const dir = scratch(t);
  const job = (name: string) => named(`http://h/${name}`, name);
  await within(dir, { sha256: true }, async (sink) => {
    for (const name of ['good', 'gone', 'cut', 'sub/changed']) await put(sink, job(name), 'hello');
  });
  await within(dir, {}, (sink) => put(sink, job('unhashed'), 'hello'));
  await within(dir, { shard: '1/2' }, (sink) => put(sink, job('shard'), 'hello'));
  rmSync(`${dir}/gone`);
  writeFileSync(`${dir}/cut`, 'hell');
  for (const name of ['sub/changed', 'unhashed']) writeFileSync(`${dir}/${name}`, 'jello');
  writeFileSync(`${dir}/stranger`, 'not in the journal');
  appendFileSync(`${dir}/.pdl/journal.ndjson`, '{"id":"torn');
  const [findings, verified] = await all(dir);
  assert.deepEqual(findings, [
    { path: `${dir}/good`, ok: true },
    { path: `${dir}/gone`, ok: false, problem: 'missing' },
    { path: `${dir}/cut`, ok: false, problem: 'size' },
    { path: `${dir}/sub/changed`, ok: false, problem: 'sha256' },
    { path: `${dir}/unhashed`, ok: true },
    { path: `${dir}/shard`, ok: true },
  ]);
  assert.deepEqual(verified, { files: 6, bad: 3 });
});

test('of several records of one file the newest counts, however near they stand', async (t) => {
  const dir = scratch(t);
  for (const body of ['1', '22', '333', '4444']) {
    await within(dir, { existing: 'overwrite' }, (sink) => put(sink, named('http://h/a', 'a'), body));
  }
  assert.deepEqual(await all(dir), [[{ path: `${dir}/a`, ok: true }], { files: 1, bad: 0 }]);
});

test('a directory without a journal cannot be verified', async (t) => {
  await assert.rejects(all(scratch(t)), UsageError);
});
