/** Gives a whole part its final name: by a hard link, which never overwrites, and below DIR only. */

import {
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { sep } from 'node:path';
import { PdlError } from '../errors.js';
import { errno } from './disk.js';

/** `null` where nothing is. Does not follow a last symbolic link. */
export function look(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (errno(error) === 'ENOTDIR') return null;
    throw error;
  }
}

/** Errors by which a file system says that it has no hard links (FAT, SMB, some FUSE), or no further one. */
const linkless = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Moves `part` to `final` unless something is there; false when something is.
 * A kill between link and unlink leaves a second name of a whole file in parts, which the next run removes.
 */
export function publishNew(part: string, final: string): boolean {
  try {
    linkSync(part, final);
  } catch (error) {
    const reason = errno(error) ?? '';
    if (reason === 'EEXIST') return false;
    if (linkless.has(reason)) return publishLinkless(part, final);
    throw error;
  }
  unlinkSync(part);
  return true;
}

/** An empty file of our own holds the name while the part is renamed over it. */
function publishLinkless(part: string, final: string): boolean {
  try {
    closeSync(openSync(final, 'wx'));
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    renameSync(part, final);
  } catch (error) {
    rmSync(final, { force: true });
    throw error;
  }
  return true;
}

/**
 * Makes the directories of `name` below `root`, and looks at each: a symbolic link must not lead out of `root`
 * (failure-cases S2, CVE-2014-4877). @param root a real path.
 * @throws PdlError NAME for such a link, EXISTS where a file is in the way.
 */
export function makeParents(root: string, name: string): void {
  for (let slash = name.indexOf('/'); slash !== -1; slash = name.indexOf('/', slash + 1)) {
    const path = `${root}/${name.slice(0, slash)}`;
    const stat = look(path) ?? makeDirectory(path);
    if (stat === null || stat.isDirectory()) continue;
    if (!stat.isSymbolicLink()) throw new PdlError('EXISTS', `Cannot save ${name}: ${name.slice(0, slash)} is a file`);
    if (!leadsInside(root, path)) {
      throw new PdlError(
        'NAME',
        `Cannot save ${name}: ${name.slice(0, slash)} is a symbolic link that leads elsewhere`,
      );
    }
  }
}

/** Null when made; what is there, when another was faster. */
function makeDirectory(path: string): Stats | null {
  try {
    mkdirSync(path);
    return null;
  } catch (error) {
    if (errno(error) === 'EEXIST') return look(path);
    throw error;
  }
}

function leadsInside(root: string, path: string): boolean {
  try {
    const real = realpathSync(path);
    return real.startsWith(root === sep ? root : root + sep) && (look(real)?.isDirectory() ?? false);
  } catch {
    return false;
  }
}
