/** Tries a line again: after a backoff that holds neither seat nor worker, from the job's own URL, first in line at its host. */

import type { Clock } from '../clock.js';
import { PdlError } from '../errors.js';
import type { Settings } from '../options.js';
import type { Layer, Outcome, Task, Transfer } from '../types.js';
import { hostOf } from '../url.js';
import { blamedFor } from './blame.js';
import { asksToWait, retryDelay } from './retry-policy.js';
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

type Patient = Pick<Settings, 'retry' | 'retryMaxTime' | 'maxTime'>;

/** @throws the last error; RATE_LIMITED after ten answers that asked to wait; ABORTED when the run stops during a backoff. */
export function retry(settings: Patient, clock: Clock, run: Run): Layer {
  return (next) => (task) => tryAgain(next, task, settings, clock, run);
}

async function tryAgain(next: Transfer, task: Task, settings: Patient, clock: Clock, run: Run): Promise<Outcome> {
  const patience: Patience = { used: 0, wasted: 0, maxTime: settings.maxTime };
  const random = () => clock.random();
  let attempt = task.attempt;
  let counted: PdlError[] = [];
  let asked = 0;
  let stale = false;
  for (let current: PatientTask = { ...task, patience }; ; ) {
    try {
      return await next(current);
    } catch (error) {
      if (!(error instanceof PdlError) || run.ending) throw error;
      let delay = 0;
      if (blamedFor(error) !== undefined) {
        // Looked at first: even a refused certificate may be a captive portal's.
      } else if (asksToWait(error)) {
        asked += 1;
        if (asked >= mostAsked) throw tooOften(error, task.url);
      } else if (error.facts.stale === true && !stale) {
        stale = true;
      } else {
        counted.push(error);
        counted = counted.filter((one) => blamedFor(one) === undefined);
        const wait = retryDelay(error, counted.length, settings, random);
        if (wait === null || patience.wasted + wait > settings.retryMaxTime) throw error;
        delay = wait;
      }
      if (patience.used + delay >= settings.maxTime) throw error;
      attempt += 1;
      if (blamedFor(error) === 'network' && asked === 0 && counted.every((one) => blamedFor(one) === 'network')) {
        attempt = task.attempt;
        forget(task);
      }
      const { code, message } = error;
      task.tell({ type: 'retry', url: current.url, attempt, delayMs: Math.round(delay), code, message });
      if (delay > 0) await backOff(delay, task, patience, run);
      current = { ...task, patience, attempt, urgent: true };
    }
  }
}

async function backOff(delay: number, task: Task, patience: Patience, run: Run): Promise<void> {
  await run.sleep(delay);
  patience.used += delay;
  patience.wasted += delay;
  task.meter.waitedMs += delay;
}

/** None of what was begun counts, so the line stands as if it had never begun: when the run is given up, it is left, not failed. */
function forget({ meter }: Task): void {
  meter.startedAt = 0;
  meter.attempts = 0;
  meter.waitedMs = 0;
}

function tooOften(error: PdlError, url: string): PdlError {
  const { status, url: answered = url } = error.facts;
  const message = `Cannot fetch from ${hostOf(answered)}: it asked to wait ${mostAsked} times (status ${status})`;
  return new PdlError('RATE_LIMITED', message, { ...error.facts, cause: error });
}
