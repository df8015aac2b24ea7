/** When a host that cannot be connected to is left alone, and when it is given up. Pure. */

import type { PdlError } from '../errors.js';
import { spare } from './blame.js';

/** Failures in a row that trip it; parks that are each followed by one probe; length of a park. */
const failuresToTrip = 5;
const spells = 3;
export const parkMs = 30_000;

export class Breaker {
  /** Failures since the host was last reached, which are its own once it is parked. */
  #failures: PdlError[] = [];
  #spells = 0;

  /** After a park, until the host is reached, one request at a time. */
  get probing(): boolean {
    return this.#spells > 0;
  }

  /** A failure to connect, of a request sent since the last park. */
  failed(error: PdlError): 'count' | 'park' | 'dead' {
    this.#failures.push(error);
    if (!this.probing && this.#failures.length < failuresToTrip) return 'count';
    for (const failure of this.#failures) spare(failure, 'host');
    this.#failures = [];
    if (this.#spells === spells) return 'dead';
    this.#spells += 1;
    return 'park';
  }

  reached(): void {
    if (this.#failures.length > 0) this.#failures = [];
    this.#spells = 0;
  }
}
