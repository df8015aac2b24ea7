/** When a lease is trusted, and what happens on its last day; with a clock and an engine that do as they are told. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../src/clock.ts';
import { PdlError } from '../../src/errors.ts';
import type { Engine, Taken } from '../../src/queue/engine.ts';
import { openFence } from '../../src/queue/fence.ts';
import { restKey } from '../../src/queue/keys.ts';
import { type Lease, openLeases } from '../../src/queue/leases.ts';
import { openShardOf } from '../../src/queue/shard-of.ts';
import type { Supply } from '../../src/queue/supply.ts';
import type { Receiver, Transport } from '../../src/types.ts';
import { jobOf, kept, taskOf } from '../schedule/world.ts';
import { fakeClock } from '../support/fake-clock.ts';

const leaseMs = 10_000;
const restMs = 4_000;
const shard = openShardOf()('host');

interface World {
  /** What `renew` answers: the lost ones, or that Redis is away. */
  redis: 'up' | 'away' | 'lost';
  wasLost: boolean;
  rests: Map<string, { name: string; ms: number }>;
  gaveBack: string[];
}

function open(clock: Clock, given: Partial<World> = {}) {
  const world: World = { redis: 'up', wasLost: false, rests: new Map(), gaveBack: [], ...given };
  const lost: Lease[] = [];
  const engine: Engine = {
    take: async (token) => ({ shard, token, wasLost: world.wasLost, job: {} as Taken['job'] }),
    renew: async (taken) => {
      if (world.redis === 'away') return new Promise(() => {});
      return new Set(world.redis === 'lost' ? taken.map(({ token }) => token) : []);
    },
    giveBack: async () => void world.gaveBack.push('back'),
    finish: async () => void world.gaveBack.push('done'),
    add: async () => {},
    close: async () => {},
  };
  const redis = {
    pttl: async (key: string) => world.rests.get(key)?.ms ?? -2,
    get: async (key: string) => world.rests.get(key)?.name ?? null,
    set: async (key: string, name: string, _: string, ms: number) => void world.rests.set(key, { name, ms }),
  };
  const leases = openLeases(engine, redis as never, 'me', { leaseMs, restMs }, clock, (lease) => lost.push(lease));
  return { world, leases, lost };
}

test('a lease that is renewed holds, one that is not is over before Redis says so', async () => {
  const clock = fakeClock();
  const { world, leases, lost } = open(clock);
  const lease = (await leases.take())!;
  await clock.advance(10 * leaseMs);
  assert.equal(lease.holds(), true);
  world.redis = 'away';
  await clock.advance(leaseMs * 0.5);
  assert.equal(lease.holds(), true);
  await clock.advance(leaseMs * 0.45);
  assert.deepEqual([lease.holds(), lost, lease.cut.signal.aborted], [false, [lease], true]);
  leases.close();
});

test('a lease that another has is dropped at once', async () => {
  const clock = fakeClock();
  const { world, leases, lost } = open(clock);
  const lease = (await leases.take())!;
  world.redis = 'lost';
  await clock.advance(leaseMs / 5);
  assert.deepEqual([lost, lease.holds(), leases.held.size], [[lease], false, 0]);
  leases.close();
});

test('a process that was stopped does not trust its lease, whichever of its clocks went on', async () => {
  for (const jump of ['now', 'date'] as const) {
    const inner = fakeClock();
    let ahead = 0;
    const clock: Clock = {
      ...inner,
      now: () => inner.now() + (jump === 'now' ? ahead : 0),
      date: () => new Date(inner.date().getTime() + (jump === 'date' ? ahead : 0)),
    };
    const { leases } = open(clock);
    const lease = (await leases.take())!;
    ahead = leaseMs;
    assert.equal(lease.holds(), false, jump);
    leases.close();
  }
});

test('after a takeover a lease and a rest pass before the first request; after another owner what is left of its rest', async () => {
  const clock = fakeClock();
  const waitOf = async (given: Partial<World>) => {
    const { leases } = open(clock, given);
    const lease = (await leases.take())!;
    leases.close();
    return lease.notBefore - clock.now();
  };
  const rested = (name: string) => new Map([[restKey(shard), { name, ms: 700 }]]);
  assert.equal(await waitOf({}), 0);
  assert.equal(await waitOf({ wasLost: true }), leaseMs + restMs);
  assert.equal(await waitOf({ rests: rested('another') }), 700);
  assert.equal(await waitOf({ rests: rested('me') }), 0);
});

test('who leaves a shard leaves word of the rest its hosts are in', async () => {
  const clock = fakeClock();
  const { world, leases } = open(clock);
  await leases.leave((await leases.take())!, false);
  await leases.leave((await leases.take())!, true);
  assert.deepEqual(world.gaveBack, ['back', 'done']);
  assert.deepEqual(world.rests.get(restKey(shard)), { name: 'me', ms: restMs });
  leases.close();
});

test('no request goes out without a lease: not for a line, not beside one, not to where it led', async () => {
  const inner = fakeClock();
  let ahead = 0;
  const clock: Clock = { ...inner, now: () => inner.now() + ahead };
  const { leases, lost } = open(clock);
  const lease = (await leases.take())!;
  const sent: string[] = [];
  let connected = () => {};
  const wire: Transport = {
    async send({ url, signal, onWrite }) {
      connected();
      onWrite!();
      sent.push(url);
      assert.equal(signal, lease.cut.signal);
      return 'none';
    },
    async close() {},
  };
  const job = jobOf('http://host/a');
  const chunk = { run: 'r', id: 'c', total: 1, lease, cut: new AbortController() };
  const supply = { ticketOf: () => ({ chunk, place: 0 }) } as unknown as Supply;
  const fence = openFence(wire, leases, supply);
  const run = new AbortController();
  const request = (url: string, signal: AbortSignal) => ({
    url,
    method: 'GET' as const,
    headers: {},
    signal,
    deadline: Number.POSITIVE_INFINITY,
  });
  const receiver: Receiver = { onHead() {}, onData() {} };
  const fetched = fence.layer(async (task) => {
    await fence.transport.send(request('http://host/a', task.signal), receiver);
    await fence.transport.send(request('http://host/robots.txt', run.signal), receiver);
    await fence.transport.send(request('http://elsewhere/', task.signal), receiver);
    // As after SIGSTOP: no timer had a chance to run before this connection stood, or before this request's turn came.
    connected = () => {
      ahead = leaseMs;
    };
    const late = [
      [request('http://host/b', task.signal), 'its own, whose connection was being made'],
      [request('http://host/a', task.signal), 'its own'],
      [request('http://elsewhere/', task.signal), 'a redirect'],
      [request('http://host/robots.txt', run.signal), 'robots.txt'],
      [request('http://nobody/', run.signal), 'an inline request'],
    ] as const;
    for (const [one, what] of late) {
      await assert.rejects(
        fence.transport.send(one, receiver),
        (error) => error instanceof PdlError && error.code === 'ABORTED',
        what,
      );
    }
    return kept;
  });
  const { clock: _, ...task } = { ...taskOf(job, inner, { signal: run.signal } as never), clock };
  await fetched({ ...task, signal: run.signal });
  assert.deepEqual(sent, ['http://host/a', 'http://host/robots.txt', 'http://elsewhere/']);
  assert.deepEqual(lost, [lease]);
  leases.close();
});
