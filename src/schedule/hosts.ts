/** The hosts of a run: those in sight, those at rest, those given up; a million passing by leave nothing behind. */

import type { Clock } from '../clock.js';
import type { PdlError } from '../errors.js';
import type { Task } from '../types.js';
import { Fifo } from './fifo.js';
import { Host, type HostSettings } from './host.js';

export interface Hooks {
  /** A host came into sight: its name may be looked up. */
  expect?: (host: string) => void;
  /** A host has had no line for a while: its connections may be closed. */
  release?: (host: string) => void;
}

interface GivenUp {
  until: number;
  why: (task: Task) => PdlError;
}

export class Hosts {
  readonly #settings: HostSettings;
  readonly #hooks: Hooks;
  readonly #random: () => number;
  readonly #known = new Map<string, Host>();
  /** Hosts that had no line when they came here; a Map would skip the places of all that left it at each look. */
  readonly #idle = new Fifo<Host>();
  readonly #givenUp = new Map<string, GivenUp>();
  /** Idle hosts that keep their connections: lines of one host often come a little apart. */
  readonly #mostIdle: number;

  constructor(settings: HostSettings, clock: Clock, hooks: Hooks) {
    this.#settings = settings;
    this.#hooks = hooks;
    this.#random = () => clock.random();
    this.#mostIdle = Math.max(32, 2 * settings.maxWorkers);
  }

  /** The host of that name, in sight from now on. */
  get(name: string): Host {
    let host = this.#known.get(name);
    if (host === undefined) {
      host = new Host(name, this.#settings, this.#random);
      this.#known.set(name, host);
      this.#hooks.expect?.(name);
    } else if (host.released) {
      host.released = false;
      this.#hooks.expect?.(name);
    }
    host.resting = false;
    host.touched = true;
    return host;
  }

  find(name: string): Host | undefined {
    return this.#known.get(name);
  }

  all(): Iterable<Host> {
    return this.#known.values();
  }

  /** Known hosts, for tests of memory. */
  get size(): number {
    return this.#known.size;
  }

  /** A host has no line. Two of those that came longest ago are looked at for each one that comes, so that they can never pile up. */
  rest(host: Host, now: number): void {
    if (this.#known.get(host.name) !== host || host.resting) return;
    host.resting = true;
    if (!host.queued) {
      host.queued = true;
      host.touched = false;
      this.#idle.push(host);
    }
    for (let looks = 2; looks > 0 && this.#idle.size > this.#mostIdle; looks -= 1) this.#look(this.#idle.shift()!, now);
  }

  #look(oldest: Host, now: number): void {
    if (!oldest.resting || this.#known.get(oldest.name) !== oldest) {
      oldest.queued = false;
      return;
    }
    if (oldest.touched) {
      oldest.touched = false;
      this.#idle.push(oldest);
      return;
    }
    if (!oldest.released) {
      oldest.released = true;
      this.#hooks.release?.(oldest.name);
    }
    // With a rest or a park before it, it must not look new to the next line.
    if (oldest.settledAt > now) this.#idle.push(oldest);
    else this.#known.delete(oldest.name);
  }

  /** Gives a host up until clock time `until`: each line for it fails with `why`. */
  giveUp(host: Host, until: number, why: (task: Task) => PdlError): void {
    this.#givenUp.set(host.name, { until, why });
    this.#known.delete(host.name);
    this.#hooks.release?.(host.name);
  }

  givenUp(name: string, now: number): ((task: Task) => PdlError) | undefined {
    if (this.#givenUp.size === 0) return undefined;
    const given = this.#givenUp.get(name);
    if (given === undefined) return undefined;
    if (given.until > now) return given.why;
    this.#givenUp.delete(name);
    return undefined;
  }

  /** Tells which host goes on next, and when. A park was told when it began. */
  tellNext(now: number): void {
    let next: Host | undefined;
    for (const host of this.#known.values()) {
      if (host.size > 0 && (next === undefined || host.readyAt < next.readyAt)) next = host;
    }
    if (next === undefined) return;
    const ms = next.readyAt - now;
    if (!(ms > 0 && ms < Number.POSITIVE_INFINITY) || next.parkedUntil > now) return;
    next.peek()?.task.tell({ type: 'wait', host: next.name, ms: Math.round(ms), why: next.why });
  }
}
