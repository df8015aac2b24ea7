/** Turns the arguments of the command line into inputs: files, stdin, URLs. */

import { UsageError } from '../errors.js';
import { safe } from '../report/safe.js';
import { withoutPasswords } from '../report/secrets.js';
import type { Input } from './programs.js';

/**
 * Inputs in the order given. Without any, stdin is the list unless it is a terminal.
 * @returns null when there is no list at all.
 * @throws UsageError for a URL of another scheme, and for stdin given twice.
 */
export function inputsOf(lists: readonly string[], stdin: NodeJS.ReadStream): Input[] | null {
  if (lists.length === 0) return stdin.isTTY ? null : [{ kind: 'stdin', stream: stdin }];
  if (lists.filter((list) => list === '-').length > 1) {
    throw new UsageError('Cannot read stdin twice: `-` is given more than once');
  }
  return lists.map((list) => inputOf(list, stdin));
}

function inputOf(list: string, stdin: NodeJS.ReadStream): Input {
  if (list === '-') return { kind: 'stdin', stream: stdin };
  if (/^https?:\/\//i.test(list)) return { kind: 'url', text: list };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(list)) {
    throw new UsageError(`Cannot fetch ${withoutPasswords(safe(list))}: allowed are http and https URLs`);
  }
  return { kind: 'file', path: list };
}
