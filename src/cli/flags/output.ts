/** Flags that say what is told, and where. */

import { text, word } from '../../units.js';
import type { Flag } from '../flag.js';

const progress = ['auto', 'bar', 'plain', 'none'] as const;
const colors = ['auto', 'always', 'never'] as const;

export const output: readonly Flag[] = [
  { long: 'json', help: 'One JSON object a line on stdout, for each result and a last one for the summary' },
  {
    long: 'print',
    value: 'path',
    complete: ['path'],
    kind: word('path'),
    help: 'Just the path of each saved file on stdout',
  },
  {
    long: 'failed',
    value: 'FILE',
    initial: 'off',
    complete: 'file',
    kind: text,
    help: 'Failed lines as given, each with its reason as a comment, to be fed back',
  },
  {
    long: 'report',
    value: 'FILE',
    initial: 'off',
    complete: 'file',
    kind: text,
    help: 'A self-contained HTML page about the run, with plots',
  },
  {
    long: 'progress',
    value: 'HOW',
    initial: 'auto',
    complete: progress,
    kind: word(...progress),
    help: 'auto (bars when stderr is a terminal, else a line each 30 s under -v), bar, plain or none',
  },
  {
    long: 'quiet',
    letter: 'q',
    help: 'No text lines, only errors, on stderr; --json and --print still print',
  },
  { long: 'verbose', letter: 'v', repeat: true, help: 'Starts, rests, retries, redirects; twice: causes too' },
  {
    long: 'color',
    value: 'WHEN',
    initial: 'auto',
    complete: colors,
    kind: word(...colors),
    help: 'auto, always or never; NO_COLOR, FORCE_COLOR and TERM=dumb are honoured',
  },
];
