/** What a directory gives each body that comes in. */

import type { Clock } from '../clock.js';
import type { DirectorySettings, State } from './state.js';
import type { Backlog } from './stream.js';

/** Largest body that is held whole; the rest is streamed. */
export const gatherLimit = 1024 ** 2;

/** What a part needs of its directory. */
export interface Landing {
  state: State;
  settings: DirectorySettings;
  clock: Clock;
  backlog: Backlog;
  /** Gives the whole part its name and has it recorded; who tells of it waits for the record in `Store.add`. A promise only under --fsync. */
  publish(path: string, bytes: number, sha256: string | undefined): void | Promise<void>;
  /** Where the file is, as the result tells it. */
  path: string;
  /** Called once, at the end, whichever. */
  ended(): void;
}
