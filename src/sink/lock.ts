/** One pdl per directory: an abstract Unix socket on Linux, which the kernel frees with the process; elsewhere a pid file with start time. */

import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { type Clock, sleep } from '../clock.js';
import { PdlError } from '../errors.js';
import { errno } from './disk.js';

export interface Lock {
  release(): Promise<void>;
}

/** What is locked. */
export interface Locked {
  /** Real path of DIR. */
  root: string;
  /** DIR as given, for the message. */
  shown: string;
  /** File that tells the pid. */
  file: string;
  /** Shards of a list may share a DIR: `0-of-4`, or empty. */
  shard: string;
  /** Makes the folder of `file`. Called once the socket is ours: the run before may remove that folder as it ends. */
  prepare(): void;
}

/** @throws PdlError LOCKED with the pid of who holds it. */
export function takeLock(locked: Locked, clock: Clock, platform: string = process.platform): Promise<Lock> {
  return platform === 'linux' ? takeSocket(locked, clock) : takeFile(locked);
}

async function takeSocket(locked: Locked, clock: Clock): Promise<Lock> {
  const { dev, ino } = statSync(locked.root, { bigint: true });
  // Node 20 fills the address up to its 108 bytes and later ones do not: filled here, both speak of the same.
  const address = `\0${`pdl-${dev}-${ino}-${locked.shard}`.padEnd(107, '-')}`;
  const server = await listen(address);
  if (server === null) throw lockedBy(await waitForPid(locked.file, clock), locked);
  const release = async () => {
    rmSync(locked.file, { force: true });
    await new Promise((resolve) => server.close(resolve));
  };
  try {
    locked.prepare();
    writePid(locked.file, String(process.pid));
    return { release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Null when another process listens there. */
function listen(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', (error) => (errno(error) === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen({ path }, () => resolve(server));
  });
}

/** The holder may have bound its socket this very moment and not yet told its pid. */
async function waitForPid(file: string, clock: Clock): Promise<number | null> {
  for (let tries = 0; tries < 10; tries += 1) {
    const pid = Number.parseInt(readText(file), 10);
    if (isAlive(pid)) return pid;
    await sleep(clock, 50);
  }
  return null;
}

async function takeFile(locked: Locked): Promise<Lock> {
  locked.prepare();
  const mine = `${process.pid} ${startOf(process.pid)}`;
  for (let tries = 0; tries < 10; tries += 1) {
    if (writePid(locked.file, mine, constants.O_EXCL))
      return { release: async () => rmSync(locked.file, { force: true }) };
    const there = readText(locked.file).trim();
    const pid = Number.parseInt(there, 10);
    if (isAlive(pid) && there === `${pid} ${startOf(pid)}`) throw lockedBy(pid, locked);
    rmSync(locked.file, { force: true });
  }
  throw lockedBy(null, locked);
}

/** False when `flags` say the file must be new and it is not. */
function writePid(file: string, text: string, flags: number = constants.O_TRUNC): boolean {
  try {
    const { O_WRONLY, O_CREAT, O_NOFOLLOW } = constants;
    const fd = openSync(file, O_WRONLY | O_CREAT | O_NOFOLLOW | flags, 0o600);
    writeSync(fd, `${text}\n`);
    closeSync(fd);
    return true;
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    throw error;
  }
}

/** A pid is used again after a reboot or 32,768 processes; with its start time it is not. */
function startOf(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { LC_ALL: 'C', PATH: process.env['PATH'] },
    }).trim();
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errno(error) === 'EPERM';
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function lockedBy(pid: number | null, { shown }: Locked): PdlError {
  const who = pid === null ? 'another pdl' : `another pdl (pid ${pid})`;
  return new PdlError(
    'LOCKED',
    `Cannot work in ${shown}: ${who} is at work there; wait for it, or choose another directory with -d`,
  );
}
