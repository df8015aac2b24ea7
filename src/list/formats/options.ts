/** The indented lines below a URL: `out= dir= header= checksum=` as aria2 writes them, and pdl's own `column.X=`. */

import { trimEnd } from '../../trim-end.js';
import type { Entry, Line } from '../../types.js';

/** What was written for one URL; `dir` and `out` join when all of its lines are known. */
export interface Draft {
  url: string;
  origin: Line;
  out?: string;
  dir?: string;
  checksum?: string;
  /** By lower-case name. */
  headers?: Map<string, [name: string, value: string]>;
  columns?: [name: string, value: string][];
  problem?: string;
}

const start = /^\s+([A-Za-z][^\s=]*)[ \t]*=[ \t]*/;
const oneLine = /^.*$/;
const known = /^(?:out|dir|header|checksum|column\..+)$/;

/** Key and value of an indented line, or null. */
export function readOption(text: string): { key: string; value: string } | null {
  const [before = '', key] = start.exec(text) ?? [];
  const value = trimEnd(text.slice(before.length), /[ \t\r]/);
  return key === undefined || !oneLine.test(value) ? null : { key, value };
}

export function isKnown(key: string): boolean {
  return known.test(key);
}

/** Adds one option of a known key. */
export function addOption(draft: Draft, key: string, value: string): void {
  if (key === 'out' || key === 'dir' || key === 'checksum') draft[key] = value;
  else if (key === 'header') addHeader(draft, value);
  else {
    draft.columns ??= [];
    draft.columns.push([decoded(key.slice('column.'.length)), unquoted(value)]);
  }
}

/** The entry of a draft whose lines are all read. */
export function finished({ url, origin, out, dir, checksum, headers, columns, problem }: Draft): Entry {
  const name = dir === undefined ? out : `${dir}/${out ?? lastOf(url)}`;
  return {
    url,
    origin,
    ...(name !== undefined && { name }),
    ...(checksum !== undefined && { checksum }),
    ...(headers !== undefined && { headers: Object.fromEntries(headers.values()) }),
    ...(columns !== undefined && { columns: Object.fromEntries(columns) }),
    ...(problem !== undefined && { problem }),
  };
}

/** True when a directory of a list would leave DIR; it is joined below DIR all the same. */
export function leavesDir(dir: string): boolean {
  return /^[/\\~]|^[a-z]:/i.test(dir) || dir.split(/[/\\]/).includes('..');
}

function addHeader(draft: Draft, value: string): void {
  const colon = value.indexOf(':');
  if (colon < 1) {
    draft.problem ??= 'its header= is not written as "Name: value"';
    return;
  }
  const name = value.slice(0, colon).trim();
  const text = value.slice(colon + 1).trim();
  draft.headers ??= new Map();
  const same = draft.headers.get(name.toLowerCase());
  // Twice the same name is one field with a list (RFC 9110 section 5.3).
  draft.headers.set(name.toLowerCase(), same === undefined ? [name, text] : [same[0], `${same[1]}, ${text}`]);
}

/** A column's name may hold blanks and `=`: they are written as %20 and %3D. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** A value that one line cannot hold as it is stands there as a JSON string. */
function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}

/** Last part of a URL's path, decoded as far as it is safe: where only `dir=` is given, the file keeps the name of its URL. */
function lastOf(url: string): string {
  const path = /^[a-z]+:\/\/[^/?#]*([^?#]*)/i.exec(url.trim())?.[1] ?? '';
  const last = path.slice(path.lastIndexOf('/') + 1);
  if (last === '') return 'index.html';
  try {
    return decodeURIComponent(last.replace(/%(?=2f|5c|3a|[01][0-9a-f]|7f)/gi, '%25'));
  } catch {
    return last;
  }
}
