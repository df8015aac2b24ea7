/** Writes one file that comes in chunk by chunk: positioned, asynchronous, in pieces of 512 kB and more (TLS records are 16 kB). */

import { writev } from 'node:fs';
import { ByteBlocks } from '../structures/byte-blocks.js';

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
  readonly #queue = new ByteBlocks();
  /** What a write was given and did not write. */
  #rest: Uint8Array[] = [];
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
    this.#queue.append(chunk);
    this.#backlog.bytes += chunk.length;
    if (this.#backlog.bytes > this.#backlog.limit) return this.flush();
    if (!this.#writing && this.#queue.size >= least) this.#next();
  }

  /** Waits until all is written. @throws the errno of a write. */
  async flush(): Promise<void> {
    if (!this.#writing && this.#queue.size > 0) this.#next();
    if (this.#writing) {
      this.#drained ??= new Promise<void>((resolve) => (this.#onDrain = resolve));
      await this.#drained;
    }
    if (this.#error) throw this.#error;
  }

  #next(): void {
    const piece = this.#rest.length > 0 ? this.#rest : this.#queue.take(most);
    this.#writing = true;
    writev(this.#fd, piece, this.written, (error, bytes) => {
      this.#writing = false;
      if (error) this.#fail(error, piece);
      else this.#advance(piece, bytes);
      const { size } = this.#queue;
      if (this.#rest.length > 0 || size >= least || (size > 0 && this.#drained !== null)) this.#next();
      else this.#drain();
    });
  }

  /** A disk that is nearly full writes less than it was given. */
  #advance(piece: Uint8Array[], bytes: number): void {
    this.written += bytes;
    this.#backlog.bytes -= bytes;
    this.#rest = unwritten(piece, bytes);
  }

  #fail(error: unknown, piece: Uint8Array[]): void {
    this.#error = error;
    for (const block of [...piece, ...this.#queue.take()]) this.#backlog.bytes -= block.length;
    this.#rest = [];
  }

  #drain(): void {
    this.#drained = null;
    this.#onDrain?.();
    this.#onDrain = null;
  }
}

/** The blocks without their first bytes. */
export function unwritten(blocks: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes;
  return blocks.flatMap((block) => {
    const skipped = Math.min(skip, block.length);
    skip -= skipped;
    return skipped === block.length ? [] : [block.subarray(skipped)];
  });
}
