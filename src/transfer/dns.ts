/** Names to addresses: the system's resolver, asked once per host, ahead of need, and remembered for a while. */

import { type LookupAddress, lookup } from 'node:dns';
import type { Clock } from '../clock.js';

/** Asks the system (hosts file and resolver order hold) for all addresses of a host. */
export type LookUp = (host: string, done: (error: Error | null, addresses: LookupAddress[]) => void) => void;

/** Look-ups ahead of need at the same time; the thread pool of the command has room for them. */
const aheadAtOnce = 64;

/** ms an answer holds. getaddrinfo tells no TTL; a host that moves within five minutes is rare. */
const keepFor = 300_000;

/** ms a failure holds: long enough for the lines of one host to share it, short enough for a retry to make sense. */
const keepFailureFor = 2000;

/** Hosts remembered at most, so that a list of a million hosts stays flat. */
const most = 20_000;

interface Found {
  /** Clock time of the answer; Infinity while it is awaited. */
  at: number;
  addresses: Promise<LookupAddress[]>;
  failed: boolean;
}

export class Names {
  readonly #clock: Clock;
  readonly #lookUp: LookUp;
  readonly #found = new Map<string, Found>();
  readonly #ahead = new Set<string>();
  #running = 0;

  constructor(clock: Clock, lookUp: LookUp = askSystem) {
    this.#clock = clock;
    this.#lookUp = lookUp;
  }

  /** All addresses of a host, in the system's order. Rejects with the resolver's own error. */
  find(host: string): Promise<LookupAddress[]> {
    const found = this.#found.get(host);
    if (found !== undefined && !this.#stale(found)) return found.addresses;
    return this.#ask(host).addresses;
  }

  /** The host will be asked for soon. */
  expect(host: string): void {
    const found = this.#found.get(host);
    if (found !== undefined && !this.#stale(found)) return;
    this.#ahead.add(host);
    this.#next();
  }

  /** What is known of the host is of no more use: it has no lines left, or none of its addresses answered. */
  forget(host: string): void {
    this.#ahead.delete(host);
    this.#found.delete(host);
  }

  #stale({ at, failed }: Found): boolean {
    return this.#clock.now() - at > (failed ? keepFailureFor : keepFor);
  }

  #next(): void {
    for (const host of this.#ahead) {
      if (this.#running >= aheadAtOnce) return;
      this.#ahead.delete(host);
      this.#running++;
      const done = () => {
        this.#running--;
        this.#next();
      };
      this.find(host).then(done, done);
    }
  }

  #ask(host: string): Found {
    this.#ahead.delete(host);
    const found: Found = { at: Number.POSITIVE_INFINITY, addresses: Promise.resolve([]), failed: false };
    found.addresses = new Promise((resolve, reject) => {
      this.#lookUp(host, (error, addresses) => {
        found.at = this.#clock.now();
        found.failed = error !== null;
        if (error === null) resolve(addresses);
        else reject(error);
      });
    });
    // A failure ahead of need is told to whoever asks within the next seconds.
    found.addresses.catch(() => {});
    this.#found.set(host, found);
    if (this.#found.size > most) this.#found.delete(this.#found.keys().next().value!);
    return found;
  }
}

function askSystem(host: string, done: (error: Error | null, addresses: LookupAddress[]) => void): void {
  lookup(host, { all: true }, done);
}
