/** Takes shards as long as there is more to do than is being done: one owner each, and no more than are needed. */

import type { Clock } from '../clock.js';
import { sleep } from '../clock.js';
import type { Lease } from './leases.js';

export interface Needs {
  /** Shards held. */
  held(): number;
  /** Lines of theirs that have not ended. */
  open(): number;
  /** Requests on the wire. */
  busy(): number;
  /** Transfers at the same time, at most. */
  workers: number;
  /** Shards at most: what they hold ahead must fit into the window. */
  most: number;
}

/** Between two looks, ms. */
const lookMs = 50;

/**
 * While hosts rest, more hosts keep the workers busy; a worker that has enough leaves the rest to others.
 * Runs until `signal` aborts.
 */
export async function recruit(
  needs: Needs,
  take: () => Promise<Lease | null>,
  begin: (lease: Lease) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  let idleLooks = 0;
  while (!signal.aborted) {
    const few = needs.open() < 2 * needs.workers;
    // Lines wait, and still workers are idle: their hosts rest. Asked twice, since lines that just came have not begun.
    idleLooks = needs.busy() < needs.workers ? idleLooks + 1 : 0;
    const wanted = few ? 1 : idleLooks >= 2 ? 1 + Math.floor(needs.held() / 8) : 0;
    const room = Math.min(wanted, needs.most - needs.held());
    let taken = 0;
    for (; taken < room && !signal.aborted; taken += 1) {
      const lease = await take().catch(() => null);
      if (lease === null) break;
      begin(lease);
    }
    if (taken === 0 || !few) await sleep(clock, lookMs, signal).catch(() => {});
  }
}
