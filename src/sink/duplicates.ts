/** Remembers which lines a run has already seen, so that the same URL under the same name is fetched once. */

import type { Job, Passed } from '../types.js';
import { HashTable, KeyedHash } from './hashes.js';

/** A fresh memory of job ids. Ask it once for each line, in list order. 12 bytes a line at most. */
export function duplicates(): { skip(job: Job): Passed | null } {
  const hash = new KeyedHash();
  const seen = new HashTable();
  return {
    skip(job: Job): Passed | null {
      const { high, low } = hash.text(job.id);
      return seen.add(high, low) ? null : { status: 'skipped', reason: 'duplicate' };
    },
  };
}
