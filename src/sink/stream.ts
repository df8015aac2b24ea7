/** Writes one file that comes in chunk by chunk: positioned, asynchronous, in pieces of 512 kB and more (TLS records are 16 kB). */

import { writev } from 'node:fs';

/** Below this a write is not worth a trip to a thread. */
const least = 512 * 1024;
/** Largest piece of one write. */
const most = 1024 * 1024;

/** Bytes that came in and are not written yet, over all files: without a bound a slow disk would fill the memory. */
export interface Backlog {
  bytes: number;
  readonly limit: number;
}

export class FileStream {
  /** Bytes of the file that are written, from its beginning and without a gap. */
  written: number;
  readonly #fd: number;
  readonly #backlog: Backlog;
  #chunks: Uint8Array[] = [];
  #queued = 0;
  #writing = false;
  #error: unknown;
  #drained: Promise<void> | null = null;
  #onDrain: (() => void) | null = null;

  /** @param fd open for writing. @param offset where the first chunk belongs. */
  constructor(fd: number, offset: number, backlog: Backlog) {
    this.#fd = fd;
    this.written = offset;
    this.#backlog = backlog;
  }

  /**
   * While the backlog is over its limit, a promise for this file's own bytes to be written: to wait for those of others
   * would be to wait for stalled servers, each of which may hold back 512 kB.
   * @throws the errno of an earlier write.
   */
  write(chunk: Uint8Array): void | Promise<void> {
    if (this.#error) throw this.#error;
    this.#chunks.push(chunk);
    this.#queued += chunk.length;
    this.#backlog.bytes += chunk.length;
    if (this.#backlog.bytes > this.#backlog.limit) return this.flush();
    if (!this.#writing && this.#queued >= least) this.#next();
  }

  /** Waits until all is written. @throws the errno of a write. */
  async flush(): Promise<void> {
    if (!this.#writing && this.#queued > 0) this.#next();
    if (this.#writing) {
      this.#drained ??= new Promise<void>((resolve) => (this.#onDrain = resolve));
      await this.#drained;
    }
    if (this.#error) throw this.#error;
  }

  #next(): void {
    const piece = this.#take();
    this.#writing = true;
    writev(this.#fd, piece, this.written, (error, bytes) => {
      this.#writing = false;
      if (error) this.#fail(error, piece);
      else this.#advance(piece, bytes);
      if (this.#queued >= least || (this.#queued > 0 && this.#drained !== null)) this.#next();
      else this.#drain();
    });
  }

  #take(): Uint8Array[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#chunks.length && (count === 0 || bytes + this.#chunks[count]!.length <= most)) {
      bytes += this.#chunks[count]!.length;
      count += 1;
    }
    this.#queued -= bytes;
    return this.#chunks.splice(0, count);
  }

  /** A disk that is nearly full writes less than it was given; the rest goes back to the front. */
  #advance(piece: Uint8Array[], bytes: number): void {
    this.written += bytes;
    this.#backlog.bytes -= bytes;
    let skip = bytes;
    const rest: Uint8Array[] = [];
    for (const chunk of piece) {
      if (skip < chunk.length) rest.push(chunk.subarray(skip));
      skip = Math.max(0, skip - chunk.length);
    }
    for (const chunk of rest) this.#queued += chunk.length;
    if (rest.length > 0) this.#chunks.unshift(...rest);
  }

  #fail(error: unknown, piece: Uint8Array[]): void {
    this.#error = error;
    for (const chunk of piece) this.#backlog.bytes -= chunk.length;
    this.#backlog.bytes -= this.#queued;
    this.#chunks = [];
    this.#queued = 0;
  }

  #drain(): void {
    this.#drained = null;
    this.#onDrain?.();
    this.#onDrain = null;
  }
}
