/** The lines of this worker's shards as one source that grows: chunk by chunk, of each shard a few ahead. */

import { sleep } from '../clock.js';
import { Fifo } from '../schedule/fifo.js';
import { gate } from '../schedule/gate.js';
import type { Job, Result } from '../types.js';
import type { Fetched } from './chunks.js';
import { type Lease, lostLease, newSignal } from './leases.js';
import { fewLines, type LoaderParts, openLoader, type Shard } from './loader.js';
import type { Loaded, Outbox } from './outbox.js';

/** Saved files kept in mind whose result could not be delivered: whoever gets the line again need not fetch again. */
const mostKept = 100_000;

export interface Ticket {
  chunk: Loaded;
  place: number;
}

export interface Supply {
  readonly source: AsyncIterable<Job>;
  /** Lines given or to be given that have not ended. */
  readonly open: number;
  /** Brings the lines of a fresh lease in. */
  begin(lease: Lease): void;
  /** The line's place; null when its lease is lost; undefined for a line that is not from here. */
  ticketOf(job: Job): Ticket | null | undefined;
  /** A line has ended. `keep`: without a result that counts; it is given back. */
  end(result: Result, keep: boolean): void;
  /** The lease is gone: withdraws its lines. */
  drop(lease: Lease): void;
  /** A chunk is done. */
  complete(chunk: Loaded): void;
  remember(chunk: Loaded, place: number, result: Result): void;
  /** Ends the source. */
  stop(): void;
}

export interface SupplyParts extends LoaderParts {
  outbox: Outbox;
  /** The first line was asked for: DIR is open and locked. */
  ready(): void;
}

export function openSupply({ redis, clock, leases, outbox, again, ready, fail }: SupplyParts): Supply {
  const lines = new Fifo<Job>();
  const tickets = new Map<Job, Ticket>();
  /** Lines of lost leases that are still on their way through the schedule. */
  const late = new WeakMap<Job, Ticket>();
  const shards = new Map<Lease, Shard>();
  const kept = new Map<string, Result>();
  const more = gate();
  const over = new AbortController();
  const stopped = () => over.signal.aborted;

  const admit = (shard: Shard, lease: Lease, { run, id, jobs, total }: Fetched) => {
    const chunk: Loaded = { run, id, total, lease, cut: newSignal() };
    shard.chunks.add(chunk);
    for (const [place, job] of jobs) {
      const known = kept.get(keyOf(chunk, place));
      kept.delete(keyOf(chunk, place));
      if (known !== undefined) {
        outbox.add(chunk, place, known);
        continue;
      }
      shard.open += 1;
      tickets.set(job, { chunk, place });
      lines.push(job);
    }
    more.open();
  };

  const fill = openLoader({ redis, clock, leases, again, fail }, over.signal, shards, admit);

  const next = async (): Promise<IteratorResult<Job, undefined>> => {
    ready();
    while (!stopped()) {
      const job = lines.shift();
      if (job === undefined) await more.wait();
      else if (tickets.has(job)) return { done: false, value: job };
    }
    return { done: true, value: undefined };
  };

  const supply: Supply = {
    source: {
      [Symbol.asyncIterator]: () => ({
        next,
        async return() {
          supply.stop();
          return { done: true, value: undefined };
        },
      }),
    },
    get open() {
      return tickets.size;
    },
    begin(lease) {
      shards.set(lease, { chunks: new Set(), open: 0, loading: false, asked: false, dryUntil: 0 });
      const wait = lease.notBefore - clock.now();
      if (wait <= 0) fill(lease);
      else
        sleep(clock, wait, over.signal).then(
          () => fill(lease),
          () => {},
        );
    },
    ticketOf: (job) => tickets.get(job) ?? (late.has(job) ? null : undefined),
    end(result, keep) {
      if (result.job === undefined) return;
      const ticket = tickets.get(result.job);
      const { chunk, place } = ticket ?? late.get(result.job) ?? {};
      if (chunk === undefined) return;
      if (ticket === undefined) return supply.remember(chunk, place!, result);
      tickets.delete(result.job);
      if (!keep) outbox.add(chunk, place!, result);
      const shard = shards.get(chunk.lease);
      if (shard === undefined) return;
      shard.open -= 1;
      if (shard.open < fewLines && clock.now() >= shard.dryUntil) fill(chunk.lease);
    },
    drop(lease) {
      const shard = shards.get(lease);
      shards.delete(lease);
      for (const [job, ticket] of tickets) {
        if (ticket.chunk.lease !== lease) continue;
        tickets.delete(job);
        late.set(job, ticket);
      }
      for (const { cut } of shard?.chunks ?? []) cut.abort(lostLease());
    },
    complete(chunk) {
      shards.get(chunk.lease)?.chunks.delete(chunk);
      fill(chunk.lease);
    },
    remember(chunk, place, result) {
      if (result.status !== 'saved') return;
      kept.set(keyOf(chunk, place), result);
      if (kept.size > mostKept) kept.delete(kept.keys().next().value!);
    },
    stop() {
      over.abort();
      more.open();
    },
  };
  return supply;
}

function keyOf({ run, id }: Loaded, place: number): string {
  return `${run} ${id} ${place}`;
}
