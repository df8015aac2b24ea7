/** The layer that follows redirects: each hop is a request of its own, taking its own turn at its host. */

import { PdlError } from '../errors.js';
import type { Settings } from '../options.js';
import type { Layer, Moved, Task } from '../types.js';
import { withoutUserinfo } from '../url.js';

/** How often one call asks the same URL anew after an answer that did not fit what was held. */
const mostAgain = 2;

/**
 * Follows Moved outcomes from hop to hop, at most `maxRedirects` of them.
 * Throws PdlError REDIRECT where one is not followed, BAD_RESPONSE where the same URL keeps answering ranges wrongly.
 */
export function redirects({ maxRedirects, allowDowngrade }: Pick<Settings, 'maxRedirects' | 'allowDowngrade'>): Layer {
  return (next) => async (task) => {
    let hop: Task = task;
    let hops = 0;
    let agains = 0;
    for (;;) {
      const outcome = await next(hop);
      if (outcome.status !== 'moved') return outcome;
      if (outcome.again) {
        if (++agains > mostAgain) throw stubborn(hop.url, outcome.httpStatus);
        hop = { ...hop, urgent: true };
        continue;
      }
      if (++hops > maxRedirects)
        throw refused(hop.url, outcome, `it is number ${hops} and the limit is ${maxRedirects}`);
      checkTarget(hop.url, outcome, allowDowngrade);
      task.tell({ type: 'redirect', from: withoutUserinfo(hop.url), to: outcome.to, status: outcome.httpStatus });
      hop = { ...hop, url: outcome.to, urgent: true };
    }
  };
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
