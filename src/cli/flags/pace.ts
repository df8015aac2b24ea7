/** Flags that say how many, how often and how fast. */

import type { Flag } from '../flag.js';

export const pace: readonly Flag[] = [
  { long: 'max-workers', letter: 'j', value: 'N', initial: '8', help: 'Transfers at the same time, in all' },
  { long: 'per-host', value: 'N', initial: '= -j', help: 'Transfers at the same time to one host: its seats' },
  {
    long: 'delay',
    value: 'A-B',
    initial: '0',
    help:
      'Each seat of a host rests a random time in A..B between two requests (`A` alone: always A; units ms s m h, bare ' +
      'numbers are seconds; in 1-4m the unit is for both). So -j 4 --delay 1-4 on one host is four workers that each ' +
      'pause 1 to 4 s; for one request at a time add --per-host 1',
  },
  {
    long: 'rate',
    value: 'N/UNIT',
    initial: 'off',
    help: 'Request starts to one host, evenly spaced: 60/m is one a second, 5/15s one each 3 s',
  },
  { long: 'limit-rate', value: 'BYTES', initial: 'off', help: 'Bytes per second, in all (500k, 2.5M; 1024-based)' },
  { long: 'robots', help: "Ask each origin's robots.txt first, obey it and its Crawl-delay" },
  {
    long: 'window',
    value: 'N',
    initial: '10000',
    help: 'Lines looked at ahead of the workers, so that other hosts fill a rest',
  },
];
