/** Opens what a list is read from: a file, a pipe, a terminal, a stream, any of them gzipped. */

import fs from 'node:fs';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import tty from 'node:tty';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { UsageError } from '../errors.js';
import { show } from '../show.js';

/** A list that is ready to be read, once. */
export interface Opened {
  chunks(): AsyncIterable<Uint8Array>;
  /** Bytes may come slowly and the end may be far: give out what is there. */
  live: boolean;
  /** Stops reading and lets go; a pending read ends. */
  close(): void;
}

/** One read. With the lines of one chunk and a pipe's own buffer, less than 256 kB are held ahead. */
const chunkSize = 65_536;

/** @throws UsageError that names the file and what is wrong with it. */
export async function openFile(path: string): Promise<Opened> {
  let fd = -1;
  try {
    fd = await promisify(fs.open)(path, 'r');
    const stat = fs.fstatSync(fd);
    if (stat.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    if (!stat.isFile()) return openStream(endless(fd, stat));
    // Only looked at, and opened again in its turn: a thousand lists shall not hold a thousand descriptors.
    fs.closeSync(fd);
  } catch (error) {
    if (fd !== -1) fs.closeSync(fd);
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
  let stream: fs.ReadStream | null = null;
  let closed = false;
  return {
    live: false,
    chunks() {
      stream = fs.createReadStream(path, { highWaterMark: chunkSize });
      if (closed) stream.destroy();
      return unzipped(stream);
    },
    close() {
      closed = true;
      stream?.destroy();
    },
  };
}

export function openStream(stream: NodeJS.ReadableStream): Opened {
  return {
    live: true,
    chunks: () => unzipped(stream as Readable),
    close() {
      // pause() alone would leave a pipe's handle open, and the process waiting for it
      (stream as Readable).destroy?.();
    },
  };
}

/** A pipe, socket, terminal or device, read without a pool thread that would block until bytes come. */
function endless(fd: number, stat: fs.Stats): Readable {
  if (stat.isFIFO() || stat.isSocket()) return new Socket({ fd, readable: true, writable: false });
  if (tty.isatty(fd)) return new tty.ReadStream(fd);
  return fs.createReadStream('', { fd, highWaterMark: chunkSize });
}

/** By its first two bytes, whatever its name: `zcat` is not needed in a pipe either. */
async function* unzipped(stream: Readable): AsyncGenerator<Uint8Array> {
  const source = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array | string>;
  const next = async () => {
    const { done, value } = await source.next();
    return done ? null : typeof value === 'string' ? Buffer.from(value) : value;
  };
  try {
    let first = await next();
    while (first !== null && first.length < 2) {
      const more = await next();
      if (more === null) break;
      first = Buffer.concat([first, more]);
    }
    if (first === null) return;
    const rest = chain(first, next);
    if (first[0] === 0x1f && first[1] === 0x8b) yield* gunzipped(rest);
    else yield* rest;
  } finally {
    await source.return?.();
  }
}

async function* chain(first: Uint8Array, next: () => Promise<Uint8Array | null>): AsyncGenerator<Uint8Array> {
  for (let chunk: Uint8Array | null = first; chunk !== null; chunk = await next()) yield chunk;
}

async function* gunzipped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize });
  const source = Readable.from(chunks, { objectMode: false, highWaterMark: chunkSize });
  source.on('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  yield* gunzip as AsyncIterable<Uint8Array>;
}

const states: Record<string, string> = {
  ENOENT: 'there is no such file (a list is a file, - for stdin, or an http(s) URL)',
  EISDIR: 'it is a directory (name a list in it)',
  EACCES: 'there is no permission to read it (see ls -l)',
  ENOTDIR: 'a part of its path is no directory',
  ENXIO: 'it is a socket that nobody serves',
};

function unreadable(path: string, error: NodeJS.ErrnoException): Error {
  const state = states[error.code ?? ''] ?? error.code ?? error.message;
  return new UsageError(`Cannot read ${show(path)}: ${state}`, { cause: error });
}
