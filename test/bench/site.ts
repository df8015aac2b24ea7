/** The site that is fetched from: nginx where it is installed, else a small server of our own; with TLS or a slow way to it. */

import { execFileSync } from 'node:child_process';
import { createReadStream, mkdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createGate } from 'node:net';
import { join } from 'node:path';
import { freePort, installed, startNginx } from '../support/real-servers.ts';
import type { Work } from './works.ts';

export interface Site {
  url(path: string): string;
  ca?: string;
  /** Seconds from the first request to the last byte of a reply since the last call. */
  span?(): number;
  close(): Promise<void>;
}

export async function startSite(root: string, scratch: string, work: Work): Promise<Site> {
  mkdirSync(scratch, { recursive: true });
  if (!installed('nginx')) return embedded(root, work);
  if (work.tls) return overTls(root, scratch);
  const server = await startNginx(root, scratch);
  if (work.latency === undefined) return server;
  const gate = await startGate(server.port, work.latency);
  return { ...gate, close: () => gate.close().then(server.close) };
}

async function overTls(root: string, scratch: string): Promise<Site> {
  const [key, ca] = [join(scratch, 'key.pem'), join(scratch, 'ca.pem')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', ca],
    ],
    { stdio: 'ignore' },
  );
  const port = await freePort();
  const server = await startNginx(
    root,
    scratch,
    `listen 127.0.0.1:${port} ssl backlog=4096; ssl_certificate ${ca}; ssl_certificate_key ${key};`,
  );
  return { url: (path) => `https://localhost:${port}/${path}`, ca, close: server.close };
}

/** A TCP relay that lets each request wait `ms` before it passes: keep-alive connections, one request at a time. */
async function startGate(port: number, ms: number): Promise<Site> {
  let [first, last] = [0, 0];
  const gate = createGate((client) => {
    const server = connect(port, '127.0.0.1');
    client.on('data', (request) => {
      first ||= performance.now();
      setTimeout(() => server.write(request), ms);
    });
    server.on('data', () => {
      last = performance.now();
    });
    server.pipe(client);
    client.on('close', () => server.destroy()).on('error', () => server.destroy());
    server.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
  const own = (gate.address() as AddressInfo).port;
  return {
    url: (path) => `http://127.0.0.1:${own}/${path}`,
    span() {
      const seconds = (last - first) / 1000;
      first = 0;
      return seconds;
    },
    close: () => new Promise((resolve) => gate.close(() => resolve())),
  };
}

async function embedded(root: string, work: Work): Promise<Site> {
  console.log('  nginx is not installed: the embedded server is the limit of all figures');
  if (work.tls) throw new Error('Cannot serve over TLS: install nginx');
  const server = createServer((request, response) => {
    const path = join(root, request.url ?? '');
    response.setHeader('content-length', statSync(path).size);
    setTimeout(() => createReadStream(path).pipe(response), work.latency ?? 0);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (path) => `http://127.0.0.1:${port}/${path}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
