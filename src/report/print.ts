/** `--print path`: the path of each saved file and nothing else. */

import type { Result } from '../types.js';
import { safe } from './safe.js';

/** One line with its end, or null for what is not saved. A program gets the path as it is, a terminal what is safe of it. */
export function pathLine(result: Result, terminal: boolean): string | null {
  if (result.status !== 'saved') return null;
  return `${terminal ? safe(result.path) : result.path}\n`;
}
