/** A small body that is whole goes to its place: through the second thread where one runs, else here and now. */

import { closeSync, rmSync } from 'node:fs';
import type { Landing, Whole } from './landing.js';
import { dropOldNote, partPath, setTime, writeAll } from './part-file.js';
import type { Fate } from './ring.js';
import { openPart } from './state.js';

/**
 * Writes and publishes it, and has it recorded. Nothing to wait for without the thread: each promise costs a tenth of a small file's JavaScript.
 * @throws (or rejects with) errno, or PdlError EXISTS or NAME; then no part of it is left.
 */
export function landWhole(whole: Whole, chunks: readonly Uint8Array[], to: Landing): void | Promise<void> {
  const writing = to.delegate(whole, chunks);
  if (writing === null) writeHere(whole, chunks, to);
  else return writing.then((fate) => goOn(fate, whole, chunks, to));
}

function writeHere(whole: Whole, chunks: readonly Uint8Array[], to: Landing): void {
  orDrop(whole, to, () => void to.publish(write(whole, chunks, to), whole));
}

/** What the thread could not do is done again: here are the words for why it fails. */
function goOn(fate: Fate, whole: Whole, chunks: readonly Uint8Array[], to: Landing): void {
  if (fate === 'published') to.record(whole);
  else if (fate === 'written') orDrop(whole, to, () => void to.publish(partPath(whole.job, to.state), whole));
  else writeHere(whole, chunks, to);
}

/** One open, one write, one close, all of them now: measured fastest on tmpfs. Returns where it is. */
function write({ job, head }: Whole, chunks: readonly Uint8Array[], { state, settings }: Landing): string {
  const path = partPath(job, state);
  dropOldNote(job, state);
  const fd = openPart(state, path, true);
  try {
    writeAll(fd, chunks);
    if (settings.remoteTime) setTime(fd, head.headers['last-modified']);
  } finally {
    closeSync(fd);
  }
  return path;
}

function orDrop({ job }: Whole, { state }: Landing, act: () => void): void {
  try {
    act();
  } catch (error) {
    rmSync(partPath(job, state), { force: true });
    throw error;
  }
}
