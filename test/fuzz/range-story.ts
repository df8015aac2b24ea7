/** One directory over some runs at a server that bends ranges, and one or two more when it is calm: what is wrong with each file. */

import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../support/fickle-server.ts';
import type { Random } from './random.ts';
import type { RangeCase } from './range-case.ts';
import type { RangeFile } from './range-file.ts';
import { type How, type RangeServer, run, type Said } from './range-run.ts';

/** Runs at a calm server after which every file is there. */
const maxCalmRuns = 2;
/** Requests for one line in one run. A step of a case may be a cut that brings something, and such tries are not counted by pdl; 27 were met. */
const maxRequests = 40;
/** Those among them that brought no byte of a body; 12 were met in 20,000 files. */
const maxIdle = 20;

export interface Suspect {
  from: RangeCase;
  fault: string;
}

export interface Story {
  server: RangeServer;
  cases: readonly RangeCase[];
  how: readonly How[];
  random: Random;
  /** For self-tests: spoils what a run left. */
  spoil: (dir: string) => void;
  count(what: string, times?: number): void;
  /** Keeps the largest. */
  most(what: string, value: number): void;
}

export async function story(one: Story): Promise<Suspect[]> {
  const { server, how, random, count } = one;
  const files = server.place(one.cases);
  const dir = mkdtempSync(join(tmpdir(), 'pdl-fuzz-'));
  const faults: Suspect[] = [];
  const go = async (kind: How, existing: 'skip' | 'refresh' | 'overwrite') => {
    const began = performance.now();
    const said = await run({ server, files, dir, how: kind, existing, random });
    const ms = performance.now() - began;
    count(kind);
    one.most('longest run, ms', Math.round(ms));
    one.spoil(dir);
    for (const file of files)
      for (const fault of check(file, { ...one, dir, said, isWhole: kind !== 'killed' }))
        faults.push({ from: file.case, fault });
  };
  try {
    let isKept = true;
    for (const kind of how) {
      const existing = random.chance(0.7) ? 'skip' : random.pick(['refresh', 'overwrite'] as const);
      isKept &&= existing === 'skip';
      await go(kind, existing);
    }
    for (const file of files) file.isCalm = true;
    const missing = () => files.filter((file) => !existsSync(join(dir, server.nameOf(file))));
    for (let calm = 1; calm <= maxCalmRuns && (calm === 1 || missing().length > 0); calm++) {
      if (calm === 2) count('files after a second calm run', missing().length);
      await go(how.includes('killed') ? 'command' : 'inline', 'skip');
    }
    for (const { case: from } of missing())
      faults.push({ from, fault: `missing: after ${maxCalmRuns} runs at a calm server (${from.calm})` });
    // A part of a file that is to be replaced stays until it is replaced.
    const parts =
      isKept && missing().length === 0 && existsSync(join(dir, '.pdl/parts'))
        ? readdirSync(join(dir, '.pdl/parts'))
        : [];
    if (parts.length > 0) faults.push({ from: files[0]!.case, fault: `parts: ${parts.length} are left` });
    for (const file of files) for (const kind of file.kinds) count(kind);
    count('files', files.length);
    return faults;
  } finally {
    server.forget(files);
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

interface Checked extends Story {
  dir: string;
  said: Said;
  /** Nobody ended the run before its end. */
  isWhole: boolean;
}

/** What is wrong with one file after a run. */
function check(file: RangeFile, { server, dir, said, most, count, isWhole }: Checked): string[] {
  const faults = file.sins.splice(0);
  const path = join(dir, server.nameOf(file));
  const hash = existsSync(path) ? sha256(readFileSync(path)) : undefined;
  if (hash !== undefined && !file.hashes.has(hash)) faults.push(`bytes: ${lstatSync(path).size} that are no version`);
  const told = said.get(server.nameOf(file));
  if (isWhole && told === undefined) faults.push(`results: none, after ${file.requests} requests`);
  if (told?.status === 'saved' && told.hash !== hash) faults.push('bytes: other than the result said');
  if (told?.status === 'saved' && file.isCalm && hash !== file.current)
    faults.push('bytes: an old version of a calm server');
  if (file.idle > maxIdle) faults.push(`requests: ${file.idle} that brought nothing`);
  if (file.requests > maxRequests) faults.push(`requests: ${file.requests} for one line`);
  count('requests', file.requests);
  if (!file.case.forever) {
    most('most requests for a line in a run', file.requests);
    most('most of them without a byte', file.idle);
  }
  file.requests = 0;
  file.idle = 0;
  return faults;
}
