/** `--failed FILE`: each failed line, the moment it failed, written so that `pdl FILE` tries it again. */

import fs from 'node:fs';
import { PdlError, UsageError } from '../errors.js';
import type { Failed } from '../types.js';
import { type Format, formatOf, openEntries } from './failed-entry.js';
import { safe } from './safe.js';

/** A list of the run: its path (`-` for stdin) and how it is written. */
export interface FailedList {
  path: string;
  format: Format | 'auto';
}

export interface FailedFile {
  /** Written at the end of this turn of the event loop. Throws PdlError DISK when an earlier write failed. */
  add(failed: Failed): void;
  /** Writes what is left. Throws PdlError DISK. */
  close(): void;
}

export interface FailedOptions {
  /** `all`: also names that the list did not give, for templates that depend on the position (`{index}`, `{line}`). */
  names: 'explicit' | 'all';
}

/**
 * Opens FILE with mode 0600 (URLs may hold passwords) and empties it. Its ending tells the format, as for a list.
 * @throws UsageError when FILE is one of the lists; PdlError DISK when it cannot be written.
 */
export function openFailed(
  path: string,
  lists: readonly FailedList[],
  options: FailedOptions = { names: 'explicit' },
): FailedFile {
  refuseLists(path, lists);
  const fd = openPrivate(path);
  const formats = new Map(lists.map(({ path: list, format }) => [list, format === 'auto' ? formatOf(list) : format]));
  const entry = openEntries(formatOf(path), (source) => formats.get(source) ?? 'lines', options.names === 'all');
  let waiting = '';
  let broken: PdlError | null = null;

  function flush(): void {
    const text = waiting;
    waiting = '';
    if (text === '' || broken !== null) return;
    try {
      writeWhole(fd, Buffer.from(text));
    } catch (error) {
      broken = unwritable(path, error);
    }
  }

  return {
    add(failed) {
      if (broken !== null) throw broken;
      // One write for all that failed in one turn: a dead host fails thousands of lines at once.
      if (waiting === '') setImmediate(flush);
      waiting += `${reason(failed)}\n${entry(failed)}`;
    },
    close() {
      flush();
      fs.closeSync(fd);
      if (broken !== null) throw broken;
    },
  };
}

function reason({ error, permanent }: Failed): string {
  return safe(`# ${error.code} ${permanent ? 'permanent' : 'transient'}: ${error.message}`);
}

function refuseLists(path: string, lists: readonly FailedList[]): void {
  const target = fs.statSync(path, { throwIfNoEntry: false, bigint: true });
  if (target?.isFile() !== true) return;
  for (const { path: list } of lists) {
    const stat = list === '-' ? fs.fstatSync(0, { bigint: true }) : statOf(list);
    // By inode: a link to the list is the list.
    if (stat?.ino === target.ino && stat.dev === target.dev)
      throw new UsageError(`Cannot write failed lines to ${safe(path)}: it is one of the lists (name another file)`);
  }
}

function statOf(path: string): fs.BigIntStats | undefined {
  try {
    return fs.statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

function openPrivate(path: string): number {
  try {
    const fd = fs.openSync(path, 'w', 0o600);
    // An older file keeps its mode when it is opened; a terminal or a pipe keeps it altogether.
    if (fs.fstatSync(fd).isFile()) fs.fchmodSync(fd, 0o600);
    return fd;
  } catch (error) {
    throw unwritable(path, error);
  }
}

function writeWhole(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at);
}

function unwritable(path: string, cause: unknown): PdlError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new PdlError('DISK', `Cannot write failed lines to ${safe(path)}: ${reason}`, { reason, cause });
}
