/** Appends whole lines to a file, those of one turn of the event loop in one write, and says when they are there. */

import { closeSync, fdatasync, writeSync } from 'node:fs';

export interface Appender {
  /** Resolves when the line is written (and with `fsync` on the disk itself); rejects with the errno of the write. */
  append(line: string): Promise<void>;
  /** Waits for what is pending, then closes the file. */
  close(): Promise<void>;
}

interface Batch {
  text: string;
  done: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

/** @param fd open for appending. @param torn the file's last line has no newline: it must not swallow our first. */
export function openAppender(fd: number, torn: boolean, fsync: boolean): Appender {
  let batch: Batch | null = null;
  let syncing = false;
  let broken = torn;

  function flush(): void {
    if (batch === null || syncing) return;
    const { text, resolve, reject } = batch;
    batch = null;
    try {
      writeWhole(fd, broken ? `\n${text}` : text);
      broken = false;
    } catch (error) {
      broken = true;
      reject(error);
      return;
    }
    if (fsync) sync(resolve, reject);
    else resolve();
  }

  /** While one fdatasync runs, further lines gather for the next: that is the batch. */
  function sync(resolve: () => void, reject: (error: unknown) => void): void {
    syncing = true;
    fdatasync(fd, (error) => {
      syncing = false;
      if (error) reject(error);
      else resolve();
      flush();
    });
  }

  return {
    append(line) {
      if (batch === null) {
        batch = newBatch();
        setImmediate(flush);
      }
      batch.text += line;
      return batch.done;
    },
    async close() {
      // Each waiting line hears of its own failure.
      while (batch !== null || syncing) await new Promise((resolve) => setImmediate(resolve));
      closeSync(fd);
    },
  };
}

function newBatch(): Batch {
  const { promise, resolve, reject } = withResolvers();
  return { text: '', done: promise, resolve, reject };
}

/** Promise.withResolvers came with Node 22. */
function withResolvers() {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((onDone, onError) => {
    resolve = onDone;
    reject = onError;
  });
  return { promise, resolve, reject };
}

/** A full disk writes a part before it says so. */
function writeWhole(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
}
