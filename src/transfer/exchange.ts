/** One request and its answer: undici's handler on one side, the receiver on the other, and one end for both. */

import { PdlError } from '../errors.js';
import type { Framing, Receiver, Request } from '../types.js';
import { withoutUserinfo } from '../url.js';
import type { Carrier, Terms } from './carrier.js';
import { type Lapse, Patience, type Watched } from './deadlines.js';
import { Feed, type Feeder } from './feed.js';
import { framingOf, lengthOf } from './framing.js';
import { lapsed, overdue } from './lapse.js';
import { exchangeError } from './why.js';

/** Bytes of a refused body that are read to keep its connection (failure-cases T10). */
const drainLimit = 65_536;

/** Why a body was refused: anything a receiver may throw, and the bytes read since. */
interface Refusal {
  error: unknown;
  drained: number;
}

export class Exchange implements Watched, Feeder {
  readonly request: Request;
  /** Bytes read for this answer, head included. */
  received = 0;
  slot = -1;
  readonly #carrier: Carrier;
  readonly #terms: Terms;
  readonly #resolve: (framing: Framing) => void;
  readonly #reject: (error: unknown) => void;
  readonly #feed: Feed;
  readonly #patience: Patience;
  #status = 0;
  #framing: Framing = 'none';
  #length = 0;
  /** Bytes of the body: chunk extensions and trailers are no sign of life (failure-cases T7). */
  #body = 0;
  #seen = 0;
  /** What the receiver threw at the head, and the bytes of the body read since. */
  #refused: Refusal | null = null;
  #whole = false;
  #broken: PdlError | null = null;
  #over = false;

  /** Begins to be watched; `resolve` or `reject` is called once, when all is over. */
  constructor(
    request: Request,
    receiver: Receiver,
    carrier: Carrier,
    terms: Terms,
    resolve: (framing: Framing) => void,
    reject: (error: unknown) => void,
  ) {
    this.request = request;
    this.#carrier = carrier;
    this.#terms = terms;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#feed = new Feed(receiver, this);
    this.#patience = new Patience(terms.limits);
    terms.watch.add(this);
  }

  // from undici, in this order:

  /** The request is about to be written. */
  onConnect(): void {
    try {
      this.request.onWrite?.();
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#patience.enter('head');
  }

  onHeaders(status: number, raw: Buffer[]): boolean {
    // 1xx: the answer is still to come, and the deadline for the head runs on (failure-cases T3).
    if (status < 200 || this.#over) return true;
    const headers = this.#terms.parse(raw);
    const framing = framingOf(this.request.method, status, headers);
    this.#status = status;
    this.#framing = framing ?? 'close';
    this.#length = lengthOf(headers);
    this.#patience.enter('body');
    const proxy = this.#carrier.refusal({ status, headers });
    if (framing === null) this.fail(this.#error('BAD_RESPONSE', 'its Transfer-Encoding is not chunked alone'));
    else if (proxy !== null) this.refuse(proxy);
    else this.#feed.head({ status, headers });
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.#body += chunk.length;
    if (this.#refused === null) this.#feed.data(chunk);
    else this.#drain(this.#refused, chunk.length);
    // Never false: a paused parser is what crashes (nodejs/undici#5360).
    return true;
  }

  onComplete(): void {
    const { error } = this.#carrier;
    // undici takes a reset for the end of a body without length (failure-cases F5).
    if (error !== null && this.#framing === 'close') this.#broken = this.#wreck(error);
    else this.#whole = true;
    this.#end();
  }

  onError(error: Error): void {
    // undici 7 misses the body that 204 and 304 announce and never have (failure-cases F11).
    if (this.#status !== 0 && this.#framing === 'none') this.#whole = true;
    else this.#broken = this.#wreck(error);
    if (this.#broken?.facts.stale) this.#carrier.distrust();
    this.#end();
  }

  // from the receiver:

  hold(): void {
    this.#carrier.hold();
  }

  ready(): void {
    if (this.#over) return;
    this.#carrier.release();
    this.#end();
  }

  /** The reply breaks the rules of HTTP. */
  refuseReply(reason: string): void {
    this.fail(this.#refused?.error ?? this.#error('BAD_RESPONSE', `the answer breaks the rules of HTTP (${reason})`));
  }

  /** A small body is read to its end all the same, so that the connection stays. */
  refuse(error: unknown): void {
    if (this.#framing === 'close' || this.#length > drainLimit) {
      this.fail(error);
      return;
    }
    this.#refused = { error, drained: 0 };
    this.#patience.enter('drain');
  }

  #drain(refused: Refusal, bytes: number): void {
    refused.drained += bytes;
    if (refused.drained > drainLimit) this.fail(refused.error);
  }

  // from the watch and the run:

  look(step: number, now: number, late: boolean): void {
    const held = this.#carrier.wasHeld();
    const heard = this.#body !== this.#seen;
    this.#seen = this.#body;
    const lapse = this.#patience.pass(step, held, heard, this.received);
    if (now >= this.request.deadline && !late) this.fail(overdue(this.#url));
    else if (lapse !== null) this.fail(this.#lapsed(lapse));
  }

  #lapsed(lapse: Lapse): unknown {
    if (lapse === 'drain') return this.#refused?.error;
    return lapsed(lapse, this.#url, this.#carrier, this.#terms.limits);
  }

  /** The run was stopped. */
  abort(): void {
    this.fail(this.#error('ABORTED', 'the run was stopped'));
  }

  // the end:

  /** Ends the exchange and its connection at once. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#feed.stop();
    // undici then calls onError, which finds the exchange over.
    this.#carrier.drop();
    this.#terms.watch.delete(this);
    this.#reject(error);
  }

  /** Ends the exchange once the answer has ended and the receiver has all of it: what came before a break counts too. */
  #end(): void {
    if (this.#over || this.#feed.busy || !(this.#whole || this.#broken)) return;
    if (this.#broken !== null) {
      this.fail(this.#refused === null ? this.#broken : this.#refused.error);
      return;
    }
    this.#over = true;
    this.#carrier.free();
    this.#terms.watch.delete(this);
    if (this.#refused === null) this.#resolve(this.#framing);
    else this.#reject(this.#refused.error);
  }

  get #url(): string {
    return withoutUserinfo(this.request.url);
  }

  #error(code: 'BAD_RESPONSE' | 'ABORTED', state: string): PdlError {
    const url = this.#url;
    return new PdlError(code, `Cannot fetch ${url}: ${state}`, { url });
  }

  #wreck(error: Error): PdlError {
    const { reused, viaProxy } = this.#carrier;
    const { received } = this;
    // An alert of TLS may come right before the end, which is all that undici tells.
    const told = this.#carrier.error ?? error;
    return exchangeError({ url: this.#url, error: told, answered: this.#status !== 0, received, reused, viaProxy });
  }
}
