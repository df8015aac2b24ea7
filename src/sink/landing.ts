/** What a directory gives the bodies that come in. */

import type { Clock } from '../clock.js';
import type { Head, Job } from '../types.js';
import type { Fate } from './ring.js';
import type { DirectorySettings, State } from './state.js';
import type { Backlog } from './stream.js';

/** Largest body that is held whole; the rest is streamed. */
export const gatherLimit = 1024 ** 2;

/** What was written under a part's name, whole. */
export interface Whole {
  job: Job;
  head: Head;
  /** Path below DIR that it shall have. */
  name: string;
  bytes: number;
  sha256: string | undefined;
}

/** What parts need of their directory. */
export interface Landing {
  state: State;
  settings: DirectorySettings;
  clock: Clock;
  backlog: Backlog;
  /** Has the second thread write and publish a small file; null where that is the caller's own work. Nothing is recorded yet. */
  delegate(whole: Whole, chunks: readonly Uint8Array[]): Promise<Fate> | null;
  /** Gives the part at `path` its name and has it recorded; who tells of it waits for the record in `Store.add`. A promise only under --fsync. */
  publish(path: string, whole: Whole): void | Promise<void>;
  /** Has a published file recorded. */
  record(whole: Whole): void;
  /** Where a file of that name is, as the result tells it. */
  shown(name: string): string;
}
