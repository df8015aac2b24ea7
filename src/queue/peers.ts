/** Loads the packages that only a queue needs. */

import { UsageError } from '../errors.js';

/** @throws UsageError that says what to install. */
export async function loadPeers() {
  try {
    const [{ Redis }, { Queue, Worker }] = await Promise.all([import('ioredis'), import('bullmq')]);
    return { Redis, Queue, Worker };
  } catch (error) {
    // Without ERR_ where import() has become require(), as in the command's bundle.
    if (!/^(?:ERR_)?MODULE_NOT_FOUND$/.test(String((error as NodeJS.ErrnoException).code))) throw error;
    throw new UsageError(
      'Cannot use a queue: its packages are not installed (npm install bullmq ioredis, with -g where pdl was installed with -g)',
    );
  }
}

export type Peers = Awaited<ReturnType<typeof loadPeers>>;
