/** The file name that an answer proposes (RFC 6266, RFC 8187), and where it leads; cleaned by our own pipeline. */

import { decodeExtended, parse } from 'content-disposition';
import type { Head, Job } from '../types.js';
import { idOf, urlHash } from '../url.js';
import { cleanName, numbered } from './clean.js';
import type { Taken } from './taken.js';

/** Null when the answer names no file. Values of headers are latin1 strings which may be UTF-8 (failure-cases section N). */
function proposedName(headers: Readonly<Record<string, string>>): string | null {
  const { 'content-disposition': value } = headers;
  if (value === undefined) return null;
  const { filename, 'filename*': extended } = parse(value).parameters;
  if (extended !== undefined && decodeExtended(extended) !== undefined) return filename || null;
  return filename ? utf8(filename) : null;
}

/**
 * The path for a job whose answer may name the file: in the directory of the given name, `-` and 8 digits of the URL's
 * hash on a clash. A name that the list itself spells out holds against the server.
 * @param given the job's name. @param isFree false when something is on disk there.
 */
export function answeredName(
  job: Job,
  given: string,
  head: Head,
  taken: Taken,
  isFree: (path: string) => boolean,
): string {
  const proposal = proposedName(head.headers);
  const name = proposal === null || isNamedByList(job) ? '' : cleanName(proposal, job.url);
  if (name === '') return given;
  const prefix = given.slice(0, given.lastIndexOf('/') + 1);
  const path = prefix + name;
  if (path === given || (isFree(path) && taken.claimExactly(path))) return path;
  return prefix + numbered(name, urlHash(job.url).slice(0, 8));
}

/** The id covers the explicit name, where there is one. */
function isNamedByList(job: Job): boolean {
  return job.id !== idOf(job.url);
}

function utf8(text: string): string {
  if (!/[\x80-\xff]/.test(text) || /[^\x00-\xff]/.test(text)) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'));
  } catch {
    return text;
  }
}
