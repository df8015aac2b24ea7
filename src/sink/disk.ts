/** What the disk says, in words: errno to PdlError, and a second try where the machine is only short of file handles. */

import { statfsSync } from 'node:fs';
import { constants } from 'node:os';
import { type Clock, sleep } from '../clock.js';
import { type ErrorCode, PdlError } from '../errors.js';

const states: Record<string, string> = {
  EROFS: 'the file system is read-only; choose another directory with -d',
  EACCES: 'permission denied; choose another directory with -d, or mend its rights',
  EPERM: 'operation not permitted; choose another directory with -d, or mend its rights',
  EIO: 'the disk reported an input/output error; look at the disk before the next run',
  ENOENT: 'the directory is gone',
  ESTALE: 'the directory is gone from its server',
  ENOTDIR: 'a file stands where a directory is needed',
  EEXIST: 'a file stands where a directory is needed',
  ELOOP: 'a symbolic link stands in the way',
  EXDEV: 'a part of it lies on another file system than its .pdl',
  EMFILE: 'too many open files for too long; lower -j',
  ENFILE: 'too many open files on this machine for too long',
};

/**
 * The error of a file operation as a PdlError; anything but an errno is given back as it is.
 * @param dir DIR as given. @param needed bytes of the file that did not fit, if known.
 */
export function diskError(error: unknown, dir: string, needed?: number): unknown {
  const reason = errno(error);
  if (reason === undefined) return error;
  return new PdlError(codes[reason] ?? 'DISK', message(reason, dir, needed), { reason, cause: error });
}

const codes: Record<string, ErrorCode> = { ENAMETOOLONG: 'NAME' };

/** Name of the errno of a failed call; undefined for any other error. */
export function errno(error: unknown): string | undefined {
  if (error instanceof PdlError || !(error instanceof Error)) return undefined;
  const { code, syscall, errno: number = 0 } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string' || typeof syscall !== 'string') return undefined;
  // Node calls EDQUOT and ESTALE "Unknown system error -122" and "-116".
  if (!code.startsWith('Unknown system error')) return code;
  return Object.entries(constants.errno).find(([, value]) => value === -number)?.[0] ?? code;
}

function message(reason: string, dir: string, needed?: number): string {
  if (reason === 'ENAMETOOLONG') return `Cannot write below ${dir}: the path is too long for this file system`;
  if (reason !== 'ENOSPC' && reason !== 'EDQUOT') return `Cannot write to ${dir}: ${states[reason] ?? reason}`;
  const state = reason === 'ENOSPC' ? 'no space left' : 'quota used up';
  const room = [free(dir), needed === undefined ? '' : `${size(needed)} needed`].filter(Boolean).join(', ');
  return `Cannot write to ${dir} (${state})${room && `: ${room}`}. Free some and run the same command again`;
}

function free(dir: string): string {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return `${size(bavail * bsize)} free`;
  } catch {
    return '';
  }
}

function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let amount = bytes;
  for (; amount >= 1024 && unit < units.length - 1; unit += 1) amount /= 1024;
  return `${unit === 0 ? amount : amount.toFixed(1)} ${units[unit]}`;
}

/** Longest time to wait for a file handle: others hold them for the length of one transfer at most. */
const patience = 60_000;

/** The process or the machine has no file handle left. */
export function lacksHandle(error: unknown): boolean {
  const reason = errno(error);
  return reason === 'EMFILE' || reason === 'ENFILE';
}

/** Does `act`; while the process or the machine has no file handle left, again after a pause of up to a second. */
export async function withHandle<T>(clock: Clock, act: () => T): Promise<T> {
  const start = clock.now();
  for (let pause = 10; ; pause = Math.min(2 * pause, 1000)) {
    try {
      return act();
    } catch (error) {
      if (!lacksHandle(error) || clock.now() - start > patience) throw error;
    }
    await sleep(clock, pause);
  }
}
