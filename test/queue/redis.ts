/** A Redis of one's own: started on a free port, stopped, killed and started again as a test wishes. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why tests with Redis are skipped, or false. */
export const withoutRedis: string | false =
  spawnSync('redis-server', ['--version']).error === undefined ? false : 'redis-server is not installed';

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Kills it (SIGKILL) and starts it again on what its append-only file holds. */
  restart(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function startRedis(...settings: string[]): Promise<RedisServer> {
  const dir = mkdtempSync(join(tmpdir(), 'pdl-redis-'));
  const port = await freePort();
  let child: ChildProcess | null = null;
  const start = () =>
    new Promise<void>((resolve, reject) => {
      const words = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'yes'];
      const started = spawn('redis-server', [...words, ...settings], { stdio: ['ignore', 'pipe', 'ignore'] });
      child = started;
      let said = '';
      started.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (/Ready to accept connections/.test(said)) resolve();
      });
      started.on('close', () => reject(new Error(`redis-server ended: ${said}`)));
    });
  const kill = () =>
    new Promise<void>((resolve) => {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return resolve();
      child.on('close', () => resolve());
      child.kill('SIGKILL');
    });
  // A test that is cut off leaves no server behind.
  const last = () => void child?.kill('SIGKILL');
  process.once('exit', last);
  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}/0`,
    start,
    kill,
    async restart() {
      await kill();
      await start();
    },
    async close() {
      process.off('exit', last);
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
