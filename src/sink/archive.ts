/** --archive: which URLs were ever saved, one readable line each, shared by many lists and processes. */

import { constants, openSync } from 'node:fs';
import type { Job, Passed, Store } from '../types.js';
import { withoutFragment, withoutUserinfo } from '../url.js';
import { openAppender } from './appender.js';
import { diskError } from './disk.js';
import { KeyedHash } from './hashes.js';
import { readLines } from './lines.js';
import { HashTable } from './table.js';

export interface Archive extends Required<Store> {
  /**
   * Whether an archived line is met for the first time in this run: the bit for it stands beside the archive's own entry, where a further
   * table would take 87 MB for ten million lines. Null for what is not archived, or is told apart by more than the archive knows.
   */
  meet(job: Job): boolean | null;
}

/**
 * Reads the archive, which is made if missing (mode 0600). Lines are `url URL`, without userinfo and fragment; others, such as
 * yt-dlp's `youtube ID`, are left alone. What this run adds does not skip its own later lines: those are the duplicates'.
 * @throws PdlError DISK when it cannot be read or written.
 */
export async function openArchive(path: string): Promise<Archive> {
  const hash = new KeyedHash();
  const saved = new HashTable();
  const { appender } = await load(path, hash, saved);
  const lineOf = (job: Job) => `url ${withoutUserinfo(withoutFragment(job.url))}`;
  return {
    skip(job: Job): Passed | null {
      const { high, low } = hash.text(lineOf(job));
      return saved.has(high, low) ? { status: 'skipped', reason: 'archive' } : null;
    },
    meet(job: Job) {
      if (job.name !== undefined || withoutUserinfo(job.url) !== job.url) return null;
      const { high, low } = hash.text(lineOf(job));
      return saved.mark(high, low);
    },
    async add(job: Job) {
      try {
        await appender.append(`${lineOf(job)}\n`);
      } catch (error) {
        throw diskError(error, path);
      }
    },
    close: () => appender.close(),
  };
}

async function load(path: string, hash: KeyedHash, saved: HashTable) {
  try {
    // Read first: opened for writing, a named pipe would wait for its reader for ever.
    const { torn } = await readLines(path, (bytes, start, end) => {
      const { high, low } = hash.bytes(bytes, start, bytes[end - 1] === 13 ? end - 1 : end);
      saved.add(high, low);
    });
    const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o600);
    return { appender: openAppender(fd, torn, false) };
  } catch (error) {
    throw diskError(error, path);
  }
}
