/** Lines and results as they travel through Redis: JSON in columns of few words, deflated. */

import { hash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Checksum, Job, Result } from '../types.js';
import { withoutFragment } from '../url.js';

/** What a line has beside its URL, name and number. */
interface Extra {
  /** Text of the line, where it is not the URL. */
  t?: string;
  /** Id, where the list named the file. */
  i?: string;
  h?: Record<string, string>;
  c?: Checksum;
  k?: Record<string, string>;
}

/** URL, name, line in its source, which of the sources, and the rest. */
type Row = [url: string, name: string, number: number, source: number, extra?: Extra];

/** One line as text of a chunk: half a line of JSON, so that a million of them wait in little memory. */
export function packLine(job: Job, isNamed: boolean, sourceNumber: number): string {
  const { url, name = '', origin, headers, checksum, columns } = job;
  const extra: Extra = {};
  if (origin.text !== url) extra.t = origin.text;
  if (isNamed) extra.i = job.id;
  if (headers !== undefined) extra.h = headers;
  if (checksum !== undefined) extra.c = checksum;
  if (columns !== undefined) extra.k = columns;
  const row: Row = [url, name, origin.number, sourceNumber];
  for (const _ in extra) {
    row.push(extra);
    break;
  }
  return JSON.stringify(row);
}

export function packChunk(lines: readonly string[], sources: readonly string[]): Buffer {
  return deflateRawSync(`[${JSON.stringify(sources)},[${lines.join()}]]`, { level: 3 });
}

/** The jobs of a chunk, as the submitter's intake made them. */
export function unpackChunk(blob: Buffer): Job[] {
  const [sources, rows] = JSON.parse(inflateRawSync(blob).toString()) as [string[], Row[]];
  return rows.map(([url, name, number, source, extra = {}]) => ({
    id: extra.i ?? hash('sha256', withoutFragment(url), 'hex').slice(0, 32),
    url,
    origin: { source: sources[source]!, number, text: extra.t ?? url },
    name,
    ...(extra.h && { headers: extra.h }),
    ...(extra.c && { checksum: extra.c }),
    ...(extra.k && { columns: extra.k }),
  }));
}

export function packResults(results: readonly Result[]): Buffer {
  return deflateRawSync(JSON.stringify(results.map(plain)), { level: 1 });
}

export function unpackResults(blob: Buffer): Result[] {
  const results = JSON.parse(inflateRawSync(blob).toString()) as Result[];
  for (const result of results) {
    if (result.status === 'failed' && result.error.cause !== undefined) result.error.cause = alive(result.error.cause);
  }
  return results;
}

/** What a layer attached and a body in memory stay where they are; causes lose all but their words. */
function plain(result: Result): Result {
  const isPlain = !('data' in result || 'body' in result) && !(result.status === 'failed' && 'cause' in result.error);
  // A copy of each of a million results costs as much as writing it.
  if (isPlain) return result;
  const { data: _, ...told } = result as Result & { body?: unknown };
  delete told.body;
  if (told.status !== 'failed' || told.error.cause === undefined) return told;
  return { ...told, error: { ...told.error, cause: words(told.error.cause) } };
}

interface Words {
  message: string;
  code?: string;
  cause?: Words;
}

function words(cause: unknown, depth = 0): Words | undefined {
  if (!(cause instanceof Error) || depth === 5) return undefined;
  const { code } = cause as NodeJS.ErrnoException;
  const inner = words(cause.cause, depth + 1);
  return { message: cause.message, ...(typeof code === 'string' && { code }), ...(inner && { cause: inner }) };
}

function alive(cause: unknown): Error {
  const { message, code, cause: inner } = cause as Words;
  const error = new Error(message, inner === undefined ? undefined : { cause: alive(inner) });
  return code === undefined ? error : Object.assign(error, { code });
}
