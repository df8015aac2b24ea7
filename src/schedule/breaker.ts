/** Circuit breaker: when a host that cannot be connected to is left alone, and when it is given up. Pure. */

import type { PdlError } from '../errors.js';
import { spare } from './blame.js';

/** Failures in a row that open it. */
const failuresToOpen = 5;
/** ms of the parks of a host that has answered in this run, each ended by one probe. */
const parks = [30_000, 30_000, 30_000];
/** A host that never answered is most likely a dead link: it is given as long as a line alone would retry. */
const firstParks = [500, 1_000, 2_000];
const deadLinkMs = 3_500;
/** ms for which the failures of a host without a line are remembered: a line in its backoff comes back to it. */
const rememberMs = 10_000;

export class Breaker {
  /** Failures since the host was last reached, which are its own once it is parked. */
  #failures: PdlError[] = [];
  #parks = 0;
  /** Clock times of the first and the last of them. */
  #since = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  everReached = false;

  /** After a park, until the host is reached, one request at a time. */
  get probing(): boolean {
    return this.#parks > 0;
  }

  /**
   * A failure to connect, of a request sent since the last park.
   * @param now clock time.
   * @param others whether another host has answered in this run; where none has, it is worth waiting for this one.
   * @returns ms to park it, 0 for not at all, Infinity to give it up.
   */
  failed(error: PdlError, now: number, others: boolean): number {
    if (!this.probing && this.#failures.length === 0) this.#since = now;
    this.#lastAt = now;
    this.#failures.push(error);
    if (!this.probing && this.#failures.length < failuresToOpen) return 0;
    for (const failure of this.#failures) spare(failure, 'host');
    this.#failures = [];
    if (this.everReached) return parks[this.#parks++] ?? Number.POSITIVE_INFINITY;
    const leftMs = others ? this.#since + deadLinkMs - now : Number.POSITIVE_INFINITY;
    if (leftMs <= 0) return Number.POSITIVE_INFINITY;
    return Math.min(leftMs, [...firstParks, ...parks][this.#parks++] ?? Number.POSITIVE_INFINITY);
  }

  /** Clock time from which what it knows is of no more use: a line's next try may come that late. */
  get settledAt(): number {
    return this.#failures.length > 0 || this.probing ? this.#lastAt + rememberMs : Number.NEGATIVE_INFINITY;
  }

  reached(): void {
    if (this.#failures.length > 0) this.#failures = [];
    this.#parks = 0;
    this.everReached = true;
  }
}
