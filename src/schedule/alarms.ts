/** Any number of wake-ups on one timer, so that 100,000 waiting lines cost one. */

import { type Clock, longestTimer } from '../clock.js';
import { Heap } from './heap.js';

export interface Alarms {
  /** Calls `fn` at clock time `time` or soon after; it cannot be taken back, so `fn` looks whether it is still wanted. */
  at(time: number, fn: () => void): void;
  /** Forgets all. */
  clear(): void;
}

export function openAlarms(clock: Clock): Alarms {
  let pending = new Heap<() => void>();
  let armedFor = Number.POSITIVE_INFINITY;
  let disarm = () => {};

  const arm = () => {
    if (pending.first >= armedFor) return;
    disarm();
    armedFor = pending.first;
    // Whole ms, rounded up: Node counts in whole ms and would fire early, only to be armed again.
    disarm = clock.timer(Math.min(Math.ceil(armedFor - clock.now()), longestTimer), ring);
  };

  const ring = () => {
    armedFor = Number.POSITIVE_INFINITY;
    disarm = () => {};
    const now = clock.now();
    while (pending.first <= now) pending.pop()!();
    arm();
  };

  return {
    at(time, fn) {
      pending.push(time, fn);
      arm();
    },
    clear() {
      disarm();
      disarm = () => {};
      armedFor = Number.POSITIVE_INFINITY;
      pending = new Heap();
    },
  };
}
