/** Tries a line again: after a backoff that holds neither seat nor worker, from the job's own URL, first in line at its host. */

import type { Clock } from '../clock.js';
import { PdlError } from '../errors.js';
import type { Settings } from '../options.js';
import type { Layer, Outcome, Task, Transfer } from '../types.js';
import { hostOf, withoutUserinfo } from '../url.js';
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

/**
 * Costs a waiting line one promise: the state of further tries is made when the first has failed.
 * @throws the last error; RATE_LIMITED after ten answers that asked to wait; ABORTED when the run stops during a backoff.
 */
export function retry(settings: Patient, clock: Clock, run: Run): Layer {
  return (next) => (task) => {
    const patience: Patience = { used: 0, wasted: 0, maxTime: settings.maxTime };
    const again = (error: unknown) => tryAgain(error, next, task, patience, settings, clock, run);
    return next(trying(task, patience, task.attempt, task.urgent)).catch(again);
  };
}

async function tryAgain(
  failure: unknown,
  next: Transfer,
  task: Task,
  patience: Patience,
  settings: Patient,
  clock: Clock,
  run: Run,
): Promise<Outcome> {
  let error = failure;
  let attempt = task.attempt;
  let counted: PdlError[] = [];
  let asked = 0;
  let stale = false;
  for (;;) {
    if (!(error instanceof PdlError)) throw error;
    // None of what was begun counts: the line stands as if it had never begun, so that it can be left instead of failed.
    const blameless = asked === 0 && !stale && counted.every((one) => blamedFor(one) === 'network');
    if (run.ending) {
      if (blameless && task.meter.attempts < attempt) forget(task);
      throw error;
    }
    let delay = 0;
    attempt += 1;
    if (blamedFor(error) !== undefined) {
      // Looked at first: even a refused certificate may be a captive portal's.
      if (blameless && blamedFor(error) === 'network') {
        attempt = task.attempt;
        forget(task);
      }
    } else if (asksToWait(error)) {
      asked += 1;
      if (asked >= mostAsked) throw tooOften(error, task.url);
    } else if (error.facts.stale === true && !stale) {
      stale = true;
    } else {
      counted = [...counted, error].filter((one) => blamedFor(one) === undefined);
      const wait = retryDelay(error, counted.length, settings, () => clock.random());
      if (wait === null || patience.wasted + wait > settings.retryMaxTime) throw error;
      delay = wait;
    }
    if (patience.used + delay >= settings.maxTime) throw error;
    const { code, message } = error;
    task.tell({ type: 'retry', url: withoutUserinfo(task.url), attempt, delayMs: Math.round(delay), code, message });
    try {
      if (delay > 0) await backOff(delay, task, patience, run);
      return await next(trying(task, patience, attempt, true));
    } catch (thrown) {
      error = thrown;
    }
  }
}

/** The task of one try, from the job's own URL. Written out: a spread with one field more costs 20 times as much (1.3 µs, Node 20). */
function trying(task: Task, patience: Patience, attempt: number, urgent: boolean): PatientTask {
  const { job, signal, meter, url, deadline, tell, onHead, fetch, add } = task;
  return { job, signal, meter, attempt, url, urgent, deadline, tell, onHead, fetch, add, patience };
}

async function backOff(delay: number, task: Task, patience: Patience, run: Run): Promise<void> {
  const began = run.clock.now();
  await run.sleep(delay);
  const ms = run.clock.now() - began;
  patience.used += ms;
  patience.wasted += ms;
  task.meter.waitedMs += ms;
}

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
