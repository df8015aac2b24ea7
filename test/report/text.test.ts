/** Lines for people. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { size, time } from '../../src/report/amounts.ts';
import { openCauses } from '../../src/report/causes.ts';
import { paint, wantsColor } from '../../src/report/paint.ts';
import { pathLine } from '../../src/report/print.ts';
import { summaryLines } from '../../src/report/summary.ts';
import { causeTexts, eventText, resultText } from '../../src/report/text.ts';
import type { Summary } from '../../src/types.ts';
import { failed, saved, skipped } from './results.ts';

const plain = paint(false);

test('sizes and times are one word each', () => {
  const sizes: [number, string][] = [
    [0, '0B'],
    [1023, '1023B'],
    [1024, '1.0KiB'],
    [33_000, '32.2KiB'],
    [1_048_525, '1.0MiB'],
    [150 * 1024 ** 2, '150MiB'],
    [3.25 * 1024 ** 3, '3.3GiB'],
  ];
  for (const [bytes, wanted] of sizes) assert.equal(size(bytes), wanted);
  const times: [number, string][] = [
    [0, '0ms'],
    [99.4, '99ms'],
    [99.6, '0.1s'],
    [12_345, '12.3s'],
    [59_960, '1m00s'],
    [3_599_600, '1h00m'],
    [7_500_000, '2h05m'],
  ];
  for (const [ms, wanted] of times) assert.equal(time(ms), wanted);
});

test('each kind of result is one line', () => {
  assert.equal(resultText(saved(), plain), 'saved out/a.jpg 32.2KiB 45ms');
  assert.equal(resultText(skipped(), plain), 'skipped journal http://example.org/a.jpg');
  assert.equal(
    resultText(failed(), plain),
    'failed HTTP_STATUS http://example.org/a.jpg Cannot fetch http://example.org/a.jpg: the server answered 404 Not Found',
  );
});

test('no line holds a control byte or a password', () => {
  const noise = '\x1b]0;x\x07\n\u202e';
  const nasty = `http://me:secret@h/${noise}`;
  for (const line of [
    resultText(saved({ path: noise }), plain),
    resultText(skipped({ url: nasty }), plain),
    resultText(failed({ url: nasty, error: { code: 'RESET', message: nasty, cause: new Error(nasty) } }), plain),
    ...causeTexts(failed({ error: { code: 'RESET', message: '', cause: new Error(nasty, { cause: Error(nasty) }) } })),
    eventText({ type: 'redirect', from: nasty, to: nasty, status: 302 }),
    eventText({ type: 'retry', url: nasty, attempt: 2, delayMs: 1500, code: 'RESET', message: nasty }),
    eventText({ type: 'start', url: nasty, host: 'h', attempt: 1, restMs: 0 }),
    eventText({ type: 'wait', host: noise, ms: 12_000, why: 'retry-after' }),
  ]) {
    assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u);
    assert.doesNotMatch(line, /secret/);
  }
});

test('a start tells the rest that was taken before it', () => {
  const start = { type: 'start', url: 'http://h/a.mp3', host: 'h', attempt: 1 } as const;
  assert.equal(eventText({ ...start, restMs: 2_340 }), 'start http://h/a.mp3 (rested 2.3s)');
  assert.equal(eventText({ ...start, restMs: 0 }), 'start http://h/a.mp3');
});

test('colour: the flag wins, then FORCE_COLOR, NO_COLOR, TERM, then the terminal', () => {
  const terminal = { isTTY: true };
  const table: [{ isTTY?: boolean }, 'auto' | 'always' | 'never', Record<string, string>, boolean][] = [
    [terminal, 'auto', {}, true],
    [{}, 'auto', {}, false],
    [{}, 'always', { NO_COLOR: '1' }, true],
    [terminal, 'never', { FORCE_COLOR: '1' }, false],
    [terminal, 'auto', { NO_COLOR: '1' }, false],
    [terminal, 'auto', { NO_COLOR: '' }, true],
    [terminal, 'auto', { TERM: 'dumb' }, false],
    [{}, 'auto', { FORCE_COLOR: '1' }, true],
    [{}, 'auto', { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    [terminal, 'auto', { FORCE_COLOR: '0' }, false],
  ];
  for (const [stream, when, env, wanted] of table) assert.equal(wantsColor(stream, when, env), wanted);
  assert.match(resultText(saved(), paint(true)), /^\x1b\[32msaved\x1b\[39m out/);
});

test('--print path: saved files alone, as they are for a program, made safe for a terminal', () => {
  assert.equal(pathLine(saved({ path: 'a\u202eb' }), false), 'a\u202eb\n');
  assert.equal(pathLine(saved({ path: 'a\u202eb' }), true), 'a\\u202eb\n');
  assert.equal(pathLine(failed(), false), null);
});

const quietly = { dir: 'out', journal: null, failed: null, report: null, worthRetrying: 0 };

function summary(fields: Partial<Summary>): Summary {
  return { saved: 0, skipped: 0, failed: 0, left: 0, bytes: 0, durationMs: 2_000, stopped: null, ...fields };
}

test('the summary groups failures by cause and host', () => {
  const causes = openCauses();
  for (let count = 0; count < 812; count += 1) causes.add(failed({ httpStatus: 403 }));
  for (const host of ['a', 'b', 'c', 'd']) {
    causes.add(failed({ url: `http://${host}/`, error: { code: 'TIMEOUT', message: '' } }));
  }
  const lines = summaryLines(summary({ saved: 3, failed: 816, bytes: 2_097_152 }), causes, {
    ...quietly,
    journal: 'out/.pdl',
    failed: 'again.txt',
    worthRetrying: 4,
  });
  assert.deepEqual(lines, [
    '3 saved, 0 skipped, 816 failed; 2.0MiB in 2.0s, 1.0MiB/s',
    '  403 × 812 on example.org',
    '  TIMEOUT × 1 on a',
    '  TIMEOUT × 1 on b',
    '  2 of 2 further causes',
    'files in out, journal in out/.pdl, failed lines in again.txt',
    '4 failures may go well another time: run the same command again',
  ]);
});

test('the summary never has more than 8 lines, and says what is left', () => {
  const causes = openCauses();
  for (let count = 0; count < 9; count += 1) causes.add(failed({ url: `http://h${count}/` }));
  const all = { ...quietly, journal: 'j', failed: 'f', report: 'r', worthRetrying: 9 };
  for (const stopped of ['signal', 'quota', 'disk', 'offline', 'min-free'] as const) {
    const lines = summaryLines(summary({ saved: 9, failed: 9, left: 12, stopped }), causes, all);
    assert.ok(lines.length <= 8);
    assert.equal(lines.at(-1), '12 left: run the same command again');
    assert.equal(
      summaryLines(summary({ left: null, stopped }), causes, all).at(-1),
      'lines left: run the same command again',
    );
  }
});

test('causes stay bounded in memory and lose no count', () => {
  const causes = openCauses();
  for (let count = 0; count < 12_000; count += 1) causes.add(failed({ url: `http://h${count}/` }));
  const { causes: all } = causes.top(20_000);
  assert.equal(
    all.reduce((sum, { count }) => sum + count, 0),
    12_000,
  );
  assert.ok(all.length <= 10_001);
});
