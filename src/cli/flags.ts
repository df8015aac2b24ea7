/** The one table of flags: commander's options, help, README, man page, completions and PDL_ variables are written from it. */

import type { Flag, Group } from './flag.js';
import { files } from './flags/files.js';
import { limits } from './flags/limits.js';
import { lists } from './flags/lists.js';
import { network } from './flags/network.js';
import { output } from './flags/output.js';
import { pace } from './flags/pace.js';
import { patience } from './flags/patience.js';
import { requests } from './flags/requests.js';
import { run } from './flags/run.js';

export const groups: readonly (readonly [Group, readonly Flag[]])[] = [
  ['Lists', lists],
  ['Pace', pace],
  ['Files', files],
  ['Patience', patience],
  ['Limits', limits],
  ['Requests', requests],
  ['Network', network],
  ['Output', output],
  ['Run', run],
];

export const flags: readonly Flag[] = groups.flatMap(([, group]) => group);
