/** `--report FILE`: gathers while the run goes on, writes the page when it has ended. */

import { accessSync, constants, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '../clock.js';
import { PdlError } from '../errors.js';
import type { Result, Summary } from '../types.js';
import type { Board } from './board.js';
import { page } from './page.js';
import { safe } from './safe.js';
import { openTally } from './tally.js';

export interface Page {
  add(result: Result): void;
  /** Writes the file, whole or not at all. Throws PdlError DISK. */
  write(summary: Summary, exitCode: number): void;
  /** No page: the run did not come to its end. */
  drop(): void;
}

/** @throws PdlError DISK before the run when the folder of FILE cannot be written to. */
export function openPage(path: string, board: Board, clock: Clock): Page {
  guarded(path, () => accessSync(dirname(path), constants.W_OK));
  const tally = openTally(board, clock);
  return {
    add: tally.add,
    write(summary, exitCode) {
      tally.stop();
      const part = join(dirname(path), `.${basename(path)}.part`);
      guarded(path, () => {
        try {
          writeFileSync(part, page(tally, summary, exitCode));
          renameSync(part, path);
        } catch (error) {
          rmSync(part, { force: true });
          throw error;
        }
      });
    },
    drop: tally.stop,
  };
}

function guarded(path: string, act: () => void): void {
  try {
    act();
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new PdlError('DISK', `Cannot write the report to ${safe(path)}: ${reason}`, { reason, cause });
  }
}
