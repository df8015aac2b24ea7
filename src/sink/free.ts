/** How much room a file system has. */

import { statfs } from 'node:fs/promises';

/** Bytes that an unprivileged user may still write where `dir` is. */
export async function freeBytes(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
}
