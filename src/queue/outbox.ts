/** Results on their way back: gathered for a tenth of a second, delivered in one go for each run. */

import type { Clock } from '../clock.js';
import { sleep } from '../clock.js';
import type { Result } from '../types.js';
import { accept, type Ended } from './chunks.js';
import type { Lease } from './leases.js';
import { packResults } from './pack.js';
import type { Redis } from './server.js';
import { within } from './within.js';

/** A chunk that is being worked on. */
export interface Loaded {
  run: string;
  id: string;
  total: number;
  lease: Lease;
  /** Withdraws the lines that wait for their turn when the lease is lost. */
  cut: AbortController;
}

export interface Outbox {
  add(chunk: Loaded, place: number, result: Result): void;
  /** Delivers what is there; gives up after `ms`. */
  close(ms: number): Promise<void>;
}

export interface OutboxEvents {
  /** All lines of the chunk have their results. */
  complete(chunk: Loaded): void;
  /** Another worker has the shard. */
  lost(chunk: Loaded): void;
  /** A result that was not taken, since the lease was lost. */
  refused(chunk: Loaded, place: number, result: Result): void;
}

/** Between two deliveries, ms: a delivery costs 0.3 ms of CPU in all, a line in it a few µs. */
const everyMs = 100;
/** Results of a delivery at most. */
const most = 2_000;

interface Item {
  chunk: Loaded;
  place: number;
  result: Result;
}

export function openOutbox(redis: Redis, clock: Clock, events: OutboxEvents): Outbox {
  let items: Item[] = [];
  let sending: Promise<void> | null = null;
  let closed = false;
  let cancel: (() => void) | null = null;

  const plan = () => {
    if (sending === null && items.length > 0) cancel ??= clock.timer(items.length >= most ? 0 : everyMs, send);
  };
  const send = () => {
    cancel = null;
    const batch = items.slice(0, most).filter(ours);
    items = items.slice(most);
    const byRun = grouped(batch, ({ chunk }) => chunk.run);
    sending = Promise.all([...byRun].map(([run, all]) => deliver(run, all)))
      .then(() => {})
      .catch(() => {
        // Redis would not have it now: the lines are still ours as long as the leases hold.
        if (closed) return undefined;
        items = [...batch, ...items];
        return sleep(clock, everyMs);
      })
      .finally(() => {
        sending = null;
        plan();
      });
  };

  const ours = ({ chunk, place, result }: Item) => {
    const holds = chunk.lease.holds();
    if (!holds) events.refused(chunk, place, result);
    return holds;
  };
  const deliver = async (run: string, batch: Item[]): Promise<void> => {
    let left = batch;
    while (left.length > 0) {
      const chunks = new Map(left.map(({ chunk }) => [chunk.id, chunk]));
      const ordered = [...grouped(left, ({ chunk }) => chunk).values()].flat();
      const reply = await accept(redis, run, groupsOf(ordered), packResults(ordered.map(({ result }) => result)));
      if ('complete' in reply) {
        for (const id of reply.complete) events.complete(chunks.get(id)!);
        return;
      }
      for (const { id, why, place } of reply.refused) {
        const chunk = chunks.get(id)!;
        const mine = (item: Item) => item.chunk === chunk && (why !== 'again' || item.place === place);
        if (why === 'lost') for (const { place, result } of left.filter(mine)) events.refused(chunk, place, result);
        left = left.filter((item) => !mine(item));
        if (why === 'lost') events.lost(chunk);
        if (why === 'gone') events.complete(chunk);
      }
    }
  };

  return {
    add(chunk, place, result) {
      items.push({ chunk, place, result });
      plan();
    },
    async close(ms) {
      const all = async () => {
        for (;;) {
          cancel?.();
          cancel = null;
          if (sending === null && items.length === 0) return;
          if (sending === null) send();
          await sending;
        }
      };
      await within(clock, ms, all());
      closed = true;
      cancel?.();
      items = [];
    },
  };
}

function groupsOf(items: readonly Item[]): Ended[] {
  const groups: Ended[] = [];
  for (const { chunk, place } of items) {
    const { lease, id, total } = chunk;
    const last = groups.at(-1);
    if (last?.id === id) last.places.push(place);
    else groups.push({ lease, id, total, places: [place] });
  }
  return groups;
}

/** Map.groupBy is not in Node 20. */
function grouped<K>(items: readonly Item[], by: (item: Item) => K): Map<K, Item[]> {
  const groups = new Map<K, Item[]>();
  for (const item of items) {
    const key = by(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
