/** Lines that give up their place before their turn. */

import { PdlError } from '../errors.js';
import type { Task } from '../types.js';
import { withoutUserinfo } from '../url.js';
import type { Host, Waiting } from './host.js';
import type { LookAhead } from './look-ahead.js';

/** For a task with a signal of its own, which a user's layer may give it. */
export function withdrawOnAbort(host: Host, waiting: Waiting, ahead: LookAhead): void {
  const { signal } = waiting.task;
  signal.addEventListener(
    'abort',
    () => {
      if (host.withdraw(waiting)) waiting.reject(signal.reason);
      ahead.weigh(host);
    },
    { once: true },
  );
}

/** What a line hears that was never begun. */
export function stoppedBefore(task: Task): PdlError {
  return new PdlError('ABORTED', `Cannot fetch ${withoutUserinfo(task.url)}: the run was stopped`);
}
