/** Flags that refuse files or end the run. */

import type { Flag } from '../flag.js';

export const limits: readonly Flag[] = [
  { long: 'max-size', value: 'BYTES', initial: 'off', help: 'Refuse larger files' },
  { long: 'min-size', value: 'BYTES', initial: 'off', help: 'Refuse smaller files' },
  { long: 'expect', value: 'TYPE', repeat: true, initial: 'off', help: 'Refuse other media types (image/*)' },
  { long: 'max-failures', value: 'N', initial: 'off', help: 'Stop the run after N failed lines' },
  { long: 'quota', value: 'BYTES', initial: 'off', help: 'Stop the run after so many bytes' },
  { long: 'deadline', value: 'T', initial: 'off', help: 'Stop the run after this time' },
  { long: 'min-free', value: 'BYTES', initial: '0', help: 'Stop the run when the disk has less free than this' },
];
