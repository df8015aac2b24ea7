/** The layer that follows redirects: each hop is a request of its own, taking its own turn at its host. */

import { PdlError } from '../errors.js';
import type { Settings } from '../options.js';
import type { Layer, Moved, Outcome, Task, Transfer } from '../types.js';
import { withoutUserinfo } from '../url.js';

/** How often one call asks the same URL anew after an answer that did not fit what was held. */
const mostAgain = 2;

/**
 * Follows Moved outcomes from hop to hop, at most `maxRedirects` of them.
 * Throws PdlError REDIRECT where one is not followed, BAD_RESPONSE where the same URL keeps answering ranges wrongly.
 */
export function redirects(settings: Hops): Layer {
  return (next) => (task) =>
    next(task).then((outcome) => (outcome.status === 'moved' ? follow(outcome, task, next, settings) : outcome));
}

type Hops = Pick<Settings, 'maxRedirects' | 'allowDowngrade'>;

async function follow(first: Moved, task: Task, next: Transfer, settings: Hops): Promise<Outcome> {
  const { maxRedirects, allowDowngrade } = settings;
  let outcome: Outcome = first;
  let hop = task;
  let hops = 0;
  let agains = 0;
  for (; outcome.status === 'moved'; outcome = await next(hop)) {
    if (outcome.again) {
      if (++agains > mostAgain) throw stubborn(hop.url, outcome.httpStatus);
      hop = { ...hop, urgent: true };
      continue;
    }
    if (++hops > maxRedirects) throw refused(hop.url, outcome, `it is number ${hops} and the limit is ${maxRedirects}`);
    checkTarget(hop.url, outcome, allowDowngrade);
    task.tell({ type: 'redirect', from: withoutUserinfo(hop.url), to: outcome.to, status: outcome.httpStatus });
    hop = { ...hop, url: outcome.to, urgent: true };
  }
  return outcome;
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
