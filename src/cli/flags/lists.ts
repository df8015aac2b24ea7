/** Flags that say what is fetched. */

import { word } from '../../units.js';
import type { Flag } from '../flag.js';

const formats = ['lines', 'aria2', 'tsv', 'csv', 'jsonl', 'auto'] as const;

export const lists: readonly Flag[] = [
  {
    long: 'input',
    letter: 'i',
    value: 'FILE',
    repeat: true,
    complete: 'file',
    help: 'One more list (`-` is stdin). Lists are read one after the other, in the order given',
  },
  {
    long: 'format',
    value: 'FORMAT',
    initial: 'auto',
    complete: formats,
    kind: word(...formats),
    help: 'How a list is written: lines, aria2, tsv, csv, jsonl, or auto: by its ending, else lines',
  },
  { long: 'glob', help: 'Read curl ranges such as [1-17] and {a,b} in the lines of a list too' },
  { long: 'no-glob', help: 'Read them nowhere, not even in URL arguments' },
];
