/** One line, entry or URL becomes a job, or is a bad line with its reason. */

import { PdlError } from '../errors.js';
import { show } from '../show.js';
import { trimEnd } from '../trim-end.js';
import type { Checksum, Entry, Job, Line } from '../types.js';
import { idOf, parseUrl } from '../url.js';
import { parseChecksum } from './checksum.js';

/** Longest line that is read, in bytes; longer ones are bad lines (failure-cases L4). */
export const longestLine = 65_536;

/**
 * The job of one entry.
 * @param fallback where the entry stands, when it does not say so itself.
 * @throws PdlError BAD_LINE, with the line cut to 80 characters and safe to print.
 */
export function toJob(entry: Entry | string, fallback: Line): Job {
  const made = readJob(entry, fallback);
  if (typeof made === 'string') throw badLine(entry, fallback, made);
  return made;
}

/** As `toJob`, but a bad line is told as a sentence's end: millions of them shall not cost millions of stack traces. */
export function readJob(entry: Entry | string, fallback: Line): Job | string {
  if (typeof entry === 'string') return withUrl(entry, fallback);
  if (typeof entry !== 'object' || entry === null) return 'it is neither a text nor an object with a url';
  if (entry.problem !== undefined) return entry.problem;
  if (typeof entry.url !== 'string') return 'it has no url';
  const origin = entry.origin ?? fallback;
  const { name, headers, checksum, columns } = entry;
  if (name !== undefined && typeof name !== 'string') return 'its name is no text';
  const job = withUrl(entry.url, origin, name);
  if (typeof job === 'string') return job;
  if (headers !== undefined) {
    if (!isTexts(headers)) return 'its headers are not all texts';
    job.headers = headers;
  }
  if (columns !== undefined) {
    if (!isTexts(columns)) return 'its columns are not all texts';
    job.columns = columns;
  }
  if (checksum !== undefined && checksum !== '') {
    const read = readChecksum(checksum);
    if (read === null) return 'its checksum is not the hex of a sha256, sha512, sha1 or md5';
    job.checksum = read;
  }
  return job;
}

/** The error of a bad line. */
export function badLine(entry: Entry | string, fallback: Line, problem: string): PdlError {
  const url = typeof entry === 'string' ? entry : entry?.url;
  const text = (typeof entry === 'object' ? entry?.origin?.text : undefined) ?? fallback.text;
  const shown = show(typeof url === 'string' && url !== '' ? url : text);
  return new PdlError('BAD_LINE', `Cannot read "${shown}": ${problem}`);
}

// `http:x` and `http:/x` are taken by the WHATWG parser (L5), `http:///x` too; curl and people mean something else.
const fetchable = /^https?:\/\/[^/\\?#]/i;
const forbidden = /[\x00-\x20\x7f-\x9f\ufffd]/;

function withUrl(given: string, origin: Line, name?: string): Job | string {
  const text = trimmed(given);
  if (text === '') return 'it is empty';
  if (text.length > longestLine) return 'it is longer than 64 kB';
  // Before parsing: the WHATWG parser silently deletes TAB, CR and LF and encodes NUL (L3).
  const bad = forbidden.exec(text);
  if (bad !== null) return forbiddenReason(bad[0]);
  if (!fetchable.test(text)) return 'only http:// and https:// URLs are fetched';
  const url = parseUrl(text);
  if (url === null) return 'it is no valid URL';
  if (name === undefined || name === '') return { id: idOf(url), url, origin };
  return { id: idOf(url, name), url, origin, name };
}

/** Blanks and line ends at either end; `trim()` would take no-break spaces and a BOM, too. */
function trimmed(text: string): string {
  const isClean = text.charCodeAt(0) > 0x20 && text.charCodeAt(text.length - 1) > 0x20;
  return isClean ? text : trimEnd(text.replace(/^[ \t\r\n]+/, ''), /[ \t\r\n]/);
}

function forbiddenReason(char: string): string {
  if (char === ' ') return 'there is a blank inside (write %20)';
  if (char === '\t') return 'there is text after a TAB';
  if (char === '\ufffd') return 'it is not valid UTF-8';
  return 'there is a control character inside';
}

function readChecksum(given: Checksum | string): Checksum | null {
  if (typeof given === 'string') return parseChecksum(given);
  return parseChecksum(`${given?.algorithm}:${given?.hex}`);
}

function isTexts(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const name in value) if (typeof (value as Record<string, unknown>)[name] !== 'string') return false;
  return true;
}
