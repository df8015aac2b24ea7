/** Remembers which lines a run has already seen, so that the same URL under the same name is fetched once. */

import type { Job, Passed } from '../types.js';
import { KeyedHash } from './hashes.js';
import { HashTable } from './table.js';

/**
 * A fresh memory of job ids. Ask it once for each line, in list order. 12 bytes a line at most.
 * @param named a line may come twice by right (a queue hands out again what a lost worker had): then there are none.
 */
export function duplicates({ named } = { named: false }): { skip(job: Job): Passed | null } {
  if (named) return { skip: () => null };
  const hash = new KeyedHash();
  const seen = new HashTable();
  return {
    skip(job: Job): Passed | null {
      const { high, low } = hash.text(job.id);
      return seen.add(high, low) ? null : { status: 'skipped', reason: 'duplicate' };
    },
  };
}
