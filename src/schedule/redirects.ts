/** The layer that follows redirects: each hop is a request of its own, taking its own turn at its host. */

import { PdlError } from '../errors.js';
import type { Settings } from '../options.js';
import type { Layer, Moved, Outcome, Transfer } from '../types.js';
import { hostOf, withoutUserinfo } from '../url.js';
import type { PatientTask } from './retry.js';
import { tooLong } from './retry-policy.js';
import type { Run } from './run.js';

/** How often one call asks the same URL anew after an answer that did not fit what was held. */
const mostAnew = 2;

type Hops = Pick<Settings, 'maxRedirects' | 'allowDowngrade' | 'maxRetryAfter'>;

/**
 * Follows Moved outcomes from hop to hop, at most `maxRedirects` of them.
 * Throws PdlError REDIRECT where one is not followed, BAD_RESPONSE where the same URL keeps answering ranges wrongly, RATE_LIMITED where a
 * server asks to wait beyond --max-retry-after before the next hop.
 */
export function redirects(settings: Hops, run: Pick<Run, 'clock' | 'sleep'>): Layer {
  return (next) => (task) =>
    next(task).then((outcome) => (outcome.status === 'moved' ? follow(outcome, task, next, settings, run) : outcome));
}

async function follow(
  first: Moved,
  task: PatientTask,
  next: Transfer,
  settings: Hops,
  run: Pick<Run, 'clock' | 'sleep'>,
): Promise<Outcome> {
  const { maxRedirects, allowDowngrade } = settings;
  let outcome: Outcome = first;
  let hop = task;
  let hops = 0;
  let anew = 0;
  for (; outcome.status === 'moved'; outcome = await next(hop)) {
    if (outcome.again !== undefined) {
      if (outcome.again === 'anew' && ++anew > mostAnew) throw stubborn(hop.url, outcome.httpStatus);
      hop = { ...hop, urgent: true };
      continue;
    }
    if (++hops > maxRedirects) throw refused(hop.url, outcome, `it is number ${hops} and the limit is ${maxRedirects}`);
    checkTarget(hop.url, outcome, allowDowngrade);
    task.tell({ type: 'redirect', from: withoutUserinfo(hop.url), to: outcome.to, status: outcome.httpStatus });
    await wait(outcome, hop, settings, run);
    hop = { ...hop, url: outcome.to, urgent: true };
  }
  return outcome;
}

/** Retry-After on a redirect: the least time before the redirected request (RFC 9110 section 10.2.3). */
async function wait(
  { afterMs = 0, httpStatus }: Moved,
  { url, tell, meter, patience }: PatientTask,
  { maxRetryAfter }: Hops,
  run: Pick<Run, 'clock' | 'sleep'>,
): Promise<void> {
  if (afterMs === 0) return;
  const asked = { status: httpStatus, url: withoutUserinfo(url), retryAfterMs: afterMs };
  if (afterMs > maxRetryAfter)
    throw tooLong(url, new PdlError('HTTP_STATUS', `the server answered ${httpStatus}`, asked));
  tell({ type: 'wait', host: hostOf(url), ms: afterMs, why: 'retry-after' });
  const began = run.clock.now();
  await run.sleep(afterMs);
  const waited = run.clock.now() - began;
  meter.waitedMs += waited;
  if (patience !== undefined) patience.used += waited;
}

function checkTarget(from: string, outcome: Moved, allowDowngrade: boolean): void {
  const { to } = outcome;
  const scheme = to.slice(0, to.indexOf(':') + 1);
  if (scheme !== 'http:' && scheme !== 'https:') throw refused(from, outcome, `it leads to ${scheme.slice(0, 20)}`);
  if (scheme === 'http:' && from.startsWith('https:') && !allowDowngrade) {
    throw refused(from, outcome, 'it leads from https to http, which --allow-downgrade would permit');
  }
}

function refused(from: string, { httpStatus }: Moved, state: string): PdlError {
  const url = withoutUserinfo(from);
  return new PdlError('REDIRECT', `Cannot follow the redirect of ${url}: ${state}`, { status: httpStatus, url });
}

function stubborn(from: string, status: number): PdlError {
  const url = withoutUserinfo(from);
  const message = `Cannot fetch ${url}: the server keeps answering ${status} with a range that was not asked for`;
  return new PdlError('BAD_RESPONSE', message, { status, url });
}
