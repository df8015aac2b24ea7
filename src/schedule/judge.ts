/** Hears how requests end, and lets the host take the consequences that the policies name. */

import type { Clock } from '../clock.js';
import { PdlError } from '../errors.js';
import type { Settings } from '../options.js';
import type { Task, Wait } from '../types.js';
import { withoutUserinfo } from '../url.js';
import { spare } from './blame.js';
import type { Host, Turn } from './host.js';
import type { Hosts } from './hosts.js';
import type { Outage } from './outage.js';
import { tooLong } from './retry-policy.js';
import type { Response } from './throttle.js';
import { verdictOf } from './verdict.js';

/** What the scheduler does for it. */
export interface Effects {
  /** Turns away every line that waits at a host. */
  drop(host: Host, why: (task: Task) => PdlError): void;
  /** The park of a host was shortened. */
  place(host: Host): void;
}

export class Judge {
  readonly #settings: Pick<Settings, 'maxRetryAfter'>;
  readonly #clock: Clock;
  readonly #hosts: Hosts;
  readonly #outage: Outage;
  readonly #effects: Effects;
  /** Some host has answered in this run. */
  #answered = false;

  constructor(settings: Pick<Settings, 'maxRetryAfter'>, clock: Clock, hosts: Hosts, outage: Outage, effects: Effects) {
    this.#settings = settings;
    this.#clock = clock;
    this.#hosts = hosts;
    this.#outage = outage;
    this.#effects = effects;
  }

  /** The request of a turn has ended. Returns the error that its line shall see. */
  ended(turn: Turn, error: unknown): unknown {
    const verdict = error === null ? 'fine' : verdictOf(error);
    const late = turn.park !== turn.host.parks;
    const probe = this.#outage.ended(turn);
    switch (verdict) {
      case 'unknown':
        return error;
      case 'missing':
        this.#outage.reached(turn.host.name);
        this.#giveUp(turn.host, Number.POSITIVE_INFINITY, (task) => missing(task, error as PdlError));
        return error;
      case 'refused':
        this.#outage.reached(turn.host.name);
        this.#fail(turn, error as PdlError, late);
        return error;
      case 'silent':
        if (!this.#outage.silent(turn.host, turn.task, error as PdlError, probe))
          this.#fail(turn, error as PdlError, late);
        return error;
    }
    this.reached(turn);
    if (verdict === 'limited') return this.#limited(turn, error as PdlError, late);
    if (verdict === 'unavailable') this.#respond(turn, turn.host.throttle.unavailable(late), late);
    if (verdict === 'fine') turn.host.throttle.fine(late);
    return error;
  }

  /** The host of this turn has answered. */
  reached({ host }: Turn): void {
    host.breaker.reached();
    this.#outage.reached(host.name);
    if (this.#answered) return;
    this.#answered = true;
    this.#probeDeadLinks();
  }

  /** Hosts that never answered were waited for while none did. Now they are dead links: one more probe decides. */
  #probeDeadLinks(): void {
    const now = this.#clock.now();
    for (const host of this.#hosts.all()) {
      if (host.parkedFor !== 'host-down' || host.breaker.everReached || host.parkedUntil < now) continue;
      host.parkedUntil = now;
      this.#effects.place(host);
    }
  }

  #limited(turn: Turn, error: PdlError, late: boolean): PdlError {
    const now = this.#clock.now();
    const { retryAfterMs } = error.facts;
    const response = turn.host.throttle.limited(now, retryAfterMs, late);
    this.#respond(turn, response, late);
    if (retryAfterMs === undefined || retryAfterMs <= this.#settings.maxRetryAfter) return error;
    if (response.close) this.#giveUp(turn.host, now + retryAfterMs, (task) => tooLong(task.url, error));
    return tooLong(turn.task.url, error);
  }

  #respond({ host, task }: Turn, { pauseMs, seats }: Response, late: boolean): void {
    if (seats !== 'keep') host.seats.shrink(seats === 'one' ? 1 : Math.max(1, host.seats.allowed >> 1));
    if (late) host.extend(this.#clock.now() + pauseMs, 'retry-after');
    else if (pauseMs > 0 || seats !== 'keep') this.#park(host, task, pauseMs, 'retry-after');
  }

  /** A connection could not be made, and that is the host's own failure. */
  #fail({ host, task }: Turn, error: PdlError, late: boolean): void {
    if (late) {
      spare(error, 'host');
      return;
    }
    const ms = host.breaker.failed(error, this.#clock.now(), this.#answered);
    if (ms === Number.POSITIVE_INFINITY) this.#giveUp(host, ms, (other) => down(other, host, error));
    else if (ms > 0) this.#park(host, task, ms, 'host-down');
  }

  #park(host: Host, task: Task, ms: number, why: Wait): void {
    host.park(this.#clock.now() + ms, why);
    task.tell({ type: 'wait', host: host.name, ms: Math.round(ms), why });
  }

  #giveUp(host: Host, until: number, why: (task: Task) => PdlError): void {
    this.#hosts.giveUp(host, until, why);
    this.#effects.drop(host, why);
  }
}

function down(task: Task, host: Host, cause: PdlError): PdlError {
  const message = `Cannot fetch ${withoutUserinfo(task.url)}: ${host.name} is down, ${stateOf(cause)}`;
  return new PdlError('HOST_DOWN', message, { cause });
}

/** What the resolver said of the host's name holds for all its lines. */
function missing(task: Task, { code, message, facts }: PdlError): PdlError {
  return new PdlError(code, message, { ...facts, url: withoutUserinfo(task.url) });
}

/** What follows "Cannot … :" in its sentence. */
function stateOf({ message }: PdlError): string {
  return message.slice(message.indexOf(': ') + 2);
}
