/** The note beside a part: of which version of which URL its bytes are. A part without a fitting note is of no use (failure-cases R13). */

import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import type { Head, Job } from '../types.js';
import { withoutFragment, withoutUserinfo } from '../url.js';

export interface Note {
  url: string;
  validator: string;
  total?: number;
  encoding?: string;
  /** Under --fsync: bytes known to survive a power loss; the tail beyond may be zeros (failure-cases R14). */
  durable?: number;
}

/** Null when the server gave nothing by which the part could be continued. */
export function noteOf(job: Job, head: Head): Note | null {
  if (head.validator === undefined) return null;
  const encoding = head.headers['content-encoding'];
  return {
    url: shownUrl(job),
    validator: head.validator,
    ...(head.total !== undefined && { total: head.total }),
    ...(encoding !== undefined && { encoding }),
  };
}

/** A torn write is no JSON and so no note. */
export function writeNote(path: string, note: Note): void {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  const fd = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
  try {
    writeSync(fd, JSON.stringify(note));
  } finally {
    closeSync(fd);
  }
}

/** Null when there is none that is whole and of this job. */
export function readNote(path: string, job: Job): Note | null {
  try {
    const note = JSON.parse(readFileSync(path, 'utf8')) as Note;
    const fits =
      note.url === shownUrl(job) &&
      typeof note.validator === 'string' &&
      /^[\x20-\x7e\x80-\xff]+$/.test(note.validator);
    return fits && [note.total, note.durable].every(isCount) ? note : null;
  } catch {
    return null;
  }
}

function isCount(value: unknown): boolean {
  return value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0);
}

function shownUrl(job: Job): string {
  return withoutUserinfo(withoutFragment(job.url));
}
