/** The only place where a throw becomes data: one line in, one result out. */

import { PdlError } from '../errors.js';
import { show } from '../show.js';
import type { Failed, Job, Line, Meter, Passed, Result, Skipped, Task, Told, Transfer } from '../types.js';
import { withoutUserinfo } from '../url.js';
import { isPermanent } from './retry-policy.js';
import type { Run } from './run.js';

/**
 * Runs `work` and tells how it ended. `seq` and `at` are stamped when the result is handed out.
 * @returns null when the run was stopped before this line had ended: it is left for the next run.
 * @throws what is no PdlError: a bug of pdl, which must not look like a failed line.
 */
export async function settle(task: Task, work: Transfer, run: Pick<Run, 'clock' | 'ending'>): Promise<Result | null> {
  const { job, meter } = task;
  try {
    const outcome = await work(task);
    if (outcome.status === 'moved') throw new Error(`a redirect to ${outcome.to} was never followed`);
    if (outcome.status === 'landing') throw new Error(`nobody waited for ${job.name} to land`);
    // Two spreads in one literal cost 5 µs in Node 20, where assign costs 0.3.
    return Object.assign(told(job, meter, run.clock.now()), outcome);
  } catch (error) {
    if (!(error instanceof PdlError)) throw error;
    if (error.code === 'ABORTED' && run.ending) return null;
    return Object.assign(told(job, meter, run.clock.now()), failure(error, job.origin));
  }
}

/** The result of a line that never became a job. */
export function refused(origin: Line, error: PdlError): Failed {
  return { ...untouched(origin, show(origin.text)), ...failure(error, origin) };
}

/** The result of a list that breaks after `last`. */
export function unread(last: Line, error: unknown): Failed {
  return refused(last, listError(error));
}

/** The result of a job that is known to need nothing before anything was started for it. */
export function passed(job: Job, outcome: Passed): Skipped {
  return { ...untouched(job.origin, withoutUserinfo(job.url)), job, ...outcome };
}

/** The result of a job that failed before anything was started for it. */
export function failed(job: Job, error: PdlError): Failed {
  return { ...untouched(job.origin, withoutUserinfo(job.url)), job, ...failure(error, job.origin) };
}

function told(job: Job, meter: Meter, now: number): Told {
  const began = meter.startedAt === 0 ? now : meter.startedAt;
  return {
    seq: 0,
    at: '',
    source: job.origin.source,
    line: job.origin.number,
    url: withoutUserinfo(job.url),
    attempts: meter.attempts,
    queuedMs: Math.round(began - meter.readAt),
    waitedMs: Math.round(meter.waitedMs),
    durationMs: Math.round(now - began),
    job,
  };
}

function untouched(origin: Line, url: string): Told {
  const { source, number: line } = origin;
  return { seq: 0, at: '', source, line, url, attempts: 0, queuedMs: 0, waitedMs: 0, durationMs: 0 };
}

function failure(error: PdlError, origin: Line) {
  const { code, message, facts } = error;
  return {
    status: 'failed' as const,
    error: facts.cause === undefined ? { code, message } : { code, message, cause: facts.cause },
    permanent: isPermanent(error),
    ...(facts.status !== undefined && { httpStatus: facts.status }),
    ...(facts.url !== undefined && { finalUrl: facts.url }),
    text: origin.text,
  };
}

function listError(error: unknown): PdlError {
  if (error instanceof PdlError && error.code === 'LIST') return error;
  const message = error instanceof Error ? error.message : String(error);
  return new PdlError('LIST', `Cannot read the list: ${message}`, { cause: error });
}
