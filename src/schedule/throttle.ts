/** How long a host that says "too much" is left alone, and when it has been good for long enough. Pure. */

/** ms. The pause doubles from the first to the cap where the host names no time of its own. */
const firstPauseMs = 1_000;
const pauseCapMs = 60_000;
/** A clean spell: this many answers, or this long (ms), without being asked to wait. */
const cleanAnswers = 20;
const cleanMs = 60_000;
/** Times in a row that a host may name a time beyond patience before all its lines are given up. */
const mostBeyond = 3;

/** What to do about an answer: how long to park (ms; 0 for not at all), with how many seats after that, or close the host. */
export interface Response {
  pauseMs: number;
  seats: 'keep' | 'halve' | 'one';
  close: boolean;
}

export class Throttle {
  readonly #patienceMs: number;
  readonly #random: () => number;
  /** Pauses since the last good answer. */
  #pauses = 0;
  #unavailable = 0;
  #beyond = 0;
  #answers = 0;
  #cleanSince = 0;

  constructor(patienceMs: number, random: () => number) {
    this.#patienceMs = patienceMs;
    this.#random = random;
  }

  /**
   * The host asked to wait, for `retryAfterMs` if it named a time.
   * @param late the request was sent before the park that is on, so it is no news but perhaps a longer time.
   */
  limited(now: number, retryAfterMs: number | undefined, late: boolean): Response {
    const beyond = retryAfterMs !== undefined && retryAfterMs > this.#patienceMs;
    const named = retryAfterMs === undefined || beyond ? undefined : this.#longer(retryAfterMs);
    if (late) return { pauseMs: named ?? 0, seats: 'keep', close: false };
    this.#pauses += 1;
    this.#beyond = beyond ? this.#beyond + 1 : 0;
    // What it names is a floor: a Retry-After of 0, or of a moment ago, is no leave to ask 500 times in 0.3 s.
    const pauseMs = Math.max(named ?? 0, this.#pause());
    this.#answers = 0;
    this.#cleanSince = now + pauseMs;
    return { pauseMs, seats: beyond ? 'one' : 'halve', close: this.#beyond >= mostBeyond };
  }

  /** A 503 that names no time: the first may be one line's trouble, the second in a row is the host's. */
  unavailable(late: boolean): Response {
    if (late) return { pauseMs: 0, seats: 'keep', close: false };
    this.#unavailable += 1;
    if (this.#unavailable < 2) return { pauseMs: 0, seats: 'keep', close: false };
    this.#pauses += 1;
    return { pauseMs: this.#pause(), seats: 'keep', close: false };
  }

  fine(late: boolean): void {
    this.#unavailable = 0;
    if (late) return;
    this.#pauses = 0;
    this.#beyond = 0;
    this.#answers += 1;
  }

  /** Whether a seat may be given back now; if so the next spell begins. */
  mayGiveBack(now: number): boolean {
    if (this.#answers < cleanAnswers && now < this.cleanAt) return false;
    this.#answers = 0;
    this.#cleanSince = now;
    return true;
  }

  /** Time at which the spell is clean even without answers. */
  get cleanAt(): number {
    return this.#cleanSince + cleanMs;
  }

  /** Never shorter than asked; a little longer, so that many clients do not come back in one instant. */
  #longer(ms: number): number {
    return ms + Math.min(ms / 10, 1_000) * this.#random();
  }

  #pause(): number {
    const pause = Math.min(pauseCapMs, firstPauseMs * 2 ** (this.#pauses - 1));
    return pause / 2 + (pause / 2) * this.#random();
  }
}
