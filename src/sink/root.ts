/** DIR itself: made with its parents, and known to be writable. */

import { accessSync, constants, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Makes DIR and looks whether it can be written to, before any request (failure-cases S6). Returns its real path; throws errno. */
export function openRoot(dir: string): string {
  const path = resolve(dir);
  makeDir(path);
  accessSync(path, constants.W_OK | constants.X_OK);
  return realpathSync(path);
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
