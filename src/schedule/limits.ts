/** The limits that a user sets for a whole run, and a disk that is full: nothing new starts, what runs ends. */

import type { Settings } from '../options.js';
import type { Result, StopReason } from '../types.js';
import type { Run } from './run.js';

/** What has come in so far. */
export interface Tally {
  failures: number;
  /** Received over the network into saved files. */
  bytes: number;
  /** A failure of the disk was met. */
  disk: boolean;
}

type Limits = Pick<Settings, 'maxFailures' | 'quota' | 'deadline' | 'minFree'>;

/** Between two looks at the free space, ms. */
const freeEveryMs = 1_000;

/** Which limit is reached, or null. */
export function reached(tally: Tally, limits: Pick<Limits, 'maxFailures' | 'quota'>): StopReason | null {
  if (tally.disk) return 'disk';
  if (tally.failures >= limits.maxFailures) return 'max-failures';
  if (tally.bytes >= limits.quota) return 'quota';
  return null;
}

export interface Watch {
  /** Sees each result the moment it is there. */
  see(result: Result): void;
  readonly tally: Readonly<Tally>;
  /** The first look at the free space: nothing should start before it. Rejects when `free` does. */
  readonly looked: Promise<void>;
}

/** @param free bytes free where files land; asked at most once a second, and only under --min-free. */
export function watch(limits: Limits, run: Run, free: () => Promise<number>): Watch {
  const tally: Tally = { failures: 0, bytes: 0, disk: false };
  if (limits.deadline !== Number.POSITIVE_INFINITY)
    run.at(run.clock.now() + limits.deadline, () => run.stop('deadline'));

  const look = async () => {
    if ((await free()) < limits.minFree) run.stop('min-free');
    else if (!run.ending) run.at(run.clock.now() + freeEveryMs, () => void look().catch(() => {}));
  };

  return {
    tally,
    looked: limits.minFree > 0 ? look() : Promise.resolve(),
    see(result) {
      if (result.status === 'saved') tally.bytes += result.bytes - result.resumedFrom;
      // A line that was cut off is the consequence of a stop, not a reason for one.
      else if (result.status === 'failed' && result.error.code !== 'ABORTED') {
        tally.failures += 1;
        if (result.error.code === 'DISK') tally.disk = true;
      }
      const reason = reached(tally, limits);
      if (reason !== null) run.stop(reason);
    },
  };
}
