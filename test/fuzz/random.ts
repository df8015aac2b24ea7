/** Chance with a seed: the same seed gives the same cases on every machine. */

import { bytesOf } from '../support/bytes.ts';
import { seeded } from '../support/fickle-server.ts';

export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seeded(seed);
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return this.#next();
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#next() * list.length)]!;
  }

  /** A whole number from 0 to `high`; small ones come far more often. */
  small(high: number): number {
    return Math.floor((high + 1) * this.#next() ** 6);
  }

  /** Bytes as latin1 text: mostly letters, else anything. */
  bytes(size: number): string {
    const seed = this.between(0, 999);
    if (this.chance(0.3)) return bytesOf(size, seed).toString('latin1');
    const word = `${seed.toString(36)}-lorem ipsum dolor sit amet, `;
    return word.repeat(Math.ceil(size / word.length)).slice(0, size);
  }
}
