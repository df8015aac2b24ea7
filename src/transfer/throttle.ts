/** --limit-rate: one bucket for all running transfers, given out in turns so that each gets its fair share. */

import type { Clock } from '../clock.js';
import { Bucket } from './bucket.js';

/** ms between two rounds at the least: finer ones cost more than they smooth. */
const roundEvery = 20;

/** Smallest portion in bytes, where the bucket is deep enough for it: a crumb costs as much CPU as a bite. */
const portion = 1024;

export interface Taker {
  /** May ask again now. */
  proceed(): void;
}

export class Throttle {
  readonly #clock: Clock;
  readonly #bucket: Bucket;
  /** What one round brings. */
  readonly #bite: number;
  /** In the order in which they came to an empty bucket. */
  readonly #queue = new Set<Taker>();
  /** What a taker may take in this round. */
  #share = 0;
  #served: Taker | null = null;
  #cancel: (() => void) | null = null;

  /** @param rate bytes per second. */
  constructor(rate: number, clock: Clock) {
    this.#clock = clock;
    this.#bucket = new Bucket(rate, clock.now());
    this.#bite = Math.min(Math.max(portion, (rate * roundEvery) / 1000), this.#bucket.most);
  }

  /** How many of `wanted` bytes `taker` may take now, and takes; 0: it stands in line and will be told to proceed. */
  take(taker: Taker, wanted: number): number {
    const granted = Math.min(wanted, taker === this.#served ? this.#share : this.#spare(wanted));
    if (granted > 0) {
      this.#bucket.take(granted);
      if (taker === this.#served) this.#share -= granted;
      return granted;
    }
    this.#queue.add(taker);
    this.#arm();
    return 0;
  }

  /** Bytes for who comes between two rounds: none while others stand in line, and no crumbs, or reading would never pause. */
  #spare(wanted: number): number {
    if (this.#queue.size > 0) return 0;
    const available = this.#bucket.available(this.#clock.now());
    return available >= Math.min(wanted, this.#bite) ? available : 0;
  }

  /** `taker` wants nothing any more. */
  forget(taker: Taker): void {
    this.#queue.delete(taker);
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #arm(): void {
    if (this.#cancel !== null) return;
    const wait = Math.max(roundEvery, this.#bucket.until(Math.min(portion, this.#bucket.most)));
    this.#cancel = this.#clock.timer(wait, () => this.#round());
  }

  /** Serves from the head of the line; who wants more goes to its end. */
  #round(): void {
    this.#cancel = null;
    const waiting = [...this.#queue];
    const available = this.#bucket.available(this.#clock.now());
    const share = Math.max(Math.floor(available / waiting.length), Math.min(portion, this.#bucket.most), 1);
    for (const taker of waiting) {
      if (this.#bucket.available(this.#clock.now()) < share) break;
      if (!this.#queue.delete(taker)) continue;
      this.#served = taker;
      this.#share = share;
      taker.proceed();
    }
    this.#served = null;
    if (this.#queue.size > 0) this.#arm();
  }
}
