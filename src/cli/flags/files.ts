/** Flags that say where files go and what becomes of those that are there. */

import type { Flag } from '../flag.js';

export const files: readonly Flag[] = [
  { long: 'dir', letter: 'd', value: 'DIR', initial: '.', complete: 'dir', help: 'Where files go (made if missing)' },
  {
    long: 'name',
    letter: 'o',
    value: 'TEMPLATE',
    initial: '{name}',
    help:
      "Path below DIR, from {host} {path} (the URL's directories and name) {name} {stem} {ext} {index} or {index:06} " +
      '(counts URL lines) {line} (in its list) {hash} or {hash:8} and any column of the list',
  },
  { long: 'content-disposition', help: 'Let the server name the file' },
  {
    long: 'existing',
    value: 'HOW',
    initial: 'skip',
    complete: ['skip', 'overwrite', 'rename', 'refresh'],
    help:
      'A file is there already: skip it, overwrite it, rename (number the new one), or refresh (ask with ' +
      'If-None-Match or If-Modified-Since)',
  },
  { long: 'no-resume', help: 'Never continue a partial file' },
  {
    long: 'archive',
    value: 'FILE',
    initial: 'off',
    complete: 'file',
    help: 'Skip URLs recorded in FILE and record new ones; shared by many lists',
  },
  { long: 'remote-time', letter: 'R', help: "Give files the server's Last-Modified" },
];
