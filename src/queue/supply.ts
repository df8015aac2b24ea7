/** The lines of this worker's shards as one source that grows: chunk by chunk, of each shard a few ahead. */

import type { Clock } from '../clock.js';
import { sleep } from '../clock.js';
import { UsageError } from '../errors.js';
import { Fifo } from '../schedule/fifo.js';
import { gate } from '../schedule/gate.js';
import type { Job, Result } from '../types.js';
import { type Fetched, nextChunks } from './chunks.js';
import { type Lease, type Leases, lostLease, newSignal } from './leases.js';
import type { Loaded, Outbox } from './outbox.js';
import type { Redis } from './server.js';

/** Lines of a shard below which its next chunk is loaded. */
const fewLines = 64;
/** Lines asked for at a time. */
const chunkLines = 128;
/** Between two looks at a shard that had nothing for us, ms. */
const againMs = 1_000;
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

export interface SupplyParts {
  redis: Redis;
  clock: Clock;
  leases: Leases;
  outbox: Outbox;
  /** A shard turned out to have lines again. */
  again(shard: number): Promise<void>;
  /** The first line was asked for: DIR is open and locked. */
  ready(): void;
  fail(error: unknown): void;
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

  /** One chunk after the other until there are lines enough, or the shard is done. */
  const load = async (lease: Lease, shard: Shard): Promise<void> => {
    while (!stopped() && lease.holds() && shard.open < fewLines) {
      const next = await nextChunks(redis, lease, shard.chunks, chunkLines);
      if (stopped() || !lease.holds()) return;
      if (next.kind === 'chunks') for (const chunk of next.chunks) admit(shard, lease, chunk);
      else if (next.kind === 'lost') return leases.lose(lease);
      else if (next.kind === 'foreign') throw new UsageError(foreignRun);
      else if (next.kind === 'none' && shard.chunks.size === 0) return finish(lease);
      else {
        shard.dryUntil = clock.now() + againMs;
        if (shard.open > 0 || shard.chunks.size > 0) return;
        await sleep(clock, againMs, over.signal);
      }
    }
  };

  /** A chunk may come between the last look and the end of the job; then the job is made anew. */
  const finish = async (lease: Lease) => {
    shards.delete(lease);
    await leases.leave(lease, true);
    await again(lease.shard);
  };

  const fill = (lease: Lease) => {
    const shard = shards.get(lease);
    if (shard === undefined || stopped()) return;
    shard.asked = true;
    if (shard.loading) return;
    shard.loading = true;
    const go = async () => {
      while (shard.asked) {
        shard.asked = false;
        await load(lease, shard);
      }
    };
    go()
      .catch((error) => {
        if (error instanceof TypeError || error instanceof SyntaxError) fail(error);
        // Redis would not answer; as long as the lease holds it may yet.
        else if (!stopped()) clock.timer(againMs / 10, () => fill(lease));
      })
      .finally(() => {
        shard.loading = false;
      });
  };

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

/** A shard that is ours. */
interface Shard {
  chunks: Set<Loaded>;
  /** Lines under way. */
  open: number;
  loading: boolean;
  /** A further chunk was asked for while one was loading. */
  asked: boolean;
  /** Clock time before which it is not worth asking for a further chunk. */
  dryUntil: number;
}

const foreignRun = 'Cannot work for the queue: a run in it was begun by a pdl of another major version';

function keyOf({ run, id }: Loaded, place: number): string {
  return `${run} ${id} ${place}`;
}
