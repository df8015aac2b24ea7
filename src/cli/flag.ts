/** The shape of one row of the flag table, and what follows from its name alone. */

import type { OptionName } from '../options.js';
import type { Kind } from '../units.js';

export type Group = 'Lists' | 'Pace' | 'Files' | 'Patience' | 'Limits' | 'Requests' | 'Network' | 'Output' | 'Run';

export interface Flag {
  readonly long: string;
  readonly letter?: string;
  /** What its value is called; a flag without one stands alone. */
  readonly value?: string;
  /** May be given several times. */
  readonly repeat?: true;
  /** One or two sentences, without the full stop at the end. */
  readonly help: string;
  /** The default as a reader of the help would type it. */
  readonly initial?: string;
  /** What a shell completes after it. */
  readonly complete?: 'file' | 'dir' | readonly string[];
  /** Kinds of the flags that only the command knows; all others are settled by `settle`. */
  readonly kind?: Kind<unknown>;
  /** Not to be set by a PDL_ variable. */
  readonly argvOnly?: true;
}

/** `max-workers` → `maxWorkers`: its key in the options. */
export function keyOf(flag: Flag): OptionName {
  return flag.long.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()) as OptionName;
}

/** `max-workers` → `PDL_MAX_WORKERS`. */
export function variableOf(flag: Flag): string {
  return `PDL_${flag.long.replaceAll('-', '_').toUpperCase()}`;
}

/** `-j, --max-workers N` as help and README show it. */
export function spelling(flag: Flag): string {
  const letter = flag.letter === undefined ? '' : `-${flag.letter}, `;
  return `${letter}--${flag.long}${flag.value === undefined ? '' : ` ${flag.value}`}`;
}
