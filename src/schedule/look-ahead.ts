/** How far to read ahead of the workers: until enough lines wait that neither rest nor park holds back, or the window is full. */

import type { Clock } from '../clock.js';
import { type Host, rounds } from './host.js';
import type { Run } from './run.js';

export interface LookAhead {
  /** Enough lines wait. A window of 10,000 lines on one host without rests would only cost memory: 20 MB, and a tenth of the CPU. */
  readonly enough: boolean;
  /** To be called whenever a host's lines, seats or parks may have changed. */
  weigh(host: Host): void;
}

export function openLookAhead(workers: number, run: Run, clock: Clock): LookAhead {
  let soon = 0;
  let enough = false;
  return {
    get enough() {
      return enough;
    },
    weigh(host) {
      const weight = host.soon(clock.now(), workers);
      if (weight === host.weight) return;
      soon += weight - host.weight;
      host.weight = weight;
      if (soon >= rounds * workers) enough = true;
      // Half of it is taken before reading goes on, so that lines come in batches.
      else if (enough && soon <= (rounds * workers) / 2) {
        enough = false;
        run.tell('hungry');
      }
    },
  };
}
