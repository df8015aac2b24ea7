/** One request for a job's file: from what is held to what has landed. */

import type { Clock } from '../clock.js';
import { isPromise } from '../eager.js';
import { type ErrorCode, PdlError } from '../errors.js';
import type { Settings } from '../options.js';
import type {
  Framing,
  Head,
  Held,
  Job,
  Kept,
  Landed,
  Moved,
  Passed,
  Sink,
  Task,
  Transfer,
  Transport,
} from '../types.js';
import { Arrival } from './arrival.js';
import type { Credentials } from './credentials.js';
import { limitsOf } from './limits.js';
import { requestFor } from './request.js';
import { usable } from './resume.js';
import { isMidway } from './why.js';

/** Bytes of a range below which its server is not worth a request at once. */
const leastRange = 1024;

/**
 * Makes the innermost transfer: one request for `task.url`, its body into the sink.
 * Resolves as Kept, as Landing where the sink is not done with the whole body, as Passed (`unchanged`) or as Moved. Throws a PdlError, or what `task.onHead` or the sink threw.
 */
export function receive(
  transport: Transport,
  sink: Sink,
  settings: Settings,
  clock: Clock,
  secrets: Credentials,
): Transfer {
  const limits = limitsOf(settings);
  return async (task) => {
    // Each await that has nothing to wait for costs a small file half a microsecond, and garbage.
    const found = sink.held(task.job);
    const held = usable(isPromise(found) ? await found : found, settings.noResume || task.whole === true);
    const request = requestFor(task, held, secrets);
    const arrival = new Arrival(task, request.url, held, sink, limits, clock);
    const sentAt = clock.now();
    let framing: Framing;
    try {
      framing = await transport.send(request, arrival);
      arrival.checkEnd();
    } catch (error) {
      framing = await arrival.broken(error).catch((broken) => aftermath(broken, arrival, held, task, sink));
    }
    const { verdict } = arrival;
    if (verdict.does === 'end') return ended(verdict.outcome, task, sink);
    if (verdict.does === 'land' && verdict.until !== undefined)
      return askForRest(verdict.head, arrival, held, task, sink);
    const part = arrival.part ?? (await sink.begin(task.job, verdict.head));
    const ttfbMs = arrival.headAt - sentAt;
    const landed = part.finish({ lengthUnknown: framing === 'close' });
    if (!isPromise(landed)) return kept(verdict.head, landed, framing, ttfbMs);
    return { status: 'landing', landed: landed.then((late) => kept(verdict.head, late, framing, ttfbMs)) };
  };
}

/** What is held and does not fit is dropped, so that the request made anew cannot meet it again. */
async function ended(outcome: Passed | Moved, task: Task, sink: Sink): Promise<Passed | Moved> {
  if (outcome.status === 'moved' && outcome.again === 'anew') await sink.forget(task.job);
  return outcome;
}

/** A range that ends too early is landed, and the rest asked for at once: some servers give a megabyte at a time. */
async function askForRest(
  { status }: Head,
  arrival: Arrival,
  held: Held | null,
  task: Task,
  sink: Sink,
): Promise<Moved> {
  await arrival.part?.abandon();
  const after = await heldOf(task.job, sink);
  const brought = Math.max(0, after - offsetOf(held));
  if (brought >= leastRange) return { status: 'moved', to: task.url, httpStatus: status, again: 'rest' };
  const error = arrival.tooShort();
  Object.assign(error.facts, { held: after, kept: brought });
  throw error;
}

/** Refusals that may be of the range alone. */
const refusals = new Set<ErrorCode>(['HTTP_STATUS', 'RESET', 'TRUNCATED', 'BAD_RESPONSE', 'TIMEOUT', 'PROXY']);

/** Adds to the error what the next try must know: the bytes it need not ask for, or that a range was refused. */
async function aftermath(error: unknown, { part }: Arrival, held: Held | null, task: Task, sink: Sink): Promise<never> {
  if (error instanceof PdlError) {
    if (part !== null && isMidway(error)) {
      const after = await heldOf(task.job, sink);
      Object.assign(error.facts, { held: after, kept: Math.max(0, after - offsetOf(held)) });
    }
    if (part === null && held?.kind === 'part' && refusals.has(error.code)) error.facts.ranged = true;
  }
  throw error;
}

/** From where the sink can continue. */
async function heldOf(job: Job, sink: Sink): Promise<number> {
  try {
    return offsetOf(await sink.held(job));
  } catch {
    // Why the body broke off is worth more.
    return 0;
  }
}

function offsetOf(held: Held | null): number {
  return held?.kind === 'part' ? held.offset : 0;
}

function kept(head: Head, landed: Landed, framing: Framing, ttfbMs: number): Kept {
  const result: Kept = {
    status: 'saved',
    path: landed.path,
    bytes: landed.bytes,
    resumedFrom: head.offset,
    httpStatus: head.status,
    finalUrl: head.url,
    contentType: head.headers['content-type'] ?? null,
    ttfbMs: Math.round(ttfbMs),
  };
  if (landed.sha256 !== undefined) result.sha256 = landed.sha256;
  if (landed.body !== undefined) result.body = landed.body;
  if (framing === 'close') result.lengthUnknown = true;
  return result;
}
