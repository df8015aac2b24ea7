/** Runs one command and measures it from outside: wall time, CPU of the whole process tree, peak memory. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Measured {
  code: number;
  /** Seconds. */
  wall: number;
  cpu: number;
  /** Megabytes (1e6) of the largest process. */
  peak: number;
  stderr: string;
  /** Seconds from the first request to the last byte, where the site could tell. */
  span?: number;
}

// wait4 knows what the kernel counted for the child, with no sampling in between.
const watcher = `
import json, os, sys, time
begin = time.perf_counter()
pid = os.fork()
if pid == 0:
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0); os.dup2(null, 1)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, use = os.wait4(pid, 0)
print("@" + json.dumps(dict(wall=time.perf_counter() - begin, cpu=use.ru_utime + use.ru_stime,
    peak=use.ru_maxrss * 1024 / 1e6, code=os.waitstatus_to_exitcode(status))))
`;

/**
 * Every command runs in the same plain surroundings: what the shell of whoever measures has set is none of its speed. NODE_EXTRA_CA_CERTS,
 * for one, has each Node read its authorities before anything else: 29 of the 47 ms of `node -e 0`.
 */
const { PATH, HOME, LANG, TMPDIR } = process.env;
const plain = { PATH, HOME, LANG, TMPDIR };

/** Resolves when the command has ended; this process goes on serving meanwhile. */
export async function measure(command: readonly string[], cwd: string): Promise<Measured> {
  const child = spawn('python3', ['-c', watcher, ...command], { cwd, env: plain, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => (said.stdout += text));
  child.stderr.on('data', (text) => (said.stderr = (said.stderr + text).slice(-2_000)));
  await new Promise((resolve) => child.on('close', resolve));
  const told = said.stdout.slice(said.stdout.lastIndexOf('@') + 1);
  if (!told.startsWith('{')) throw new Error(`Cannot measure ${command.join(' ')}: ${said.stderr}`);
  return { ...JSON.parse(told), stderr: said.stderr };
}

/**
 * Peak memory, in megabytes (1e6), of a command that would not end by itself: its own, as the kernel tells it before it is killed. The
 * usage that wait4 tells for `timeout COMMAND` is that of `timeout`, whose killed child nobody has waited for.
 */
export async function peakAfter(command: readonly [string, ...string[]], cwd: string, ms: number): Promise<number> {
  const child = spawn(command[0], command.slice(1), { cwd, env: plain, stdio: 'ignore' });
  const closed = once(child, 'close');
  await Promise.race([sleep(ms, undefined, { ref: false }), closed]);
  if (child.exitCode !== null) throw new Error(`Cannot measure ${command.join(' ')}: it ended with ${child.exitCode}`);
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  child.kill('SIGKILL');
  await closed;
  return (Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
