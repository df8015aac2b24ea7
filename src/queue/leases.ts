/** The shards that are this worker's: leased, renewed, and given up at once when a lease can no longer be trusted. */

import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock.js';
import { PdlError } from '../errors.js';
import type { Engine, Taken } from './engine.js';
import { restKey } from './keys.js';
import type { Redis } from './server.js';

export interface Lease extends Taken {
  /** False from the moment on at which another worker might have the shard. Ask before every request. */
  holds(): boolean;
  /** Aborts what is on the wire when the lease is lost. */
  readonly cut: AbortController;
  /** Clock time before which no host of the shard may be asked. */
  readonly notBefore: number;
}

export interface LeaseTimes {
  /** How long a lease holds without renewal. */
  leaseMs: number;
  /** The longest rest of a host. */
  restMs: number;
}

export interface Leases {
  readonly held: ReadonlyMap<number, Lease>;
  /** True while Redis answers: what belongs to no shard may be asked for only then. */
  fresh(): boolean;
  /** Waits a moment for a shard; null when there is none. */
  take(): Promise<Lease | null>;
  /** Gives a shard back with lines left in it, or (`done`) without any. */
  leave(lease: Lease, done: boolean): Promise<void>;
  /** The lease is not to be trusted any more. Called from within, too. */
  lose(lease: Lease): void;
  /** Aborts all that is on the wire. */
  cutAll(reason: unknown): void;
  close(): void;
}

/** @param onLost called once for each lost lease, when what ran under it is cut already. */
export function openLeases(
  engine: Engine,
  redis: Redis,
  name: string,
  { leaseMs, restMs }: LeaseTimes,
  clock: Clock,
  onLost: (lease: Lease) => void,
): Leases {
  const held = new Map<number, Lease & Own>();
  /** Signals are used again: the transport keeps a note of each that it has seen. */
  const spare: AbortController[] = [];
  // Clocks of two machines run apart, and a look at the lease comes each tenth of it: what is cut must be cut before others may begin.
  const trustMs = leaseMs * 0.75;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let renewing = false;
  let count = 0;

  const trust = (lease: Own, since: Instant) => {
    lease.until = { now: since.now + trustMs, date: since.date + trustMs };
    answeredAt = Math.max(answeredAt, since.now);
  };
  // A machine that was asleep: its monotonic clock may have stood still, the other one did not.
  const instant = (): Instant => ({ now: clock.now(), date: clock.date().getTime() });
  const isPast = (until: Instant) => clock.now() > until.now || clock.date().getTime() > until.date;

  const lose = (lease: Lease) => {
    if (held.get(lease.shard) !== lease) return;
    held.delete(lease.shard);
    lease.cut.abort(lostLease());
    onLost(lease);
  };

  const renew = async () => {
    if (renewing || held.size === 0) return;
    renewing = true;
    try {
      const all = [...held.values()];
      const since = instant();
      const lost = await engine.renew(all);
      for (const lease of all) {
        if (lost.has(lease.token)) lose(lease);
        else trust(lease, since);
      }
    } catch {
      // Redis is away: the leases run out by themselves.
    } finally {
      renewing = false;
    }
  };

  let ticks = 0;
  let cancel = () => {};
  const tick = () => {
    for (const lease of held.values()) if (!lease.holds()) lose(lease);
    if (++ticks % 2 === 0) void renew();
    cancel = clock.timer(leaseMs / 10, tick);
  };
  tick();

  return {
    held,
    fresh: () => clock.now() <= answeredAt + trustMs,
    async take() {
      const taken = await engine.take(`${name}.${++count}`);
      if (taken === null) return null;
      const since = instant();
      const [lost, rested, ownRest] = await Promise.all([
        engine.renew([taken]),
        redis.pttl(restKey(taken.shard)),
        redis.get(restKey(taken.shard)),
      ]);
      if (lost.size > 0) return null;
      // The hosts' rests from requests of our own are known to the schedule; those of another owner only here.
      const rest = ownRest === name ? 0 : Math.max(rested, 0);
      const grace = taken.wasLost ? leaseMs + restMs : 0;
      const cut = spare.pop() ?? newSignal();
      const lease: Lease & Own = {
        ...taken,
        cut,
        until: since,
        notBefore: clock.now() + Math.max(rest, grace),
        holds: () => held.get(taken.shard) === lease && !isPast(lease.until),
      };
      trust(lease, since);
      held.set(taken.shard, lease);
      return lease;
    },
    async leave(lease, done) {
      if (held.get(lease.shard) !== lease) return;
      // No longer renewed, whatever comes: where Redis does not hear of it, the lease runs out.
      held.delete(lease.shard);
      if (!lease.cut.signal.aborted) spare.push(lease.cut);
      if (restMs > 0) await redis.set(restKey(lease.shard), name, 'PX', Math.ceil(restMs));
      await (done ? engine.finish(lease) : engine.giveBack(lease));
    },
    lose,
    cutAll(reason) {
      for (const { cut } of held.values()) cut.abort(reason);
    },
    close: () => cancel(),
  };
}

interface Instant {
  now: number;
  date: number;
}

interface Own {
  until: Instant;
}

export function newSignal(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

export function lostLease(): PdlError {
  return new PdlError('ABORTED', 'Cannot go on: the lease of the host was lost');
}
