/** A failed line as an entry of a list: as it was given where the formats agree, else put together from its job. */

import type { Checksum, Failed, Job } from '../types.js';
import { idOf } from '../url.js';
import { safe } from './safe.js';

export type Format = 'lines' | 'aria2' | 'tsv' | 'csv' | 'jsonl';

/** The same endings that tell how a list is read. */
export function formatOf(path: string): Format {
  const [, ending = ''] = /\.([a-z0-9]+)(?:\.gz)?$/i.exec(path) ?? [];
  const byEnding: Partial<Record<string, Format>> = { tsv: 'tsv', csv: 'csv', jsonl: 'jsonl', ndjson: 'jsonl' };
  return byEnding[ending.toLowerCase()] ?? 'lines';
}

/**
 * @param target how the file is written.
 * @param formatOfList how the list of that name is written.
 * @param withNames also names that were not in the list.
 * @returns what writes one entry, its line end included; tables remember their last header.
 */
export function openEntries(
  target: Format,
  formatOfList: (source: string) => Format,
  withNames: boolean,
): (failed: Failed) => string {
  let header = '';
  return (failed) => {
    const { job, text } = failed;
    const given = formatOfList(failed.source);
    if (failed.error.code === 'LIST') return '';
    if (job === undefined) return badEntry(text, family(given) === family(target) ? target : null);
    const name = withNames || isExplicit(job) ? job.name : undefined;
    const isAsGiven = !withNames || name === undefined || isExplicit(job);
    if (target === 'jsonl') return `${given === 'jsonl' && isAsGiven ? text.trim() : json(job, name)}\n`;
    if (target === 'lines') {
      if (given === 'lines' && isAsGiven) return `${text.trim()}\n`;
      return given === 'aria2' && isAsGiven ? plainAria2(text) : lines(job, name);
    }
    const row = record(job, name, target === 'csv' ? ',' : '\t');
    if (row.header === header) return `${row.values}\n`;
    header = row.header;
    return `${row.header}\n${row.values}\n`;
  };
}

/** A bad line is given back only where it would be bad again; broken quotes of a table would take the next lines along. */
function badEntry(text: string, target: Format | null): string {
  const line = text.trim();
  const isSafe = (target === 'lines' || target === 'jsonl') && line.length <= 1000 && safe(line) === line;
  return isSafe && line !== '' ? `${line}\n` : `# as given: ${safe(text.slice(0, 1000))}\n`;
}

/** Formats that share their text. */
function family(format: Format): string {
  return format === 'aria2' ? 'lines' : format;
}

/** The id tells whether the list gave the name: it is made of the URL alone, or of URL and name. */
function isExplicit({ id, url }: Job): boolean {
  return idOf(url) !== id;
}

// ── plain lists ──────────────────────────────────────────────────────────────────────────────────

/** What plain lists do not take (mirrors, unknown options) stays as a comment. */
function plainAria2(text: string): string {
  const [first = '', ...options] = text.trim().split('\n');
  const [url, ...mirrors] = first.split('\t').filter((part) => part.trim() !== '');
  const kept = options.map((line) =>
    /^\s*(?:out|dir|header|checksum|column\.[^\s=]+)\s*=/.test(line) ? line : `#${line}`,
  );
  return `${[url, ...mirrors.map((mirror) => `# mirror ${mirror}`), ...kept].join('\n')}\n`;
}

function lines(job: Job, name: string | undefined): string {
  const options = [
    ...(name === undefined ? [] : [`out=${oneLine(name)}`]),
    ...Object.entries(job.headers ?? {}).map(([key, value]) => `header=${oneLine(key)}: ${oneLine(value)}`),
    ...(job.checksum === undefined ? [] : [`checksum=${aria2Checksum(job.checksum)}`]),
    ...Object.entries(job.columns ?? {}).map(([key, value]) => `column.${encodeURIComponent(key)}=${quoted(value)}`),
  ];
  return [job.url, ...options.map((option) => `  ${option}`), ''].join('\n');
}

function aria2Checksum({ algorithm, hex }: Checksum): string {
  return `${algorithm.replace('sha', 'sha-')}=${hex}`;
}

/** A line end in a value would make a line of its own: another URL, another header. */
function oneLine(text: string): string {
  return text.replace(/[\r\n\0]/g, ' ');
}

function quoted(value: string): string {
  return /[\x00-\x1f]|^["\s]|\s$/.test(value) ? JSON.stringify(value) : value;
}

// ── JSON Lines ───────────────────────────────────────────────────────────────────────────────────

function json({ url, checksum, headers, columns }: Job, out: string | undefined): string {
  const sum = checksum === undefined ? undefined : `${checksum.algorithm}:${checksum.hex}`;
  return JSON.stringify({ url, out, checksum: sum, headers, columns });
}

// ── tables ───────────────────────────────────────────────────────────────────────────────────────

/** Where the fields change, a new header is written: readers of tables take a header at any place. */
function record(job: Job, name: string | undefined, delimiter: string): { header: string; values: string } {
  const sum = job.checksum === undefined ? undefined : `${job.checksum.algorithm}:${job.checksum.hex}`;
  const fields: [string, string][] = [['url', job.url]];
  if (name !== undefined) fields.push(['out', name]);
  if (sum !== undefined) fields.push(['checksum', sum]);
  for (const [key, value] of Object.entries(job.headers ?? {})) fields.push([`header.${key}`, value]);
  for (const [key, value] of Object.entries(job.columns ?? {})) fields.push([key, value]);
  const row = (cells: string[]) => cells.map((text) => cell(text, delimiter)).join(delimiter);
  return { header: row(fields.map(([key]) => key)), values: row(fields.map(([, value]) => value)) };
}

function cell(value: string, delimiter: string): string {
  const text = delimiter === '\t' ? value.replace(/[\t\r\n]/g, ' ') : value;
  return /^[\s#]|[",\t\r\n]|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
