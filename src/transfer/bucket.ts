/** A token bucket: pure arithmetic of how many bytes may be taken by now. */

/** Seconds of the rate that may gather while nobody takes: 2.5 % of ten seconds, and enough to outlast a busy event loop. */
const depth = 0.25;

export class Bucket {
  readonly rate: number;
  readonly most: number;
  #tokens = 0;
  #at: number;

  /** @param rate bytes per second. @param now clock time in ms. It starts empty. */
  constructor(rate: number, now: number) {
    this.rate = rate;
    this.most = Math.max(rate * depth, 1);
    this.#at = now;
  }

  /** Whole bytes that may be taken at clock time `now`. */
  available(now: number): number {
    const gathered = this.#tokens + ((now - this.#at) * this.rate) / 1000;
    this.#tokens = Math.min(gathered, this.most);
    this.#at = now;
    return Math.floor(this.#tokens);
  }

  take(bytes: number): void {
    this.#tokens -= bytes;
  }

  /** ms until `bytes` are there. */
  until(bytes: number): number {
    return (Math.max(0, Math.min(bytes, this.most) - this.#tokens) * 1000) / this.rate;
  }
}
