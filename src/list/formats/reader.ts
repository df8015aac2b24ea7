/** The port of all list formats: lines in, entries out, nothing waits. */

import type { Entry, Line } from '../../types.js';
import type { RawLine } from '../text.js';

/** Reads one list. A throw (PdlError LIST) means that the list as a whole cannot be read. */
export interface Reader {
  /** Entries that are whole with these lines. */
  take(lines: readonly RawLine[]): Entry[];
  /** The list pauses here (a pipe): what may be given out already. */
  pause?(): Entry[];
  /** The list ends: what is left. */
  end(): Entry[];
}

/** Tells people about a part of a list that is not used; each `what` is said once a list. */
export type Once = (what: string, line: number, text: string) => void;

export type OpenReader = (source: string, once: Once) => Reader;

/** An entry that will become a BAD_LINE result. */
export function bad(line: Line, problem: string, url = ''): Entry {
  return { url, origin: plain(line), problem };
}

export function tooLong(line: Line): Entry {
  return bad(line, 'it is longer than 64 kB');
}

/** The line without the reader's own mark. */
function plain({ source, number, text }: Line): Line {
  return { source, number, text };
}
