/** The thread that writes small files: one open, write, close, link and unlink each, while the main thread goes on with the network. */

import { closeSync, constants, linkSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { type Fate, type Order, Taker } from './ring.js';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

/** What fails here is done again by the main thread, which has the words for it; nothing is repaired twice. */
function carryOut({ part, final, body }: Order): Fate {
  try {
    const fd = openSync(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
    try {
      for (let at = 0; at < body.length; ) at += writeSync(fd, body, at);
    } finally {
      closeSync(fd);
    }
  } catch {
    return 'nothing';
  }
  try {
    linkSync(part, final);
  } catch {
    return 'written';
  }
  try {
    unlinkSync(part);
  } catch {
    // The file is there under its name; what is left of the part is swept up by the next run.
  }
  return 'published';
}

/** Of the cores that are left: a server on this machine, and the thread that talks to it, wait for nobody (2 to 4 % of 40,000 small files). */
function standBack(): void {
  // A priority is a thread's on Linux; elsewhere it would be that of the whole process.
  if (process.platform !== 'linux') return;
  try {
    setPriority(10);
  } catch {
    // Then it has that of the others.
  }
}

standBack();
const taker = new Taker(workerData as SharedArrayBuffer);
for (;;) if (taker.end(carryOut(taker.take()))) parentPort!.postMessage(null);
