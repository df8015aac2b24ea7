/** What the benchmarks measure is the command itself, not who starts it. */

import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { peakAfter } from './measure.ts';

test('the peak of a command that never ends is its own', async () => {
  const program = 'const kept = Buffer.alloc(200e6, 1); setInterval(() => kept, 1000)';
  const peak = await peakAfter([process.execPath, '-e', program], tmpdir(), 3_000);
  assert.ok(peak > 200 && peak < 400, `${peak} MB`);
});

test('a command that ends before it is measured is no measurement', async () => {
  await assert.rejects(peakAfter([process.execPath, '-e', 'process.exit(3)'], tmpdir(), 60_000), /it ended with 3$/);
});
