/** Whether it is the own network that is down: three hosts are silent and none answers between them. Pure. */

import type { PdlError } from '../errors.js';
import { spare } from './blame.js';

const hostsToSuspect = 3;
/** Between two probes, ms. */
export const probeMs = 30_000;
/** Hosts kept in mind as failing on a working network. */
const mostKnown = 10_000;

/**
 * `suspect` lasts until one more host was tried (or bytes were seen to flow): lists with many dead hosts are common, and a false alarm
 * must cost a round trip, not half a minute. For the same reason a host that failed while others were reached is no evidence later.
 */
export class Network {
  state: 'up' | 'suspect' | 'down' = 'up';
  downSince = 0;
  readonly #failing = new Set<string>();
  readonly #known = new Set<string>();
  #errors: PdlError[] = [];

  /** A host was silent. `probe`: this request was the one that was to decide. */
  failed(host: string, error: PdlError, probe: boolean, now: number): void {
    if (this.state === 'down') {
      this.#failing.add(host);
      spare(error, 'network');
      return;
    }
    if (this.state === 'up' && this.#known.has(host)) return;
    this.#failing.add(host);
    this.#errors.push(error);
    if (this.state === 'suspect' && probe) this.confirm(now);
    else if (this.state === 'up' && this.#failing.size >= hostsToSuspect) this.state = 'suspect';
  }

  /** A host answered, if only with a no. */
  reached(host: string): void {
    if (this.#failing.size === 0 && this.#known.size === 0) return;
    if (this.#known.size > mostKnown) this.#known.clear();
    for (const failing of this.#failing) this.#known.add(failing);
    this.#known.delete(host);
    this.#failing.clear();
    this.#errors = [];
    this.state = 'up';
  }

  /** Nothing speaks against it: the network is down, and no failure since the last success counts. */
  confirm(now: number): void {
    this.state = 'down';
    this.downSince = now;
    for (const error of this.#errors) spare(error, 'network');
    this.#errors = [];
  }

  /** Whether this host's answer would be news. */
  isFresh(host: string): boolean {
    return !this.#failing.has(host) && !this.#known.has(host);
  }

  /** Hosts that failed since something last succeeded. */
  get failing(): Iterable<string> {
    return this.#failing;
  }
}
