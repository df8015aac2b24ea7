/** A second thread for the small files of a fast run: of the 100 µs that one takes, 35 are system calls of the disk (33 kB, tmpfs). */

import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../clock.js';
import { type Fate, Giver, newShared } from './ring.js';

/** A run is fast that lands so many small files in so many ms: any slower one has time for its disk, and saves the thread's memory. */
const enough = 256;
const within = 1000;

export class Writer {
  readonly #clock: Clock;
  /** Who waits for the orders under way, oldest first. */
  readonly #waiting: ((fate: Fate) => void)[] = [];
  #thread: Worker | null = null;
  #giver: Giver | null = null;
  #isTried = false;
  #counted = 0;
  #since: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
  }

  get running(): boolean {
    return this.#giver !== null;
  }

  /**
   * Writes a file as `part` and gives it its name, which must be free. Null where the caller is to do it: the thread has enough to do, or
   * does not run. @param part @param final absolute paths
   */
  write(part: string, final: string, chunks: readonly Uint8Array[], size: number): Promise<Fate> | null {
    if (this.#giver === null) {
      this.#count();
      return null;
    }
    this.#collect(this.#giver);
    if (!this.#giver.put(part, final, chunks, size)) return null;
    if (this.#waiting.length === 0) this.#thread?.ref();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  async close(): Promise<void> {
    this.#giver = null;
    this.#isTried = true;
    await this.#thread?.terminate();
  }

  #count(): void {
    this.#counted += 1;
    if (this.#isTried || this.#counted % enough !== 0) return;
    const now = this.#clock.now();
    if (now - this.#since < within) this.#start();
    this.#since = now;
  }

  #start(): void {
    this.#isTried = true;
    if (availableParallelism() === 1) return;
    const shared = newShared();
    const giver = new Giver(shared);
    const thread = newThread(shared);
    if (thread === null) return;
    this.#thread = thread;
    thread.unref();
    thread.once('online', () => {
      if (this.#thread === thread) this.#giver = giver;
    });
    thread.on('message', () => {
      giver.listen();
      this.#collect(giver);
      if (this.#waiting.length === 0) thread.unref();
    });
    // Whatever became of it, its work is done again: by the thread that can say why it fails.
    thread.on('error', () => {});
    thread.once('exit', () => {
      this.#thread = null;
      this.#giver = null;
      for (const resolve of this.#waiting.splice(0)) resolve('nothing');
    });
  }

  #collect(giver: Giver): void {
    for (let fate = giver.next(); fate !== null; fate = giver.next()) this.#waiting.shift()!(fate);
  }
}

/** Null where none may be started: a limit of processes, Node's permission model. The run goes on without. */
function newThread(shared: SharedArrayBuffer): Worker | null {
  try {
    // Beside this file, under the same kind of name: .js as built, .cjs in the bundle.
    const file = join(import.meta.dirname, `writer-thread${extname(import.meta.filename)}`);
    return new Worker(file, { workerData: shared, trackUnmanagedFds: false });
  } catch {
    return null;
  }
}
