/** One host as politeness sees it: its lines in order, its seats, and the time at which the next of them may start. */

import type { Member } from '../bag.js';
import type { Settings } from '../options.js';
import type { Outcome, Task, Wait } from '../types.js';
import { Breaker } from './breaker.js';
import { Fifo } from './fifo.js';
import { Seats } from './seats.js';
import { Throttle } from './throttle.js';

/** A request that waits for its turn. */
export interface Waiting {
  readonly task: Task;
  readonly since: number;
  /** Runs the request; called inside the worker's slot. */
  readonly begin: (turn: Turn) => Promise<Outcome>;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
  /** It has its turn, or its own signal was aborted: it is passed over. */
  gone: boolean;
}

/** A request that has its seat and its worker. */
export interface Turn extends Member {
  readonly host: Host;
  readonly task: Task;
  /** Clock time at which it asked. */
  readonly since: number;
  /** ms that its seat rested before. */
  readonly restMs: number;
  /** Which park of the host came last before it. */
  readonly park: number;
  /** Its outcome decides whether others may go on. */
  readonly probe: boolean;
}

/** Requests per worker that are kept waiting: with fewer a worker waits for the list, more cost memory and nothing else. */
export const rounds = 4;

/** Lines of one host that wait before the list is no longer read on for other hosts to share the workers with. */
const deep = 1_000;

/** The workers that one host may take while another has lines that could start. */
export const fairShare = (workers: number) => Math.ceil(workers / 2);

export type HostSettings = Pick<Settings, 'maxWorkers' | 'perHost' | 'delay' | 'rate' | 'maxRetryAfter'>;

export class Host {
  readonly name: string;
  readonly seats: Seats;
  readonly throttle: Throttle;
  readonly breaker = new Breaker();
  /** Lines that wait. */
  size = 0;
  /** Counts parks, so that an answer to a request from before one can be told. */
  parks = 0;
  parkedUntil = Number.NEGATIVE_INFINITY;
  parkedFor: Wait = 'retry-after';
  /** It stands among the hosts that can go on now. */
  listed = false;
  /** The wake-up that is set for it. */
  wakeAt = Number.NaN;
  /** It has no line. */
  resting = false;
  /** It stands in the queue of hosts without a line, and had one since it came there. */
  queued = false;
  touched = false;
  /** Its connections were given up. */
  released = false;
  /** What it counts for in the look-ahead. */
  weight = 0;
  readonly #fullSeats: number;
  readonly #urgent = new Fifo<Waiting>();
  readonly #lines = new Fifo<Waiting>();
  /** ms from one start to the next. */
  #spacing: number;
  #slowed = 0;
  #nextStart = Number.NEGATIVE_INFINITY;

  constructor(name: string, settings: HostSettings, random: () => number) {
    this.name = name;
    this.#fullSeats = settings.perHost ?? settings.maxWorkers;
    this.seats = new Seats(this.#fullSeats, settings.delay, random);
    this.throttle = new Throttle(settings.maxRetryAfter, random);
    this.#spacing = settings.rate;
  }

  push(waiting: Waiting): void {
    this.size += 1;
    (waiting.task.urgent ? this.#urgent : this.#lines).push(waiting);
  }

  /** The next line, urgent ones first. */
  shift(): Waiting | undefined {
    for (;;) {
      const next = this.#urgent.shift() ?? this.#lines.shift();
      if (next?.gone) continue;
      if (next === undefined) return undefined;
      this.size -= 1;
      next.gone = true;
      return next;
    }
  }

  /** A line gives its place up. */
  withdraw(waiting: Waiting): boolean {
    if (waiting.gone) return false;
    waiting.gone = true;
    this.size -= 1;
    return true;
  }

  /** A line that waits, for a word about it. */
  peek(): Waiting | undefined {
    return this.#urgent.first ?? this.#lines.first;
  }

  /** Time at which its next line may start; Infinity while that hangs on the end of a request. */
  get readyAt(): number {
    if (this.breaker.probing && this.seats.busy > 0) return Number.POSITIVE_INFINITY;
    let opensAt = this.seats.opensAt;
    // A seat that comes back by time alone is one more way out.
    if (opensAt === Number.POSITIVE_INFINITY && this.halved) opensAt = this.throttle.cleanAt;
    return Math.max(opensAt, this.parkedUntil, this.#nextStart);
  }

  /** Lines of it that wait for nothing but a worker or a request's end, no more than its share of `workers` can take up in a few rounds. */
  soon(now: number, workers: number): number {
    if (this.#spacing > 0 || this.seats.rest || this.parkedUntil > now || this.breaker.probing) return 0;
    const share = this.size >= deep ? workers : fairShare(workers);
    return Math.min(this.size, rounds * Math.min(share, this.seats.allowed));
  }

  /** Why it is not ready, unless it is parked. */
  get why(): Wait {
    return this.#nextStart >= this.seats.opensAt ? 'rate' : 'rest';
  }

  get halved(): boolean {
    return this.seats.allowed < this.#fullSeats;
  }

  /** Gives seats back after a clean spell. */
  recover(now: number): void {
    if (this.halved && this.throttle.mayGiveBack(now)) this.seats.giveBack(now);
  }

  /** Takes a seat; returns the rest it took. */
  take(now: number): number {
    this.#nextStart = this.#spacing === 0 ? Number.NEGATIVE_INFINITY : now + this.#spacing;
    return this.seats.take(now);
  }

  /** Nothing starts before `until`. */
  park(until: number, why: Wait): void {
    this.parks += 1;
    this.extend(until, why);
    this.seats.restart();
  }

  extend(until: number, why: Wait): void {
    if (until <= this.parkedUntil) return;
    this.parkedUntil = until;
    this.parkedFor = why;
  }

  /** Its failures were not its own. */
  absolve(): void {
    this.breaker.reached();
    if (this.parkedFor === 'host-down') this.parkedUntil = Number.NEGATIVE_INFINITY;
  }

  /** Its robots.txt asks for `ms` between requests: all its seats together start no faster, and each rests at least as long. */
  slow(now: number, ms: number): void {
    if (ms <= this.#slowed) return;
    this.#slowed = ms;
    this.#spacing = Math.max(this.#spacing, ms);
    this.#nextStart = Math.max(this.#nextStart, now + ms);
    this.seats.slow(now, ms);
  }

  /** Time from which forgetting it changes nothing. */
  get settledAt(): number {
    const clean = this.halved ? this.throttle.cleanAt : 0;
    return Math.max(this.seats.restedAt, this.parkedUntil, this.#nextStart, this.breaker.settledAt, clean);
  }
}
