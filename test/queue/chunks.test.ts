/** A result counts once, and only from who has the lease; against a real Redis. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { accept, nextChunks } from '../../src/queue/chunks.ts';
import { openEngine } from '../../src/queue/engine.ts';
import type { Lease } from '../../src/queue/leases.ts';
import { packChunk, packLine } from '../../src/queue/pack.ts';
import { openRun } from '../../src/queue/run.ts';
import { openServer } from '../../src/queue/server.ts';
import { jobOf } from '../schedule/world.ts';
import { startRedis, withoutRedis } from './redis.ts';

test('a result is accepted once, from the owner alone, and the next owner gets what is left', {
  skip: withoutRedis,
}, async (t) => {
  const redis = await startRedis();
  t.after(() => redis.close());
  const server = await openServer(redis.url);
  t.after(() => server.close());
  const engine = await openEngine(server, 60_000);
  t.after(() => engine.close());
  const run = await openRun(server, 'r', 60_000, systemClock);
  t.after(() => run.drop());
  const rows = ['a', 'b', 'c'].map((name) => packLine({ ...jobOf(`http://h/${name}`), name }, false, 0));
  const chunk = { shard: 7, last: 3, count: 3, blob: packChunk(rows, ['list']) };
  const push = () => run.push([chunk], { at: 3, digest: 'd' });
  assert.deepEqual(await push(), [7]);
  await engine.add([7]);
  assert.deepEqual(await push(), [], 'what was handed over is not handed over twice');

  const lease = (await engine.take('one')) as unknown as Lease;
  const look = async (from: Lease) => {
    const next = await nextChunks(server.redis, from, [], 128);
    return next.kind === 'chunks' ? next.chunks.map(({ id, jobs }) => [id, ...jobs.keys()]) : next.kind;
  };
  const zombie = { ...lease, token: 'zombie' };
  const send = (from: Lease, ...places: number[]) =>
    accept(server.redis, 'r', [{ lease: from, id: '7.3.3', total: 3, places }], Buffer.from('results'));
  assert.deepEqual(await look(lease), [['7.3.3', 0, 1, 2]]);
  assert.equal(await look(zombie), 'lost');
  assert.deepEqual(await send(lease, 0, 2), { complete: [] });
  assert.deepEqual(await send(zombie, 1), { refused: [{ id: '7.3.3', why: 'lost', place: 0 }] });
  assert.deepEqual(await send(lease, 1, 2), { refused: [{ id: '7.3.3', why: 'again', place: 2 }] });

  await engine.giveBack(lease);
  assert.deepEqual(await send(lease, 1), { refused: [{ id: '7.3.3', why: 'lost', place: 0 }] });
  const next = (await engine.take('two')) as unknown as Lease;
  assert.deepEqual(await look(next), [['7.3.3', 1]]);
  assert.deepEqual(await send(next, 1), { complete: ['7.3.3'] });
  assert.deepEqual(await send(next, 1), { refused: [{ id: '7.3.3', why: 'gone', place: 0 }] });
  assert.equal(await look(next), 'none');
  assert.equal(await server.redis.xlen(run.keys.results), 2);
});
