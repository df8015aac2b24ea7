/** Waits for what may never come, for a while. */

import type { Clock } from '../clock.js';

/** Resolves when `work` settles, or after `ms`, whichever is first; never rejects. */
export function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.timer(ms, resolve);
    const end = () => {
      cancel();
      resolve();
    };
    work.then(end, end);
  });
}
