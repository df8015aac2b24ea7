/** Remembers which lines a run has already seen, so that the same URL under the same name is fetched once. */

import type { Job, Passed } from '../types.js';
import type { Archive } from './archive.js';
import { KeyedHash } from './hashes.js';
import { HashTable } from './table.js';

/**
 * A fresh memory of job ids. Ask it once for each line, in list order. 12 bytes a line at most.
 * @param named a line may come twice by right (a queue hands out again what a lost worker had): then there are none.
 * @param archive remembers the lines that it holds by itself.
 */
export function duplicates(
  { named } = { named: false },
  archive: Pick<Archive, 'meet'> | null = null,
): { skip(job: Job): Passed | null } {
  if (named) return { skip: () => null };
  const hash = new KeyedHash();
  const seen = new HashTable();
  const isNew = (job: Job) => {
    const { high, low } = hash.text(job.id);
    return seen.add(high, low);
  };
  return {
    skip(job: Job): Passed | null {
      const isFirst = archive?.meet(job) ?? isNew(job);
      return isFirst ? null : { status: 'skipped', reason: 'duplicate' };
    },
  };
}
