/** Tells what happens to whoever listens: diagnostics_channel `pdl:start`, `pdl:redirect`, `pdl:retry`, `pdl:wait`, `pdl:result`, and NODE_DEBUG=pdl. */

import { channel } from 'node:diagnostics_channel';
import { debuglog } from 'node:util';
import type { Event, Job, Result } from '../types.js';
import { withoutUserinfo } from '../url.js';

const channels = {
  start: channel('pdl:start'),
  redirect: channel('pdl:redirect'),
  retry: channel('pdl:retry'),
  wait: channel('pdl:wait'),
  result: channel('pdl:result'),
};
const debug = debuglog('pdl');

/** Publishes an event of a job as `{ job, event }`. Costs a look at two flags where nobody listens. */
export function tellEvent(job: Job, event: Event): void {
  const { [event.type]: to } = channels;
  if (to.hasSubscribers) to.publish({ job, event });
  if (debug.enabled) debug('%s %s %j', event.type, withoutUserinfo(job.url), event);
}

/** Publishes a result as `{ result }`, when it is there and before anyone takes it. */
export function tellResult(result: Result): void {
  if (channels.result.hasSubscribers) channels.result.publish({ result });
  if (debug.enabled) debug('%s %s', result.status, result.url);
}
