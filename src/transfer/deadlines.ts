/** How long a request may take: one timer for all that run, and the pure arithmetic of one request's patience. */

import { Bag, type Member } from '../bag.js';
import { type Clock, longestTimer } from '../clock.js';
import { Pace } from './pace.js';

/** ms between two looks at what runs: a request costs no timer of its own, and a deadline is at most two looks late. */
const lookEvery = 100;

export interface Watched extends Member {
  /** @param step ms to count since the last look. @param now clock time. @param late the event loop was blocked until now. */
  look(step: number, now: number, late: boolean): void;
}

/** Looks at everything that runs each 100 ms, and not at all while nothing runs. */
export class Watch {
  readonly #clock: Clock;
  readonly #running = new Bag<Watched>();
  #cancel: (() => void) | null = null;
  #last = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Those that run now. */
  running(): Watched[] {
    return [...this.#running.members];
  }

  add(watched: Watched): void {
    this.#running.add(watched);
    if (this.#cancel === null) {
      this.#last = this.#clock.now();
      this.#arm();
    }
  }

  delete(watched: Watched): void {
    this.#running.delete(watched);
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #arm(): void {
    this.#cancel = this.#clock.timer(lookEvery, () => this.#look());
  }

  #look(): void {
    this.#cancel = null;
    if (this.#running.size === 0) return;
    const now = this.#clock.now();
    const passed = now - this.#last;
    this.#last = now;
    // After a blocked loop or a suspended machine, answers may lie unread in the kernel: the time is not the server's.
    const late = passed > 2 * lookEvery;
    const step = Math.min(passed, 2 * lookEvery);
    // From the end: whoever ends at this look is replaced by one that was looked at.
    for (let at = this.#running.size - 1; at >= 0; at--) this.#running.members[at]?.look(step, now, late);
    this.#arm();
  }
}

/** How long each part of a request may take, in ms; Infinity is for ever. */
export interface Limits {
  connectTimeout: number;
  timeout: number;
  /** Bytes per second; 0 is off. */
  speedLimit: number;
  speedTime: number;
}

/** What a request is doing. `drain`: reading the small rest of a refused body, to keep the connection. */
export type Phase = 'connect' | 'head' | 'body' | 'drain';

/** What ran out. */
export type Lapse = 'connect' | 'head' | 'idle' | 'slow' | 'drain';

/** ms for the rest of a refused body: longer than a new connection takes, it would be no gain. */
const drainTime = 1000;

/** What a body must bring at the least, also without --speed-limit: a drip would hold its worker for years. */
const leastSpeed = { speedLimit: 1, speedTime: 300_000 };

/** The slowest that a body may be: as the user says, else as slow as makes any sense. */
export function slowest({ speedLimit, speedTime }: Limits): Pick<Limits, 'speedLimit' | 'speedTime'> {
  return speedLimit > 0 ? { speedLimit, speedTime } : leastSpeed;
}

/** One request's patience. Fed with the time that passed; says what ran out. */
export class Patience {
  readonly #limits: Limits;
  /** Made at the first look: most requests are over before it. */
  #pace: Pace | null = null;
  #phase: Phase = 'connect';
  /** ms in this phase, or since the last byte of a body; -1 until the next look, so that nothing ends early. */
  #waited = -1;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get phase(): Phase {
    return this.#phase;
  }

  enter(phase: Phase): void {
    this.#phase = phase;
    this.#waited = -1;
  }

  /**
   * @param step ms that passed. @param held whether we ourselves held the connection meanwhile: that time does not count.
   * @param heard whether bytes came meanwhile. @param received bytes so far.
   */
  pass(step: number, held: boolean, heard: boolean, received: number): Lapse | null {
    if (held) return null;
    const phase = this.#phase;
    if (this.#waited < 0 || (heard && phase === 'body')) this.#waited = 0;
    else this.#waited += step;
    if (this.#waited >= this.#patience(phase)) return phase === 'body' ? 'idle' : phase;
    return this.#isSlow(phase, step, received) ? 'slow' : null;
  }

  /** As in curl the time until the first byte counts where the user sets the limit, and not where the user does not. */
  #isSlow(phase: Phase, step: number, received: number): boolean {
    if (phase === 'connect' || phase === 'drain') return false;
    const isAsked = this.#limits.speedLimit > 0;
    if (phase === 'head' && !isAsked) return false;
    const { speedLimit, speedTime } = slowest(this.#limits);
    this.#pace ??= new Pace(speedLimit, speedTime, isAsked ? 0 : received);
    return this.#pace.pass(step, received);
  }

  #patience(phase: Phase): number {
    if (phase === 'connect') return this.#limits.connectTimeout;
    return phase === 'drain' ? Math.min(drainTime, this.#limits.timeout) : this.#limits.timeout;
  }
}

/** A duration as people say it. */
export function inWords(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(Math.min(ms, longestTimer) / 100) / 10} s`;
}
