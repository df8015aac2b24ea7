/** Tries a line again: after a backoff that holds neither seat nor worker, from the job's own URL, first in line at its host. */

import type { Clock } from '../clock.js';
import { PdlError } from '../errors.js';
import type { Settings } from '../options.js';
import type { Layer, Outcome, Task, Transfer } from '../types.js';
import { hostOf, withoutUserinfo } from '../url.js';
import { blamedFor } from './blame.js';
import { asksToWait, backoff, retryDelay, tooLong } from './retry-policy.js';
import type { Run } from './run.js';

/** What one line has had of its time, kept over all its requests. Time in a queue or a park is not in it. */
export interface Patience {
  /** ms of its requests and backoff, for --max-time. */
  used: number;
  /** The same without requests that brought the file forward, for --retry-max-time: a slow big file is no failing one. */
  wasted: number;
  /** ms left at most for one line. */
  readonly maxTime: number;
}

/** A task below the retry layer. */
export interface PatientTask extends Task {
  readonly patience?: Patience;
}

/** A line that was asked to wait this often fails. */
const mostAsked = 10;

/** Fewer bytes than a request costs in headers do not make up for the pause after it. */
const worthwhile = 1024;

type Patient = Pick<Settings, 'retry' | 'retryMaxTime' | 'maxTime' | 'maxRetryAfter'>;

/**
 * Costs a waiting line one promise: the state of further tries is made when the first has failed.
 * @throws the last error; RATE_LIMITED after ten answers that asked to wait, or one that named a time beyond --max-retry-after; ABORTED when
 * the run stops during a backoff.
 */
export function retry(settings: Patient, clock: Clock, run: Run): Layer {
  return (next) => (task) => {
    const patience: Patience = { used: 0, wasted: 0, maxTime: settings.maxTime };
    const first = trying(task, patience, task.attempt, task.urgent, task.whole);
    return next(first).catch((error) => new Tries(task, patience, settings, clock, run).after(error, next));
  };
}

/** How long to wait before the next try, ms, and how much of that counts as wasted. */
interface Pause {
  ms: number;
  wasted: number;
}

const atOnce: Pause = { ms: 0, wasted: 0 };

class Tries {
  readonly #task: Task;
  readonly #patience: Patience;
  readonly #settings: Patient;
  readonly #clock: Clock;
  readonly #run: Run;
  #attempt: number;
  #counted: PdlError[] = [];
  /** Answers that asked to wait. */
  #asked = 0;
  /** The free try for a kept connection that was closed is used up. */
  #stale = false;
  /** Ranges were refused: the whole file is asked for. */
  #whole: boolean;
  /** Bytes of the file that were held at the most: to bring the same ones again is no progress. */
  #furthest = 0;

  constructor(task: Task, patience: Patience, settings: Patient, clock: Clock, run: Run) {
    this.#task = task;
    this.#patience = patience;
    this.#settings = settings;
    this.#clock = clock;
    this.#run = run;
    this.#attempt = task.attempt;
    this.#whole = task.whole === true;
  }

  async after(failure: unknown, next: Transfer): Promise<Outcome> {
    let error = failure;
    for (;;) {
      if (!(error instanceof PdlError)) throw error;
      this.#attempt += 1;
      const pause = this.#pauseAfter(error);
      if (this.#patience.used + pause.ms >= this.#settings.maxTime) throw error;
      this.#tell(error, pause);
      try {
        if (pause.ms > 0) await this.#wait(pause);
        return await next(trying(this.#task, this.#patience, this.#attempt, true, this.#whole));
      } catch (thrown) {
        error = thrown;
      }
    }
  }

  /** None of the tries so far was the line's own failure. */
  #isBlameless(): boolean {
    return this.#asked === 0 && !this.#stale && this.#counted.every((one) => blamedFor(one) === 'network');
  }

  /** @throws the error of the line when it is given up. */
  #pauseAfter(error: PdlError): Pause {
    const { stale } = error.facts;
    const blamed = blamedFor(error);
    if (blamed !== undefined) {
      if (blamed === 'network' && this.#isBlameless()) this.#beginAnew();
      return atOnce;
    }
    if (asksToWait(error)) {
      this.#asked += 1;
      if (this.#asked >= mostAsked) throw tooOften(error, this.#task.url);
      return atOnce;
    }
    if (stale === true && !this.#stale) {
      this.#stale = true;
      return atOnce;
    }
    const kept = this.#progressOf(error);
    const isForward = kept > 0 && error.code !== 'TOO_SLOW';
    const ms = isForward ? backoff(1, this.#random) : this.#backoffOf(error);
    if (ms !== null && (kept >= worthwhile || this.#patience.wasted + ms <= this.#settings.retryMaxTime))
      return this.#pause(error, ms, isForward && kept >= worthwhile);
    // Asked for by range it may fail in every run, for ever.
    if (error.facts.ranged !== true || this.#whole) throw error;
    this.#whole = true;
    return atOnce;
  }

  /** Bytes that this try brought beyond all before it. */
  #progressOf({ facts: { held = 0, kept = 0 } }: PdlError): number {
    const before = Math.max(this.#furthest, held - kept);
    this.#furthest = Math.max(before, held);
    return this.#furthest - before;
  }

  /** After a failed try that counts; null when there is none left. */
  #backoffOf(error: PdlError): number | null {
    this.#counted = [...this.#counted, error].filter((one) => blamedFor(one) === undefined);
    return retryDelay(error, this.#counted.length, this.#settings, this.#random);
  }

  /** What the server names is a floor, and is its time, not the line's. */
  #pause(error: PdlError, backoffMs: number, isForward: boolean): Pause {
    const { retryAfterMs = 0 } = error.facts;
    if (retryAfterMs > this.#settings.maxRetryAfter) throw tooLong(this.#task.url, error);
    return { ms: Math.max(backoffMs, retryAfterMs), wasted: isForward ? 0 : backoffMs };
  }

  readonly #random = () => this.#clock.random();

  #tell({ code, message }: PdlError, { ms }: Pause): void {
    const { tell, url } = this.#task;
    tell({
      type: 'retry',
      url: withoutUserinfo(url),
      attempt: this.#attempt,
      delayMs: Math.round(ms),
      code,
      message,
    });
  }

  async #wait({ ms, wasted }: Pause): Promise<void> {
    const began = this.#clock.now();
    await this.#run.sleep(ms);
    const waited = this.#clock.now() - began;
    this.#patience.used += waited;
    this.#patience.wasted += Math.min(wasted, waited);
    this.#task.meter.waitedMs += waited;
  }

  /** The line stands as if it had never begun. */
  #beginAnew(): void {
    const { meter } = this.#task;
    this.#attempt = this.#task.attempt;
    meter.startedAt = 0;
    meter.attempts = 0;
    meter.waitedMs = 0;
  }
}

/** The task of one try, from the job's own URL. Written out: a spread with one field more costs 20 times as much (1.3 µs, Node 20). */
function trying(
  task: Task,
  patience: Patience,
  attempt: number,
  urgent: boolean,
  whole: boolean | undefined,
): PatientTask {
  const { job, signal, meter, url, deadline, tell, onHead, fetch, add } = task;
  return { job, signal, meter, attempt, url, urgent, whole, deadline, tell, onHead, fetch, add, patience };
}

function tooOften(error: PdlError, url: string): PdlError {
  const { status, url: answered = url } = error.facts;
  const message = `Cannot fetch from ${hostOf(answered)}: it asked to wait ${mostAsked} times (status ${status})`;
  return new PdlError('RATE_LIMITED', message, { ...error.facts, cause: error });
}
