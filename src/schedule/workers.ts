/** Counts the workers: those that transfer, and the files that are still on their way to their place. */

import type { Landing, Outcome } from '../types.js';

/** A count and no pool: nothing ever waits in one, and the three promises a request of p-limit cost 3 µs and 1 kB. */
export class Workers {
  /** Transfers under way. */
  busy = 0;
  readonly #count: number;
  readonly #wake: () => void;
  #landing = 0;

  /** @param wake looks, a little later, whether something may start: the result handed on meanwhile may be the one that fills the room. */
  constructor(count: number, wake: () => void) {
    this.#count = count;
    this.#wake = wake;
  }

  /** A slow disk holds up new transfers only when more files are landing than there are workers. */
  get isFree(): boolean {
    return this.busy < this.#count && this.busy + this.#landing < 2 * this.#count;
  }

  /** A transfer begins. */
  enter(): void {
    this.busy += 1;
  }

  /** A transfer has ended. */
  leave(): void {
    this.busy -= 1;
    this.#wake();
  }

  /** Its file is still landing: no worker's business, but counted. */
  land({ landed }: Landing, resolve: (outcome: Outcome) => void, reject: (error: unknown) => void): void {
    this.#landing += 1;
    const over = () => {
      this.#landing -= 1;
      this.#wake();
    };
    landed.then(
      (kept) => {
        over();
        resolve(kept);
      },
      (error: unknown) => {
        over();
        reject(error);
      },
    );
  }
}
