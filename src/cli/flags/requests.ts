/** Flags that say what a request carries. */

import type { Flag } from '../flag.js';

export const requests: readonly Flag[] = [
  { long: 'header', letter: 'H', value: "'K: V'", repeat: true, help: 'One more request header' },
  {
    long: 'header-file',
    value: 'FILE',
    complete: 'file',
    help: 'Request headers from a file, one a line, so that secrets stay off the command line',
  },
  { long: 'user-agent', letter: 'A', value: 'S', initial: 'pdl/VERSION', help: 'The User-Agent' },
  { long: 'netrc', help: 'Passwords from ~/.netrc' },
  { long: 'netrc-file', value: 'FILE', complete: 'file', help: 'Passwords from this file' },
  { long: 'cookies', value: 'FILE', complete: 'file', help: 'Cookies from a cookies.txt' },
];
