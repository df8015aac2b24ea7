/** Reads a file line by line as bytes, in flat memory, without making a string of each line. */

import type { Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { PdlError } from '../errors.js';
import { errno } from './disk.js';

/** `bytes` is only good during the call. The line runs from `start` to before `end`; `offset` is its place in the file. */
export type OnLine = (bytes: Buffer, start: number, end: number, offset: number) => void;

/** The lines that one read brought. */
interface Chunk {
  bytes: Buffer;
  /** Start and end of each line in `bytes`, in turn. */
  bounds: number[];
  /** Place of `bytes` in the file. */
  offset: number;
}

/** How a file ended. */
export interface FileEnd {
  size: number;
  /** The last line has no newline. */
  torn: boolean;
}

const chunkSize = 1024 ** 2;
const newline = 10;

/**
 * Calls `onLine` for every line that ends in a newline; a file that is not there has none. Lines over 1 MB are passed over.
 * @throws PdlError DISK for what is no file: opening a named pipe would wait for ever, and with it a thread of the pool.
 */
export async function readLines(path: string, onLine: OnLine): Promise<FileEnd> {
  const chunks = readChunks(path);
  while (true) {
    const { done, value } = await chunks.next();
    if (done) return value;
    const { bytes, bounds, offset } = value;
    for (let at = 0; at < bounds.length; at += 2) onLine(bytes, bounds[at]!, bounds[at + 1]!, offset + bounds[at]!);
  }
}

/** The same in chunks, whose bytes are only good until the next is asked for. */
export async function* readChunks(path: string): AsyncGenerator<Chunk, FileEnd, undefined> {
  const file = await openIfThere(path);
  if (!file) return { size: 0, torn: false };
  try {
    return yield* scan(file);
  } finally {
    await file.close();
  }
}

async function* scan(file: FileHandle): AsyncGenerator<Chunk, FileEnd, undefined> {
  const bytes = Buffer.allocUnsafe(2 * chunkSize);
  let size = 0;
  let kept = 0;
  let tooLong = false;
  while (true) {
    const { bytesRead } = await file.read(bytes, kept, chunkSize, size);
    if (bytesRead === 0) return { size, torn: kept > 0 || tooLong };
    const offset = size - kept;
    const filled = kept + bytesRead;
    const bounds = boundsOf(bytes, kept, filled);
    const rest = bounds.length === 0 ? 0 : bounds.at(-1)! + 1;
    if (tooLong) bounds.splice(0, 2);
    if (bounds.length > 0) yield { bytes, bounds, offset };
    size += bytesRead;
    kept = filled - rest;
    tooLong = kept >= chunkSize || (tooLong && rest === 0);
    if (tooLong) kept = 0;
    else bytes.copyWithin(0, rest, filled);
  }
}

/** Start and end of each line in the buffer; before `from` there is no newline. */
function boundsOf(bytes: Buffer, from: number, filled: number): number[] {
  const bounds: number[] = [];
  let start = 0;
  for (let end = bytes.indexOf(newline, from); end !== -1 && end < filled; end = bytes.indexOf(newline, start)) {
    bounds.push(start, end);
    start = end + 1;
  }
  return bounds;
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    const what = nameOf(await stat(path));
    if (what === null) return await open(path, 'r');
    throw new PdlError('DISK', `Cannot read ${path}: ${what} is there, no file (move it away and run again)`);
  } catch (error) {
    if (errno(error) === 'ENOENT') return null;
    throw error;
  }
}

/** What stands there in place of a file; null for a file, and for a device such as /dev/null. */
function nameOf(stat: Stats): string | null {
  if (stat.isDirectory()) return 'a directory';
  if (stat.isFIFO()) return 'a named pipe';
  return stat.isSocket() ? 'a socket' : null;
}
