/** What the benchmarks measure is the command itself, not who starts it. */

import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { measure, peakAfter } from './measure.ts';

test('the peak of a command that never ends is its own', async () => {
  const program = 'const kept = Buffer.alloc(200e6, 1); setInterval(() => kept, 1000)';
  const peak = await peakAfter([process.execPath, '-e', program], tmpdir(), 3_000);
  assert.ok(peak > 200 && peak < 400, `${peak} MB`);
});

test('a command that ends before it is measured is no measurement', async () => {
  await assert.rejects(peakAfter([process.execPath, '-e', 'process.exit(3)'], tmpdir(), 60_000), /it ended with 3$/);
});

test('what the shell has set is none of the command’s business', async (t) => {
  process.env['NODE_EXTRA_CA_CERTS'] = '/nowhere.pem';
  t.after(() => delete process.env['NODE_EXTRA_CA_CERTS']);
  const program = 'process.exit(process.env.NODE_EXTRA_CA_CERTS === undefined && process.env.PATH ? 0 : 3)';
  assert.equal((await measure([process.execPath, '-e', program], tmpdir())).code, 0);
});
