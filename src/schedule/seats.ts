/** The seats of one host: when the next one may be taken, by the rests of design.md section 3. No clock and no timer in here. */

import { Heap } from './heap.js';

/** Shortest and longest rest, ms. */
export type Rests = readonly [min: number, max: number];

/**
 * A seat is in use, or rests, or has never been opened. Seats that were never opened are drawn one after the other, in the order in
 * which they open, so that a host costs the same with 8 seats as with 65,535.
 */
export class Seats {
  /** Seats at this time; fewer than at first while the host is treated with care. */
  allowed: number;
  busy = 0;
  /** Time at which every seat that is not in use has rested. */
  restedAt = 0;
  readonly #random: () => number;
  #min: number;
  #max: number;
  /** Opened seats that nobody uses: the end of their rest, and its length. */
  readonly #resting = new Heap<number>();
  /** The first request after this is like a host's first: later seats take their rest after it. */
  #fresh = true;
  #unopened = 0;
  /** Seats that the current opening began with. */
  #opening = 0;
  #openedAt = 0;
  /** Where in 0..1 of the rest the last opened seat stood. */
  #drawn = 0;
  #nextOpening = Number.POSITIVE_INFINITY;

  constructor(count: number, [min, max]: Rests, random: () => number) {
    this.allowed = count;
    this.#min = min;
    this.#max = max;
    this.#random = random;
    this.#unopened = count;
    this.#nextOpening = Number.NEGATIVE_INFINITY;
  }

  /** Time at which the next seat may be taken; Infinity while that hangs on the end of a request. */
  get opensAt(): number {
    if (this.busy >= this.allowed) return Number.POSITIVE_INFINITY;
    if (this.#max === 0) return Number.NEGATIVE_INFINITY;
    return Math.min(this.#resting.first, this.#nextOpening);
  }

  /** Its seats rest between requests. */
  get rest(): boolean {
    return this.#max > 0;
  }

  /** Takes the seat that may be taken, and returns the rest (ms) that it took before. */
  take(now: number): number {
    this.busy += 1;
    if (this.#max === 0) return 0;
    const rest = this.#resting.first <= this.#nextOpening ? this.#resting.pop()! : this.#openNext();
    if (this.#fresh) this.#beginOpening(now);
    return rest;
  }

  /** The request of a seat has ended: its rest begins. */
  end(now: number): void {
    this.busy -= 1;
    if (this.#max > 0) this.#rest(now);
  }

  /** No more than `count` seats. Those that rest longest stay, or a rested one would stand in for one that just ended. */
  shrink(count: number): void {
    this.allowed = count;
    this.#trim();
  }

  /** One seat more; it rests before its first request. */
  giveBack(now: number): void {
    this.allowed += 1;
    if (this.#max > 0) this.#rest(now);
  }

  /** Makes the next request a first one again: after a park too, a host meets no volley. */
  restart(): void {
    this.#fresh = true;
  }

  /** Raises rests that begin from now on to at least `ms`. */
  slow(now: number, ms: number): void {
    if (this.#max === 0) {
      this.#unopened = Math.max(0, this.allowed - this.busy);
      if (!this.#fresh) this.#beginOpening(now);
    }
    this.#min = Math.max(this.#min, ms);
    this.#max = Math.max(this.#max, ms);
  }

  #rest(now: number): void {
    const rest = this.#min + (this.#max - this.#min) * this.#random();
    this.#resting.push(now + rest, rest);
    this.restedAt = Math.max(this.restedAt, now + rest);
    this.#trim();
  }

  #trim(): void {
    while (this.#resting.size > 0 && this.busy + this.#resting.size > this.allowed) this.#resting.pop();
    const unopened = Math.max(0, this.allowed - this.busy - this.#resting.size);
    if (unopened >= this.#unopened) return;
    this.#unopened = unopened;
    if (unopened === 0) this.#nextOpening = Number.POSITIVE_INFINITY;
  }

  /** Takes the next seat that was never opened. */
  #openNext(): number {
    const rest = this.#fresh ? 0 : this.#nextOpening - this.#openedAt;
    this.#unopened -= 1;
    this.#drawNext();
    return rest;
  }

  /** From `now` on, seats that are ready open one after the other. */
  #beginOpening(now: number): void {
    this.#fresh = false;
    while (this.#resting.first <= now) {
      this.#resting.pop();
      this.#unopened += 1;
    }
    this.#opening = this.#unopened + 1;
    this.#openedAt = now;
    this.#drawn = 0;
    this.#drawNext();
  }

  /** When the next seat opens: evenly spaced where A = B, else the next smallest of as many uniform draws as there are seats left. */
  #drawNext(): void {
    if (this.#unopened === 0) {
      this.#nextOpening = Number.POSITIVE_INFINITY;
    } else if (this.#min === this.#max) {
      const place = this.#opening - this.#unopened;
      this.#nextOpening = this.#openedAt + (place * this.#min) / this.#opening;
    } else {
      this.#drawn = 1 - (1 - this.#drawn) * (1 - this.#random()) ** (1 / this.#unopened);
      this.#nextOpening = this.#openedAt + this.#min + (this.#max - this.#min) * this.#drawn;
    }
  }
}
