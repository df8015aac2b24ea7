/** fsync as promises, and of directories in batches. */

import { close, fdatasync, fsync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Clock } from '../clock.js';
import { withHandle } from './disk.js';

export const syncFile = promisify(fdatasync);

/** Makes names durable: one fsync of a directory serves all files that were published there before it began. */
export class DirectorySync {
  readonly #waiting = new Map<string, Promise<void>>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The directory of `name` and those above it, up to `root`: they may be new too. */
  async names(root: string, name: string): Promise<void> {
    const folders = [root];
    for (let slash = name.indexOf('/'); slash !== -1; slash = name.indexOf('/', slash + 1)) {
      folders.push(`${root}/${name.slice(0, slash)}`);
    }
    await Promise.all(folders.map((folder) => this.#once(folder)));
  }

  #once(folder: string): Promise<void> {
    let waiting = this.#waiting.get(folder);
    if (!waiting) {
      waiting = this.#next(folder);
      this.#waiting.set(folder, waiting);
    }
    return waiting;
  }

  async #next(folder: string): Promise<void> {
    await this.#running.get(folder)?.catch(() => {});
    this.#waiting.delete(folder);
    const running = syncFolder(folder, this.#clock);
    this.#running.set(folder, running);
    try {
      await running;
    } finally {
      if (this.#running.get(folder) === running) this.#running.delete(folder);
    }
  }
}

async function syncFolder(path: string, clock: Clock): Promise<void> {
  const fd = await withHandle(clock, () => openSync(path, 'r'));
  try {
    await promisify(fsync)(fd);
  } finally {
    await promisify(close)(fd);
  }
}
