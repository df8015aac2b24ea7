/** DIR/.pdl: made, locked, and what earlier runs left there taken up. Deleting it is always safe; it only forgets. */

import { constants, mkdirSync, openSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import type { Clock } from '../clock.js';
import { PdlError } from '../errors.js';
import type { Settings } from '../options.js';
import { type Appender, openAppender } from './appender.js';
import { compact, isWorthIt } from './compact.js';
import { diskError, errno } from './disk.js';
import { type Lock, takeLock } from './lock.js';
import { look } from './publish.js';
import { journalsOf, Records } from './records.js';
import { isEmpty, openRoot } from './root.js';

export type DirectorySettings = Pick<
  Settings,
  'dir' | 'existing' | 'noResume' | 'contentDisposition' | 'remoteTime' | 'sha256' | 'fsync' | 'shard'
>;

export interface State {
  /** Real path of DIR. */
  root: string;
  /** DIR as given. */
  shown: string;
  /** DIR held nothing of anyone's when it was opened. */
  wasEmpty: boolean;
  journalPath: string;
  journal: Appender;
  records: Records;
  /** Number of the next journal record. */
  seq: number;
  /** Folder of the parts. */
  parts: string;
  /** Ids of the jobs that have a part with a note. */
  held: Set<string>;
  /** Makes the folders again that someone deleted while we run. */
  remake(): void;
  /** Frees all; with `forget` removes what this run made, when no part is left. */
  close(forget: boolean): Promise<void>;
}

/** @throws PdlError LOCKED or DISK. */
export async function openState(
  settings: DirectorySettings,
  clock: Clock,
  onName: (name: string) => void,
): Promise<State> {
  let lock: Lock | undefined;
  try {
    const root = openRoot(settings.dir);
    const shard = settings.shard ? `${settings.shard.index}-of-${settings.shard.count}` : '';
    const top = `${root}/.pdl`;
    const own = shard === '' ? top : `${top}/shard-${shard}`;
    const folders = own === top ? [top] : [top, own];
    let made = false;
    const prepare = () => {
      for (const folder of folders) made = makeOwn(folder);
    };
    lock = await takeLock({ root, shown: settings.dir, file: `${own}/lock`, shard, prepare }, clock);
    return await fill({ root, shown: settings.dir, top, own, made, lock, fsync: settings.fsync }, onName);
  } catch (error) {
    await lock?.release();
    throw diskError(error, settings.dir);
  }
}

interface Place {
  root: string;
  shown: string;
  top: string;
  own: string;
  /** This run made `own`. */
  made: boolean;
  lock: Lock;
  fsync: boolean;
}

async function fill(place: Place, onName: (name: string) => void): Promise<State> {
  const { root, shown, top, own, lock } = place;
  const parts = `${own}/parts`;
  const journalPath = `${own}/journal.ndjson`;
  makeOwn(parts);
  const records = await openRecords(top, journalPath, onName);
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW } = constants;
  const fd = openSync(journalPath, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
  const journal = openAppender(fd, records.census.torn, place.fsync);
  return {
    root,
    shown,
    wasEmpty: isEmpty(root),
    journalPath,
    journal,
    records,
    seq: records.census.seq + 1,
    parts,
    held: sweep(parts),
    remake() {
      for (const folder of [top, own, parts]) makeOwn(folder);
    },
    async close(forget) {
      await journal.close();
      records.close();
      if (forget && place.made) forgetAll(place, parts);
      await lock.release();
    },
  };
}

/** True when it was not there. A link in its place would let others choose where we write (failure-cases S1). */
function makeOwn(path: string): boolean {
  try {
    mkdirSync(path, 0o700);
    return true;
  } catch (error) {
    if (errno(error) !== 'EEXIST') throw error;
  }
  if (look(path)?.isDirectory()) return false;
  throw new PdlError('DISK', `Cannot keep state in ${path}: something other than a directory is there`, {
    reason: 'ENOTDIR',
  });
}

/** The run's own journal last, and before it those of the other shards of this DIR: their names are taken too. */
async function openRecords(top: string, own: string, onName: (name: string) => void): Promise<Records> {
  const paths = [...journalsOf(top).filter((path) => path !== own), own];
  rmSync(`${own}.tmp`, { force: true });
  const records = await Records.open(paths, onName);
  if (!isWorthIt(records)) return records;
  await compact(own, records);
  records.close();
  return Records.open(paths);
}

/** Removes parts that cannot be continued: without a note, or published by a run that was killed before it could unlink them. */
function sweep(parts: string): Set<string> {
  const names = new Set(readdirSync(parts));
  const held = new Set<string>();
  for (const name of names) {
    const id = name.slice(0, name.lastIndexOf('.'));
    const stat = names.has(`${id}.part`) && names.has(`${id}.json`) ? look(`${parts}/${id}.part`) : null;
    if (stat?.isFile() && stat.nlink === 1) held.add(id);
    else rmSync(`${parts}/${name}`, { force: true, recursive: true });
  }
  return held;
}

function forgetAll({ top, own }: Place, parts: string): void {
  try {
    rmdirSync(parts);
    rmSync(own, { recursive: true, force: true });
    rmdirSync(top);
  } catch {
    // A part is left, or another shard is at work: then there is something to remember.
  }
}

/** Opens a part. @param fresh a part that must not exist yet, else one to continue. */
export function openPart(state: State, path: string, fresh: boolean): number {
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  if (!fresh) return openSync(path, O_RDWR | O_NOFOLLOW);
  const flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
  try {
    return openSync(path, flags, 0o666);
  } catch (error) {
    const reason = errno(error);
    if (reason === 'EEXIST') rmSync(path, { force: true });
    else if (reason === 'ENOENT') state.remake();
    else throw error;
    return openSync(path, flags, 0o666);
  }
}
