/** Throughput and running transfers over time, in at most 400 stretches however long the run is. */

import type { Clock } from '../clock.js';
import type { Board } from './board.js';

export interface Moment {
  /** End of this stretch, ms since the run began. */
  at: number;
  /** Bytes per second in it. */
  speed: number;
  /** Transfers running at its end; where stretches were joined, the most. */
  running: number;
}

const most = 400;

export interface Moments {
  /** All so far, the present one included. */
  all(): readonly Moment[];
  stop(): void;
}

/** Looks each second; whenever there are 400 stretches, two become one and the step doubles. */
export function openMoments(board: Board, clock: Clock): Moments {
  const startedAt = clock.now();
  let moments: Moment[] = [];
  let stepMs = 1000;
  let bytes = 0;
  let cancel = () => {};

  const sample = () => {
    const look = board.look();
    const at = clock.now() - startedAt;
    const since = at - (moments.at(-1)?.at ?? 0);
    if (since <= 0) return;
    moments.push({ at, speed: ((look.bytes - bytes) * 1000) / since, running: look.running.length });
    bytes = look.bytes;
    if (moments.length < most) return;
    moments = joined(moments);
    stepMs *= 2;
  };
  const next = () => {
    cancel = clock.timer(stepMs, () => {
      sample();
      next();
    });
  };
  next();
  return {
    all() {
      sample();
      return moments;
    },
    stop: () => cancel(),
  };
}

function joined(moments: readonly Moment[]): Moment[] {
  const half: Moment[] = [];
  for (let index = 0; index + 1 < moments.length; index += 2) {
    const [one, other] = [moments[index]!, moments[index + 1]!];
    const from = half.at(-1)?.at ?? 0;
    const speed = (one.speed * (one.at - from) + other.speed * (other.at - one.at)) / (other.at - from);
    half.push({ at: other.at, speed, running: Math.max(one.running, other.running) });
  }
  return half;
}
