/** Reads the PDL_ variables by the flag table. */

import { UsageError } from '../errors.js';
import type { Typed } from './command.js';
import { type Flag, keyOf, variableOf } from './flag.js';
import { flags } from './flags.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the variables say, by key; an empty one says nothing. `input` is among them. */
export function readVariables(env: Environment): Typed {
  const typed: Typed = {};
  for (const flag of flags) {
    const text = env[variableOf(flag)];
    if (flag.argvOnly || text === undefined || text === '') continue;
    const value = read(flag, text);
    if (value !== undefined) typed[keyOf(flag)] = value;
  }
  return typed;
}

function read(flag: Flag, text: string): string | string[] | number | true | undefined {
  if (flag.value !== undefined) return flag.repeat ? text.split(/\r?\n/).filter((line) => line !== '') : text;
  if (text === '0') return undefined;
  if (text === '1') return flag.repeat ? 1 : true;
  if (text === '2' && flag.repeat) return 2;
  throw new UsageError(
    `Cannot use ${variableOf(flag)} ${JSON.stringify(text).slice(0, 80)}: allowed is ${flag.repeat ? '0, 1 or 2' : '0 or 1'}`,
  );
}
