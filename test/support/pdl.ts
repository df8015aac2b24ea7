/** Runs the built command as a user would, and gives back what it said. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export const bin = join(import.meta.dirname, '../../dist/bin/pdl.cjs');

export interface Said {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  done: Promise<Said>;
}

export interface Surroundings {
  cwd?: string;
  stdin?: string;
  env?: Record<string, string>;
}

/** Starts pdl; stdin is closed unless given. */
export function start(args: readonly string[], { cwd, stdin, env }: Surroundings = {}): Running {
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: { ...process.env, NO_COLOR: '1', ...env } });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (said.stderr += text));
  child.stdin.on('error', () => {}).end(stdin ?? '');
  const done = new Promise<Said>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...said }));
  });
  return { child, done };
}

export function pdl(args: readonly string[], surroundings?: Surroundings): Promise<Said> {
  return start(args, surroundings).done;
}

/** An empty folder that is gone after the test. */
export function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'pdl-test-'));
  t.after(() => rmSync(path, { recursive: true, force: true, maxRetries: 3 }));
  return path;
}
