/** nginx and python3's http.server on loopback, where they are installed. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';

export interface RealServer {
  port: number;
  /** `http://127.0.0.1:PORT/PATH` */
  url(path: string): string;
  close(): Promise<void>;
}

export function installed(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

/** nginx serving `root`; its own files go to `scratch`. `extra` is put into the server block. */
export async function startNginx(root: string, scratch: string, extra = ''): Promise<RealServer> {
  mkdirSync(scratch, { recursive: true });
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${scratch}/t;`,
  );
  writeFileSync(
    join(scratch, 'nginx.conf'),
    `daemon off; worker_processes 1; user root; pid ${scratch}/pid; error_log ${scratch}/error.log;
    events { worker_connections 4096; }
    http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; ${temporary.join(' ')}
      server { listen 127.0.0.1:${port} backlog=4096; root ${root}; ${extra} } }`,
  );
  return serve(spawn('nginx', ['-c', join(scratch, 'nginx.conf'), '-p', scratch], { stdio: 'ignore' }), port);
}

/** `python3 -m http.server`: HTTP/1.0, one connection per file. */
export async function startPython(root: string): Promise<RealServer> {
  const port = await freePort();
  const args = ['-m', 'http.server', String(port), '--bind', '127.0.0.1', '--directory', root];
  return serve(spawn('python3', args, { stdio: 'ignore' }), port);
}

async function serve(child: ChildProcess, port: number): Promise<RealServer> {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await answering(port, child);
  return {
    port,
    url: (path) => `http://127.0.0.1:${port}/${path}`,
    close: () => {
      child.kill();
      return gone;
    },
  };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when something listens at the port. */
export async function answering(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200 && child.exitCode === null; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('close', () => {}).unref();
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the server on port ${port} does not answer (exit code ${child.exitCode})`);
}
