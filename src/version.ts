/** pdl's own version, for --version, User-Agent and the queue. */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The version in pdl's package.json, wherever this file was built or bundled to below it; `unknown` without one. */
export const version: string = readVersion(import.meta.dirname ?? '/');

/** Walks up: src/ and dist/src/ lie at different depths, a bundle at a third. */
function readVersion(dir: string): string {
  try {
    const found = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
    if (found.name === 'pdl' && typeof found.version === 'string') return found.version;
  } catch {
    // none here: look further up
  }
  return dirname(dir) === dir ? 'unknown' : readVersion(dirname(dir));
}
