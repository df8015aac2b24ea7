/** The files a run is asked to write beside its downloads: --failed and --report. */

import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { PdlError, UsageError } from '../errors.js';
import type { Settings } from '../options.js';
import type { Board } from '../report/board.js';
import type { FailedFile } from '../report/failed.js';
import { safe } from '../report/safe.js';
import type { Result, Summary } from '../types.js';
import type { Input } from './programs.js';
import type { Manner } from './request.js';

export interface Files {
  /** @throws PdlError DISK when a file cannot be written. */
  add(result: Result): void;
  end(summary: Summary, code: number): void;
  /** The run did not come to its end. */
  drop(): void;
}

/**
 * FILE of --failed is emptied when the first result is there, not before: if another pdl is at work in DIR, it is that
 * one's file, and it is still being written.
 * @throws UsageError when it is one of the lists; PdlError DISK when it can already be seen that it cannot be written.
 */
export async function openFiles(
  manner: Manner,
  settings: Settings,
  inputs: readonly Input[],
  board: Board,
): Promise<Files> {
  const lists = inputs.flatMap((input) => pathOf(input) ?? []).map((path) => ({ path, format: manner.format }));
  const { failed, report } = manner;
  if (failed !== null) {
    checkWritable(failed);
    refuse(
      failed,
      lists.map(({ path }) => path),
    );
  }
  const page = report === null ? null : (await import('../report/html.js')).openPage(report, board, settings.clock);
  const writer = failed === null ? null : (await import('../report/failed.js')).openFailed;
  // a name made from the position in the list must be kept: in FILE the line has another one
  const names = /\{(?:index|line)\b/.test(settings.name) ? 'all' : 'explicit';
  let file: FailedFile | null = null;
  const open = () => {
    if (failed !== null && writer !== null) file ??= writer(failed, lists, { names });
  };
  const close = () => {
    const opened = file;
    file = null;
    opened?.close();
  };
  return {
    add(result) {
      open();
      if (result.status === 'failed') file?.add(result);
      page?.add(result);
    },
    end(summary, code) {
      open();
      close();
      page?.write(summary, code);
    },
    drop() {
      close();
      page?.drop();
    },
  };
}

function pathOf(input: Input): string | null {
  if (input.kind === 'url') return null;
  return input.kind === 'stdin' ? '-' : input.path;
}

/** By inode: a link to a list is the list. Asked before the first request; `openFailed` asks again. */
function refuse(failed: string, lists: readonly string[]): void {
  const target = statSync(failed, { throwIfNoEntry: false });
  const isTarget = (path: string) => {
    const list = path === '-' ? undefined : statSync(path, { throwIfNoEntry: false });
    return list !== undefined && list.ino === target?.ino && list.dev === target.dev;
  };
  if (target?.isFile() && lists.some(isTarget))
    throw new UsageError(`Cannot write failed lines to ${safe(failed)}: it is one of the lists (name another file)`);
}

/** Before the first request, and without opening it: it may be a pipe, or another run's. */
function checkWritable(failed: string): void {
  const unwritable = (reason: string) =>
    new PdlError('DISK', `Cannot write failed lines to ${safe(failed)}: ${reason}`, { reason });
  let target: Stats | undefined;
  try {
    target = statSync(failed, { throwIfNoEntry: false });
    // With the dot a file in place of the folder is ENOTDIR.
    accessSync(target ? failed : `${dirname(failed)}/.`, constants.W_OK);
  } catch (error) {
    throw unwritable((error as NodeJS.ErrnoException).code ?? String(error));
  }
  if (target?.isDirectory()) throw unwritable('EISDIR');
}
