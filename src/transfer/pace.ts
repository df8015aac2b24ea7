/** Whether a transfer has been slower than a limit for some time: a window that moves in quarters. */

const quarters = 4;

/** Fed with the time that counts; curl's rule: the waiting for the first byte counts too. */
export class Pace {
  /** Bytes that must come in one window. */
  readonly #least: number;
  readonly #quarter: number;
  /** Bytes received at the last quarters' ends, oldest first. */
  readonly #marks: number[];
  #passed = 0;

  /** @param limit bytes per second. @param time ms. @param received bytes that came before and do not count. */
  constructor(limit: number, time: number, received = 0) {
    this.#marks = [received];
    this.#least = (limit * time) / 1000;
    this.#quarter = time / quarters;
  }

  /** @param step ms that passed. @param received bytes so far. Returns true when the last window brought too little. */
  pass(step: number, received: number): boolean {
    this.#passed += step;
    if (this.#passed < this.#quarter) return false;
    // A look may span several quarters when they are shorter than the looks are apart.
    for (; this.#passed >= this.#quarter; this.#passed -= this.#quarter) this.#marks.push(received);
    if (this.#marks.length <= quarters) return false;
    const before = this.#marks[this.#marks.length - 1 - quarters]!;
    this.#marks.splice(0, this.#marks.length - quarters);
    return received - before < this.#least;
  }
}
