/** `--verify`: holds a directory against its journal, without the network. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { UsageError } from './errors.js';
import { shownPath } from './sink/existing.js';
import { readChunks } from './sink/lines.js';
import { look } from './sink/publish.js';
import { type Entry, idBits, isWhole } from './sink/record.js';
import { journalsOf, Records } from './sink/records.js';

/** One file of the journal. */
export interface Finding {
  /** DIR as given and the name. */
  path: string;
  ok: boolean;
  /** `missing`: no file there; `size`: not as long as recorded; `sha256`: other bytes, where a hash was recorded. */
  problem?: 'missing' | 'size' | 'sha256';
}

/** How many files were held against the journal. */
export interface Verified {
  files: number;
  bad: number;
}

/** Options of `verify`. */
export interface VerifyOptions {
  /** Aborted: stops between two files, or within one that is being hashed, by throwing the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Checks every saved file that the journals of `dir` know, those of shards included, in the order in which they were saved.
 * A hash is compared where one was recorded (`--sha256`, or a sha256 in the list under it), else the size alone.
 * @throws UsageError when `dir` has no journal.
 * @example for await (const finding of verify('out')) if (!finding.ok) console.error(finding.path, finding.problem);
 */
export async function* verify(dir: string, options: VerifyOptions = {}): AsyncGenerator<Finding, Verified, undefined> {
  const journals = findJournals(dir);
  const records = await Records.open(journals);
  const verified: Verified = { files: 0, bad: 0 };
  try {
    for (const path of journals) {
      for await (const entry of newest(path, records)) {
        options.signal?.throwIfAborted();
        const finding = await check(dir, entry, options.signal);
        verified.files += 1;
        if (!finding.ok) verified.bad += 1;
        yield finding;
      }
    }
  } finally {
    records.close();
  }
  return verified;
}

function findJournals(dir: string): string[] {
  const journals = look(`${dir}/.pdl`)?.isDirectory() ? journalsOf(`${dir}/.pdl`) : [];
  const there = journals.filter((path) => look(path)?.isFile());
  if (there.length > 0) return there;
  throw new UsageError(`Cannot verify ${dir}: it has no journal of pdl`);
}

/** The records of one journal that no later one replaced. */
async function* newest(path: string, records: Records): AsyncGenerator<Entry> {
  for await (const { bytes, bounds, offset } of readChunks(path)) {
    const entries: Entry[] = [];
    for (let at = 0; at < bounds.length; at += 2) {
      const [start, end] = [bounds[at]!, bounds[at + 1]!];
      if (!isWhole(bytes, start, end) || !records.isNewest(path, ...idBits(bytes, start), offset + start)) continue;
      entries.push(JSON.parse(bytes.toString('utf8', start, end)) as Entry);
    }
    // The index knows places to 256 bytes only, and two short records of one job may stand that near.
    yield* entries.filter(({ id, seq }) => records.find(id)?.seq === seq);
  }
}

async function check(dir: string, entry: Entry, signal: AbortSignal | undefined): Promise<Finding> {
  const path = shownPath(dir, entry.name);
  const problem = await problemOf(path, entry, signal);
  return problem ? { path, ok: false, problem } : { path, ok: true };
}

async function problemOf(path: string, entry: Entry, signal?: AbortSignal): Promise<Finding['problem']> {
  const stat = look(path);
  if (!stat?.isFile()) return 'missing';
  if (stat.size !== entry.bytes) return 'size';
  if (entry.sha256 !== undefined && (await sha256(path, signal)) !== entry.sha256) return 'sha256';
  return undefined;
}

async function sha256(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 ** 2 }), hash, signal ? { signal } : {});
  return hash.digest('hex');
}
