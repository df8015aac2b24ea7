/** What a named field of a record (a column, a JSON key) means. */

import type { Algorithm, Entry } from '../../types.js';
import { isAlgorithm } from '../checksum.js';

export type Meaning =
  | { kind: 'url' }
  | { kind: 'out' }
  | { kind: 'checksum'; algorithm?: Algorithm }
  | { kind: 'header'; name: string }
  | { kind: 'column'; name: string };

/** `url out checksum sha256 sha512 sha1 md5` in any case, `header.X`; any other name is a column. */
export function meaningOf(name: string): Meaning {
  const lower = name.toLowerCase();
  if (lower === 'url') return { kind: 'url' };
  if (lower === 'out') return { kind: 'out' };
  if (lower === 'checksum') return { kind: 'checksum' };
  if (isAlgorithm(lower)) return { kind: 'checksum', algorithm: lower };
  if (lower.startsWith('header.')) return { kind: 'header', name: name.slice('header.'.length) };
  return { kind: 'column', name };
}

/** An entry that is put together field by field. Empty fields count as absent, but for columns. */
export interface Collected {
  url: string;
  name?: string;
  checksum?: string;
  headers: [string, string][];
  columns: [string, string][];
}

export function collect(into: Collected, meaning: Meaning, value: string): void {
  if (meaning.kind === 'column') into.columns.push([meaning.name, value]);
  else if (value.trim() === '') return;
  else if (meaning.kind === 'url') into.url = value;
  else if (meaning.kind === 'out') into.name = value;
  else if (meaning.kind === 'header') into.headers.push([meaning.name, value]);
  else into.checksum ??= /[:=]/.test(value) ? value : spelt(meaning.algorithm, value);
}

function spelt(algorithm: Algorithm | undefined, hex: string): string {
  return algorithm === undefined ? hex : `${algorithm}:${hex.trim()}`;
}

export function entryOf({ url, name, checksum, headers, columns }: Collected, origin: Entry['origin'] & object): Entry {
  return {
    url,
    origin,
    ...(name !== undefined && { name }),
    ...(checksum !== undefined && { checksum }),
    // fromEntries defines own properties: a column called __proto__ is a column.
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    ...(columns.length > 0 && { columns: Object.fromEntries(columns) }),
  };
}
