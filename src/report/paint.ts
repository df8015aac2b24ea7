/** Decides whether a stream gets colour, and colours. The only importer of chalk, which itself ignores NO_COLOR. */

import { Chalk } from 'chalk';

export type When = 'auto' | 'always' | 'never';

export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  note(text: string): string;
  dim(text: string): string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** FORCE_COLOR wins over NO_COLOR, as in Node; `--color` wins over both. */
export function wantsColor(stream: { isTTY?: boolean }, when: When, env: Environment): boolean {
  if (when !== 'auto') return when === 'always';
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (env['NO_COLOR']) return false;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

export function paint(colored: boolean): Paint {
  const chalk = new Chalk({ level: colored ? 1 : 0 });
  return { good: chalk.green, bad: chalk.red, note: chalk.yellow, dim: chalk.dim };
}
