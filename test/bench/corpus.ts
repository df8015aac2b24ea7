/** Lays the files of a work onto tmpfs, and counts what a tool has brought. */

import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Corpus {
  names: string[];
  bytes: number;
}

/** `count` files in folders of 1,000; `size(i)` bytes each, cut out of one random pool. */
export function lay(root: string, count: number, size: (index: number) => number): Corpus {
  const pool = randomBytes(4_000_000);
  const names: string[] = [];
  let bytes = 0;
  for (let index = 0; index < count; index++) {
    const folder = `d${Math.floor(index / 1000)}`;
    if (index % 1000 === 0) mkdirSync(join(root, folder), { recursive: true });
    const name = `${folder}/f${index}.bin`;
    const length = size(index);
    const body = length <= 2_000_000 ? pool.subarray(index, index + length) : randomBytes(length);
    writeFileSync(join(root, name), body);
    names.push(name);
    bytes += length;
  }
  return { names, bytes };
}

/** Image-like sizes: log-normal, mean about 33 kB, the same on every run. */
export function imageSize(index: number): number {
  const even = (index * 0.618_033_988_749_895) % 1;
  const other = (index * 0.754_877_666_246_693) % 1;
  const normal = Math.sqrt(-2 * Math.log(even || 0.5)) * Math.cos(2 * Math.PI * other);
  return Math.min(1_000_000, Math.round(26_000 * Math.exp(0.7 * normal)));
}

/** Files and bytes below a folder, state folders left out. */
export function brought(dir: string): { files: number; bytes: number } {
  let [files, bytes] = [0, 0];
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.parentPath.includes('.pdl')) continue;
    files++;
    bytes += statSync(join(entry.parentPath, entry.name)).size;
  }
  return { files, bytes };
}
