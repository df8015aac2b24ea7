/** Flags that check, plan, split or explain a run. */

import { text, word } from '../../units.js';
import type { Flag } from '../flag.js';

const shells = ['bash', 'zsh', 'fish'] as const;

export const run: readonly Flag[] = [
  { long: 'sha256', help: "Record each file's SHA-256 in results and journal" },
  { long: 'verify', argvOnly: true, help: 'No network: check DIR against its journal; exit 1 on a mismatch' },
  { long: 'fsync', help: 'Survive power loss too, not only a killed process' },
  {
    long: 'plan',
    argvOnly: true,
    help: 'No network: hosts, counts, duplicates, name collisions, the expected time of the rests alone',
  },
  { long: 'shard', value: 'I/N', help: 'Only the hosts whose hash falls in shard I (0..N-1)' },
  {
    long: 'queue',
    value: 'URL',
    initial: 'off',
    kind: text,
    help: 'Many machines over one Redis (redis://host/0): hand the list over to the workers there, report their results',
  },
  { long: 'worker', argvOnly: true, help: 'Be one of the machines that fetch for --queue' },
  {
    long: 'run',
    value: 'NAME',
    initial: 'off',
    kind: text,
    help: 'Name of the run in the queue, to take it up again; by default it follows from the lists',
  },
  {
    long: 'completion',
    value: 'SHELL',
    argvOnly: true,
    complete: shells,
    kind: word(...shells),
    help: 'Print a shell completion: bash, zsh or fish',
  },
  { long: 'help', letter: 'h', argvOnly: true, help: 'Print this' },
  { long: 'version', letter: 'V', argvOnly: true, help: 'Print the version' },
];
