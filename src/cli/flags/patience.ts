/** Flags that say how long to try and to wait. */

import type { Flag } from '../flag.js';

export const patience: readonly Flag[] = [
  { long: 'retry', value: 'N', initial: '3', help: 'Retries after the first try' },
  { long: 'retry-max-time', value: 'T', initial: '10m', help: "Patience for one line's own requests and backoff" },
  { long: 'max-retry-after', value: 'T', initial: '1h', help: "Patience for one host's Retry-After" },
  { long: 'connect-timeout', value: 'T', initial: '10s', help: 'Connecting, proxy and TLS included' },
  { long: 'timeout', value: 'T', initial: '60s', help: 'Waiting for the header block, then for each next byte' },
  { long: 'max-time', value: 'T', initial: 'off', help: 'One line, all its requests' },
  { long: 'speed-limit', value: 'BYTES', initial: 'off', help: 'Give up on a transfer slower than this per second' },
  { long: 'speed-time', value: 'T', initial: '30s', help: 'for as long as this' },
];
