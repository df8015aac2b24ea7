/** How a list may be written, and what reads it. */

import { aria2 } from './aria2.js';
import { jsonl } from './jsonl.js';
import { lines } from './lines.js';
import type { OpenReader } from './reader.js';
import { csv, tsv } from './table.js';

/** How a list is written. */
export type Format = 'lines' | 'aria2' | 'tsv' | 'csv' | 'jsonl';

/** The reader of each. */
export const readers: Record<Format, OpenReader> = { lines, aria2, tsv, csv, jsonl };

/** The format that a file's ending tells (`.gz` aside): `.tsv .csv .jsonl .ndjson`, else lines. aria2 has no ending: `.aria2` files are its control files. */
export function formatOf(path: string): Format {
  const [, ending = ''] = /\.([a-z0-9]+)(?:\.gz)?$/i.exec(path) ?? [];
  return byEnding[ending.toLowerCase()] ?? 'lines';
}

const byEnding: Partial<Record<string, Format>> = { tsv: 'tsv', csv: 'csv', jsonl: 'jsonl', ndjson: 'jsonl' };
