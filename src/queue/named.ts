/** The lines of a list with the names that they would have in a local run. */

import type { EagerIterable } from '../eager.js';
import { type Intake, intake } from '../list/intake.js';
import { inShard } from '../list/shard.js';
import type { Settings } from '../options.js';
import { duplicates } from '../sink/duplicates.js';
import { openNames } from '../sink/names.js';
import type { Job, Source } from '../types.js';

export interface Named {
  lines: EagerIterable<Intake>;
  /** True for a job whose file the list itself named. */
  isNamed(job: Job): boolean;
}

/** Names are given here, once and in list order, so that workers need not agree on any. */
export function named(source: Source, settings: Settings): Named {
  const names = openNames(settings);
  const explicit = new WeakSet<Job>();
  const lines = intake(source, {
    twin: duplicates().skip,
    name(job, index) {
      if (job.name !== undefined) explicit.add(job);
      return names.give(job, index);
    },
    mine: inShard(settings.shard),
  });
  return { lines, isNamed: (job) => explicit.has(job) };
}
