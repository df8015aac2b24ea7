/** One request at the test server, and the raw means to answer it well or badly. */

import type { Socket } from 'node:net';
import { systemClock } from '../../src/clock.ts';
import type { Server } from './server.ts';

/** What the server saw of one request. Times are those of `systemClock.now()`, in ms. */
export interface Logged {
  /** When the header block had come. */
  at: number;
  method: string;
  /** As it stood in the request line, query included. */
  path: string;
  headers: Record<string, string>;
  /** Number of the connection, from 1. */
  connection: number;
  /** Number of the request on its connection, from 1. */
  nth: number;
  begin: number;
  /** When the answer was handed over whole or the connection was gone; NaN while it runs. */
  end: number;
  /** Status of the answer, 0 when there was none. */
  status: number;
}

/** Answers one request. When it returns (or its promise resolves), the next request of the connection is read. */
export type Route = (exchange: Exchange) => void | Promise<void>;

export class Exchange {
  readonly server: Server;
  readonly socket: Socket;
  readonly logged: Logged;
  readonly query: URLSearchParams;
  /** Path segments after the route's name, percent-decoded. */
  rest: string[];
  /** How often this very path was asked so far, this time included. */
  readonly count: number;

  constructor(server: Server, socket: Socket, logged: Logged, count: number) {
    this.server = server;
    this.socket = socket;
    this.logged = logged;
    this.count = count;
    const url = new URL(logged.path.startsWith('http') ? logged.path : `http://server${logged.path}`);
    this.query = url.searchParams;
    this.rest = url.pathname.split('/').slice(1).map(decode);
  }

  get headers(): Record<string, string> {
    return this.logged.headers;
  }

  get gone(): boolean {
    return this.socket.destroyed;
  }

  /** A number of the query. */
  number(name: string, initial: number): number {
    const value = this.query.get(name);
    return value === null ? initial : Number(value);
  }

  /** Writes raw bytes (text is latin1); resolves when they are handed over or the client has gone. */
  raw(data: string | Buffer): Promise<void> {
    if (typeof data === 'string') this.logged.status ||= Number(/^HTTP\/1\.\d ([2-9]\d\d)/.exec(data)?.[1] ?? 0);
    const { socket } = this;
    if (socket.destroyed || socket.writableEnded) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        socket.off('close', done);
        resolve();
      };
      socket.once('close', done);
      socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data, done);
    });
  }

  /** Writes a header block. Values are latin1 text; a list writes the name several times. */
  head(status: number, headers: Record<string, string | number | string[]> = {}): Promise<void> {
    const lines = Object.entries(headers).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => `${name}: ${one}\r\n`),
    );
    return this.raw(`HTTP/1.1 ${status} ${status < 400 ? 'OK' : 'Not OK'}\r\n${lines.join('')}\r\n`);
  }

  /** A whole, right answer with Content-Length; HEAD gets no body. */
  async answer(status: number, headers: Record<string, string | number | string[]> = {}, body: string | Buffer = '') {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    this.socket.cork();
    const head = this.head(status, { 'Content-Length': bytes.length, ...headers });
    const sent = this.logged.method === 'HEAD' || bytes.length === 0 ? head : this.raw(bytes);
    this.socket.uncork();
    await sent;
  }

  /** Waits, or less when the client goes away. */
  wait(ms: number): Promise<void> {
    if (this.gone) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        this.socket.off('close', done);
        resolve();
      };
      const cancel = systemClock.timer(ms, done);
      this.socket.once('close', done);
    });
  }

  /** Never answers again: resolves when the client has gone. */
  async hang(): Promise<void> {
    while (!this.gone) await this.wait(60_000);
  }

  /** FIN. */
  close(): void {
    this.socket.end();
  }

  /** RST. */
  reset(): void {
    const raw = (this.socket as { _parent?: Socket })._parent ?? this.socket;
    raw.resetAndDestroy();
  }

  /** TCP's FIN without TLS's close_notify. */
  closeUnclean(): void {
    const raw = (this.socket as { _parent?: Socket })._parent ?? this.socket;
    raw.end();
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
