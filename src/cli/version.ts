/** The version of this package, from the package.json above, which is not equally far from src/ and from dist/. */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export function version(from: string = import.meta.dirname): string {
  try {
    const found = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
    if (typeof found.version === 'string') return found.version;
  } catch {
    // none here: look further up
  }
  return dirname(from) === from ? 'unknown' : version(dirname(from));
}
