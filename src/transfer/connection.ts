/** One connection: an undici client of its own, the socket below it, and the hand that holds the socket back. */

import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { PdlError } from '../errors.js';
import type { RawHead } from '../types.js';
import { CanonicalReply } from './canonical-reply.js';
import type { Carrier } from './carrier.js';
import { challengesOf } from './challenge.js';
import { asksProxy, type Dialling, dial, type Means, placeOf, type Way } from './connect.js';
import type { Exchange } from './exchange.js';
import type { Taker, Throttle } from './throttle.js';
import { proxyStatus } from './tunnel.js';

/** What is used of an undici Client: it has one connection, and this program gives it one request at a time. */
export interface Channel {
  dispatch(options: { path: string; method: 'GET' | 'HEAD'; headers: string[] }, handler: Exchange): boolean;
  destroy(): Promise<void>;
}

type Connected = (...result: [null, Socket] | [Error, null]) => void;

/** Makes the channel of a connection; `connect` is called whenever it needs a socket. */
export type OpenChannel = (origin: string, connect: (done: Connected) => void) => Channel;

/** Where a connection waits for its next exchange. */
export interface Home {
  /** It is free. */
  keep(connection: Connection): void;
  /** A kept connection was found closed: what is idle there is not to be used. */
  distrust(key: string): void;
  /** A kept connection served again. */
  trust(key: string): void;
  /** Its socket is gone. */
  lose(connection: Connection): void;
}

export class Connection implements Carrier, Taker {
  readonly key: string;
  readonly way: Way;
  readonly viaProxy: boolean;
  error: Error | null = null;
  readonly #home: Home;
  readonly #means: Means;
  readonly #throttle: Throttle | null;
  readonly #openChannel: () => Channel;
  /** Made when the first socket stands: of many dead links most of the cost would be undici's. */
  #channel: Channel | null = null;
  #socket: Socket | null = null;
  /** It stands, and the channel has not asked for it yet. */
  #fresh: Socket | null = null;
  /** Has served before. */
  #served = false;
  /** Its TLS session is an earlier one, and nothing has come over it yet. */
  #resumed = false;
  #exchange: Exchange | null = null;
  readonly #reply = new CanonicalReply();
  #dialling: Dialling | null = null;
  /** The receiver is busy. */
  #held = false;
  /** The rate limit told the socket to wait, now or since the last look. */
  #waiting = false;
  #waited = false;

  constructor(
    key: string,
    origin: string,
    way: Way,
    home: Home,
    means: Means,
    throttle: Throttle | null,
    open: OpenChannel,
  ) {
    this.key = key;
    this.way = way;
    this.viaProxy = asksProxy(way);
    this.#home = home;
    this.#means = means;
    this.#throttle = throttle;
    this.#openChannel = () => open(origin, (done) => this.#socketFor(done));
  }

  get reused(): boolean {
    return this.#served || this.#resumed;
  }

  get place(): string {
    return placeOf(this.way);
  }

  get acceptedBy(): string | null {
    if (!this.#dialling?.accepted) return null;
    return this.way.proxy === null ? 'the server' : `the proxy ${this.way.proxy.label}`;
  }

  /** Its socket stands and nothing runs on it. */
  get idle(): boolean {
    return this.#socket !== null && !this.#socket.destroyed && this.#exchange === null;
  }

  run(exchange: Exchange, path: string, headers: string[]): void {
    this.#exchange = exchange;
    this.#reply.begin();
    const request = { path, method: exchange.request.method, headers };
    if (this.#channel !== null) {
      this.#channel.dispatch(request, exchange);
      return;
    }
    this.#connect((error, socket) => {
      if (socket === null) return exchange.onError(error);
      this.#fresh = socket;
      this.#channel = this.#openChannel();
      this.#channel.dispatch(request, exchange);
    });
  }

  refusal({ status, headers }: RawHead): PdlError | null {
    if (!this.viaProxy || status !== 407) return null;
    return proxyStatus(this.way.proxy!, status, challengesOf(headers['proxy-authenticate']));
  }

  wasHeld(): boolean {
    const held = this.#held || this.#waited;
    this.#waited = this.#waiting;
    return held;
  }

  hold(): void {
    this.#held = true;
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#wake();
  }

  /** The rate limit lets it go on. */
  proceed(): void {
    this.#waiting = false;
    this.#wake();
  }

  distrust(): void {
    if (this.#resumed) this.#means.secure.distrust(this.way.hostname, this.way.port);
    else this.#home.distrust(this.key);
  }

  free(): void {
    this.#exchange = null;
    if (this.#served) this.#home.trust(this.key);
    this.#served = true;
    this.#resumed = false;
    const wake = this.#held || this.#waiting;
    this.#held = false;
    this.#forgetTurn();
    // undici may tell of the end of a body only after its socket has closed.
    if (this.idle) this.#home.keep(this);
    // An end of stream that waited behind the hold must still be seen.
    if (wake) this.#wake();
  }

  drop(): void {
    this.#exchange = null;
    this.#forgetTurn();
    this.#dialling?.hangUp();
    this.#dialling = null;
    void this.#channel?.destroy();
    this.#fresh?.destroy();
  }

  #forgetTurn(): void {
    if (this.#waiting) this.#throttle?.forget(this);
    this.#waiting = false;
    this.#waited = false;
  }

  /** undici's loop reads until there is nothing: a held connection has nothing, and says later that it has again. */
  #wake(): void {
    if (this.#socket !== null && !this.#socket.destroyed) this.#socket.emit('readable');
  }

  #socketFor(done: Connected): void {
    const fresh = this.#fresh;
    this.#fresh = null;
    // Answered at once, undici would not go on: it is in the middle of its own asking.
    if (fresh !== null) process.nextTick(done, null, fresh);
    else if (this.#served) this.#connect(done);
    // A new connection that is lost before its request was written would be made again and again, 1,000 times a second.
    else process.nextTick(done, this.error ?? reset(), null);
  }

  #connect(done: Connected): void {
    this.#dialling = dial(this.#means, this.way, (error, socket) => {
      this.#dialling = null;
      if (socket === null) return done(error!, null);
      this.#take(socket);
      done(null, socket);
    });
  }

  #take(socket: Socket): void {
    this.#socket = socket;
    this.#served = false;
    this.#resumed = socket instanceof TLSSocket && socket.isSessionReused();
    this.error = null;
    // Before undici's own listeners, so that its onComplete finds the error here.
    socket.on('error', (error) => {
      // The first one is the cause: an alert of TLS is followed by an end.
      this.error ??= error;
    });
    // libuv may report a reset as an end (libuv#4997); after one the socket has no peer any more.
    socket.once('end', () => {
      if (socket.remoteAddress === undefined) this.error ??= reset();
    });
    socket.once('close', () => {
      this.#socket = null;
      this.#home.lose(this);
    });
    const read = socket.read.bind(socket);
    socket.read = (size?: number) => this.#read(socket, read, size);
  }

  #read(socket: Socket, read: (size?: number) => Buffer | null, size?: number): Buffer | null {
    const exchange = this.#exchange;
    // Between two requests nothing is held: a connection that dies must be seen.
    if (exchange === null) return read(size);
    while (!this.#held) {
      const { refusal } = this.#reply;
      if (refusal !== null) {
        exchange.refuseReply(refusal);
        return null;
      }
      const chunk = this.#throttle === null ? read(size) : this.#portion(socket, this.#throttle, read);
      if (chunk === null) return null;
      exchange.received += chunk.length;
      const seen = this.#reply.pass(chunk);
      if (seen.length > 0) return seen;
    }
    return null;
  }

  #portion(socket: Socket, throttle: Throttle, read: (size?: number) => Buffer | null): Buffer | null {
    const ready = socket.readableLength;
    if (ready === 0) return read();
    const granted = throttle.take(this, ready);
    if (granted > 0) return read(granted);
    this.#waiting = true;
    this.#waited = true;
    return null;
  }
}

function reset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
}
