/** One line about the run every now and then, for a terminal without bars, a log, or a pipe. */

import type { Clock } from '../clock.js';
import { size, time } from './amounts.js';
import type { Board, View } from './board.js';

/** Says a line each `everyMs`; the returned function ends that. */
export function openPlain(board: Board, say: (line: string) => void, clock: Clock, everyMs: number): () => void {
  let cancel = () => {};
  const next = () => {
    cancel = clock.timer(everyMs, () => {
      say(plainLine(board.look()));
      next();
    });
  };
  next();
  return () => cancel();
}

/** `30.0s: 12/200 done, 10 saved, 1 skipped, 1 failed, 4 running, 3.4MiB, 1.2MiB/s, 12.0s left`. */
export function plainLine(view: View): string {
  const { saved, skipped, failed, total, running, bytes, speed, leftMs, elapsedMs } = view;
  const done = saved + skipped + failed;
  const parts = [
    `${done}${total === null ? '' : `/${total}`} done`,
    `${saved} saved`,
    `${skipped} skipped`,
    `${failed} failed`,
    `${running.length} running`,
    size(bytes),
    ...(speed === null ? [] : [`${size(speed)}/s`]),
    ...(leftMs === null ? [] : [`${time(leftMs)} left`]),
  ];
  return `${time(elapsedMs)}: ${parts.join(', ')}`;
}
