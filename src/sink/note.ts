/** The note beside a part: of which version of which URL its bytes are. A part without a fitting note is of no use (failure-cases R13). */

import { closeSync, constants, openSync, readFileSync, type Stats, writeSync } from 'node:fs';
import type { Head, Held, Job } from '../types.js';
import { withoutFragment, withoutQuery, withoutUserinfo } from '../url.js';
import { errno } from './disk.js';

export interface Note {
  url: string;
  validator: string;
  total?: number;
  encoding?: string;
  /** Where redirects led to, without query: it may hold a signature. Absent where the URL itself answered. */
  from?: string;
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
    ...(head.url !== shownUrl(job) && { from: withoutQuery(head.url) }),
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

/** Null when there is none that is whole and of this job. @throws the errno of reading, such as EMFILE. */
export function readNote(path: string, job: Job): Note | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errno(error) === 'ENOENT') return null;
    throw error;
  }
  const note = parse(text);
  return note?.url === shownUrl(job) && isValidator(note.validator) && [note.total, note.durable].every(isCount)
    ? note
    : null;
}

function parse(text: string): Note | null {
  try {
    return JSON.parse(text) as Note | null;
  } catch {
    return null;
  }
}

/** It goes back into a header. */
function isValidator(value: unknown): boolean {
  return typeof value === 'string' && /^[\x20-\x7e\x80-\xff]+$/.test(value);
}

function isCount(value: unknown): boolean {
  return value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0);
}

function shownUrl(job: Job): string {
  return withoutUserinfo(withoutFragment(job.url));
}

/** Null when the part does not fit its note (failure-cases R13). */
export function heldOf(
  { url, validator, total, encoding, from = url, durable }: Note,
  stat: Stats | null,
): Held | null {
  const offset = Math.min(stat?.size ?? 0, durable ?? Number.POSITIVE_INFINITY);
  if (!stat?.isFile() || offset === 0 || offset > (total ?? Number.POSITIVE_INFINITY)) return null;
  return {
    kind: 'part',
    offset,
    validator,
    ...(total !== undefined && { total }),
    ...(encoding !== undefined && { encoding }),
    from,
  };
}
