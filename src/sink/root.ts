/** DIR itself: made with its parents, and known to be writable. */

import { accessSync, constants, mkdirSync, opendirSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Makes DIR and looks whether it can be written to, before any request (failure-cases S6). Returns its real path; throws errno. */
export function openRoot(dir: string): string {
  const path = resolve(dir);
  makeDir(path);
  accessSync(path, constants.W_OK | constants.X_OK);
  return realpathSync(path);
}

/** Nothing is in the directory but pdl's own state. */
export function isEmpty(root: string): boolean {
  const entries = opendirSync(root);
  try {
    for (let entry = entries.readSync(); entry !== null; entry = entries.readSync())
      if (entry.name !== '.pdl') return false;
    return true;
  } finally {
    entries.closeSync();
  }
}

/** One by one from above: Node's own `recursive` never ends where a parent takes no directory, as /proc does (Node 20.20, measured). */
function makeDir(path: string): void {
  if (isDirectory(path)) return;
  makeDir(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another run may have been faster.
    if (!isDirectory(path)) throw error;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
