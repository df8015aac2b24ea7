/** Rewrites a journal without its stale and broken lines: a copy, fsync, rename, so that a kill at any instant leaves one whole journal. */

import { closeSync, constants, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { readLines } from './lines.js';
import { idBits, isWhole } from './record.js';
import type { Records } from './records.js';

/** More than half of it must be of no use, and enough to be worth the writing. */
export function isWorthIt({ census }: Records): boolean {
  const useless = census.stale + census.broken;
  return useless >= 1000 && useless > census.records - census.stale;
}

/** A copy that an earlier run left must be gone. @param records an index whose last journal is the one at `path`. */
export async function compact(path: string, records: Records): Promise<void> {
  const copy = `${path}.tmp`;
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const fd = openSync(copy, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    let kept: Buffer[] = [];
    let bytes = 0;
    const flush = () => {
      const whole = Buffer.concat(kept);
      for (let written = 0; written < whole.length; ) written += writeSync(fd, whole, written);
      kept = [];
      bytes = 0;
    };
    await readLines(path, (buffer, start, end, offset) => {
      if (!isWhole(buffer, start, end) || !records.isNewest(path, ...idBits(buffer, start), offset)) return;
      kept.push(Buffer.from(buffer.subarray(start, end + 1)));
      bytes += end + 1 - start;
      if (bytes > 1024 ** 2) flush();
    });
    flush();
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(copy, path);
}
