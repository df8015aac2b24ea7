/** tinyproxy on loopback, where it is installed: HTTP in absolute-form and CONNECT, with Basic credentials. */

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answering, freePort, type RealServer } from './real-servers.ts';

interface RealProxy extends RealServer {
  /** What it wrote to its log so far. */
  log(): string;
}

/** @param login `user password` that it wants; none if not given. Its files go to `scratch`. */
export async function startTinyproxy(scratch: string, login?: string): Promise<RealProxy> {
  mkdirSync(scratch, { recursive: true });
  const port = await freePort();
  const logFile = join(scratch, 'log');
  const lines = [`Port ${port}`, 'Listen 127.0.0.1', `LogFile "${logFile}"`, 'LogLevel Connect', 'MaxClients 50'];
  if (login !== undefined) lines.push(`BasicAuth ${login}`);
  writeFileSync(join(scratch, 'conf'), `${lines.join('\n')}\n`);
  const child = spawn('tinyproxy', ['-d', '-c', join(scratch, 'conf')], { stdio: 'ignore' });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await answering(port, child);
  return {
    port,
    url: (path) => `http://127.0.0.1:${port}/${path}`,
    log: () => readFileSync(logFile, 'utf8'),
    close() {
      child.kill();
      return gone;
    },
  };
}
