/** What happened into the exit code. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exitCode, type Facts } from '../../src/cli/exit-code.ts';
import type { StopReason, Summary } from '../../src/types.ts';

function summary(fields: Partial<Summary> = {}): Summary {
  return { saved: 1, skipped: 0, failed: 0, left: 0, bytes: 1, durationMs: 1, stopped: null, ...fields };
}

const table: [what: string, summary: Summary | null, facts: Facts, code: number][] = [
  ['all well', summary(), {}, 0],
  ['skips alone', summary({ saved: 0, skipped: 9 }), {}, 0],
  ['nothing to do', summary({ saved: 0 }), {}, 0],
  ['one failed', summary({ failed: 1 }), {}, 1],
  ['the network is down', summary({ left: 7, stopped: 'offline' }), {}, 1],
  ['a list cannot be read', null, { misused: true }, 2],
  ['no line is valid', summary({ saved: 0, failed: 3 }), { misused: true }, 2],
  ['a list is none', null, { refused: 'LIST' }, 2],
  ['the disk is full', summary({ failed: 1, stopped: 'disk' }), {}, 3],
  ['DIR is not writable', null, { refused: 'DISK' }, 3],
  ['--failed cannot be written', summary(), { notWritten: true }, 3],
  ['--max-failures', summary({ failed: 5, stopped: 'max-failures' }), {}, 4],
  ['--quota', summary({ stopped: 'quota' }), {}, 4],
  ['--deadline', summary({ stopped: 'deadline', left: null }), {}, 4],
  ['--min-free', summary({ stopped: 'min-free' }), {}, 4],
  ['another pdl is at work', null, { refused: 'LOCKED' }, 5],
  ['a bug', null, { bug: true }, 70],
  ['hung up', summary({ stopped: 'signal' }), { signal: 'SIGHUP' }, 129],
  ['interrupted', summary({ stopped: 'signal', failed: 3 }), { signal: 'SIGINT' }, 130],
  ['interrupted before the run began', null, { signal: 'SIGINT' }, 130],
  ['terminated', summary({ stopped: 'signal' }), { signal: 'SIGTERM' }, 143],
  ['stdout closed', summary({ stopped: 'signal' }), { stdoutGone: true }, 141],
];

for (const [what, given, facts, code] of table) {
  test(`${code}: ${what}`, () => assert.equal(exitCode(given, facts), code));
}

test('several at once: 70, 141, signal, 3, 4, 2, 1', () => {
  const ranks: [fact: Facts, stopped: StopReason | null, failed: number, code: number][] = [
    [{ bug: true }, null, 0, 70],
    [{ stdoutGone: true }, null, 0, 141],
    [{ signal: 'SIGTERM' }, null, 0, 143],
    [{ notWritten: true }, null, 0, 3],
    [{}, 'quota', 0, 4],
    [{ misused: true }, null, 0, 2],
    [{}, null, 1, 1],
  ];
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(ranks.length - 1), { minLength: 1 }), (picked) => {
      const chosen = picked.map((index) => ranks[index]!);
      const facts = Object.assign({}, ...chosen.map(([fact]) => fact));
      const stopped = chosen.map(([, reason]) => reason).find((reason) => reason !== null) ?? null;
      const failed = Math.max(...chosen.map(([, , count]) => count));
      const wanted = ranks[Math.min(...picked)]![3];
      assert.equal(exitCode(summary({ failed, stopped }), facts), wanted);
    }),
  );
});
