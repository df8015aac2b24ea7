/** A raw-socket HTTP server on loopback whose misbehaviours have names (the table is in sins.ts). */

import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { systemClock } from '../../src/clock.ts';
import { type Certificate, certificate } from './certificates.ts';
import { Exchange, type Logged, type Route } from './exchange.ts';
import { sins } from './sins.ts';

export { bytesOf } from './bytes.ts';
export type { Exchange, Logged, Route } from './exchange.ts';

export interface ServerOptions {
  /** Own routes by their first path segment (`'a.jpg'` answers `/a.jpg`); `'*'` answers all else. They win over the table. */
  routes?: Record<string, Route>;
  /** Speak TLS: true takes a self-signed certificate for localhost and 127.0.0.1. */
  tls?: boolean | Certificate;
  /** Default 127.0.0.1. */
  host?: string;
  port?: number;
  /** What /robots.txt says; default: 404. */
  robots?: string;
  /** Keep log entries; default true. Benches turn it off. */
  log?: boolean;
}

export interface Server {
  readonly port: number;
  /** What was asked, in order of arrival. May be emptied: `server.log.length = 0`. */
  readonly log: Logged[];
  /** May be changed while it runs. */
  robots: string | null;
  /** Certificate it speaks with, when it speaks TLS: `.cert` (PEM) and `.certFile` fit --cacert. */
  readonly certificate: Certificate | null;
  /** Connections accepted so far. */
  connections(): number;
  /** Connections open now. */
  open(): number;
  /** TLS sessions taken up again so far. */
  resumed(): number;
  /** Absolute URL of a path; the host name may be chosen (`localhost`). */
  url(path: string, host?: string): string;
  /** Ends all connections and waits for the port to be free. */
  close(): Promise<void>;
}

export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const host = options.host ?? '127.0.0.1';
  const chosen = options.tls === true ? certificate() : options.tls || null;
  const sockets = new Set<Socket>();
  let accepted = 0;
  let resumed = 0;
  const counts = new Map<string, number>();

  const listener = chosen ? createTlsServer({ key: chosen.key, cert: chosen.cert }) : createServer();
  listener.on('connection', (socket: Socket) => {
    socket.on('error', () => {});
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  listener.on('tlsClientError', () => {});
  listener.on(chosen ? 'secureConnection' : 'connection', (socket: Socket) => serve(socket, ++accepted));
  await new Promise<void>((resolve) => listener.listen(options.port ?? 0, host, 4096, resolve));

  const server: Server = {
    port: (listener.address() as AddressInfo).port,
    log: [],
    robots: options.robots ?? null,
    certificate: chosen,
    connections: () => accepted,
    open: () => sockets.size,
    resumed: () => resumed,
    url: (path, name = host.includes(':') ? `[${host}]` : host) =>
      `http${chosen ? 's' : ''}://${name}:${server.port}${path}`,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
  return server;

  function serve(socket: Socket, connection: number): void {
    if (socket instanceof TLSSocket && socket.isSessionReused()) resumed++;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    let unread = '';
    let nth = 0;
    let busy = false;
    socket.on('data', (chunk) => {
      // A TLS hello on a plain port gets what nginx gives.
      if (nth === 0 && unread === '' && chunk[0] === 0x16)
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      unread += chunk.toString('latin1');
      void next();
    });

    async function next(): Promise<void> {
      if (busy) return;
      busy = true;
      for (let end = unread.indexOf('\r\n\r\n'); end !== -1 && !socket.destroyed; end = unread.indexOf('\r\n\r\n')) {
        const block = unread.slice(0, end);
        unread = unread.slice(end + 4);
        await one(block);
      }
      busy = false;
    }

    async function one(block: string): Promise<void> {
      const [requestLine = '', ...lines] = block.split('\r\n');
      const [method = '', path = ''] = requestLine.split(' ');
      const headers: Record<string, string> = {};
      for (const line of lines) {
        const colon = line.indexOf(':');
        headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
      }
      const at = systemClock.now();
      const logged: Logged = {
        at,
        method,
        path,
        headers,
        connection,
        nth: ++nth,
        begin: at,
        end: Number.NaN,
        status: 0,
      };
      if (options.log !== false) server.log.push(logged);
      const count = (counts.get(path) ?? 0) + 1;
      counts.set(path, count);
      const exchange = new Exchange(server, socket, logged, count);
      await exchange.wait(exchange.number('delay', 0));
      await (routeOf(exchange) ?? missing)(exchange);
      logged.end = systemClock.now();
      if (/\bclose\b/i.test(headers['connection'] ?? '')) socket.end();
    }
  }

  function routeOf(exchange: Exchange): Route | undefined {
    const name = exchange.rest.shift() ?? '';
    const own = options.routes ?? {};
    if (Object.hasOwn(own, name)) return own[name];
    return own['*'] ?? sins[name];
  }
}

const missing: Route = (exchange) => exchange.answer(404, { 'Content-Type': 'text/plain' }, 'no such route\n');
