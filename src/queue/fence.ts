/** No request without a lease: looked at when the line's turn has come, and again right before its first byte. */

import { PdlError } from '../errors.js';
import type { Layer, Request, Transport } from '../types.js';
import { hostOf, withoutUserinfo } from '../url.js';
import { type Lease, type Leases, lostLease } from './leases.js';
import { openShardOf } from './shard-of.js';
import type { Supply } from './supply.js';

export interface Fence {
  /** Gives each line the signal that withdraws it when its lease is lost. */
  readonly layer: Layer;
  readonly transport: Transport;
  /** Requests on the wire. */
  readonly busy: number;
}

/**
 * A line may wait for its turn for minutes after it was given out, and a stopped process wakes up with its timers due: a lease that
 * was looked at any earlier would let one request through (seen with SIGSTOP: one for each shard). Nor is a look before `send` enough:
 * undici writes once a connection is made, and on one that stands a turn of the event loop later; a process that was stopped in between
 * wakes up and writes (seen: two requests).
 */
export function openFence(inner: Transport, leases: Leases, supply: Supply): Fence {
  const leaseOf = new WeakMap<AbortSignal, Lease>();
  const shardOf = openShardOf();
  let busy = 0;
  let heard: AbortSignal | null = null;

  /** The run's own signal no longer reaches what has ours. */
  const hear = (signal: AbortSignal) => {
    heard = signal;
    signal.addEventListener('abort', () => leases.cutAll(signal.reason), { once: true });
  };

  /** The lease that a request runs under, if its host has one. Throws when it must not go out. */
  const leaseFor = (request: Request): Lease | undefined => {
    const owner = leases.held.get(shardOf(hostOf(request.url)));
    const lease = leaseOf.get(request.signal);
    // A redirect may lead to a host that is nobody's or another's: then the line's own lease stands for it.
    for (const needed of [lease, owner]) {
      if (!needed || needed.holds()) continue;
      leases.lose(needed);
      throw lostLease();
    }
    if (!lease && !owner && !leases.fresh()) throw lostLease();
    if (lease?.cut.signal.aborted) throw lostLease();
    return lease ?? owner;
  };

  const transport: Transport = {
    async send(request, receiver) {
      const signal = leaseFor(request)?.cut.signal ?? request.signal;
      busy += 1;
      try {
        return await inner.send({ ...request, signal, onWrite: () => void leaseFor(request) }, receiver);
      } finally {
        busy -= 1;
      }
    },
    close: () => inner.close(),
  };
  if (inner.release) transport.release = (host) => inner.release!(host);
  if (inner.expect) transport.expect = (host) => inner.expect!(host);

  return {
    transport,
    get busy() {
      return busy;
    },
    layer: (next) => (task) => {
      if (heard !== task.signal) hear(task.signal);
      const ticket = supply.ticketOf(task.job);
      if (ticket === undefined) return next(task);
      if (ticket === null || !ticket.chunk.lease.holds()) {
        return Promise.reject(new PdlError('ABORTED', `Cannot fetch ${withoutUserinfo(task.url)}: its lease was lost`));
      }
      const { cut, lease } = ticket.chunk;
      leaseOf.set(cut.signal, lease);
      return next({ ...task, signal: cut.signal });
    },
  };
}
