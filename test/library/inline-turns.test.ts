/** Inline requests take their turns under the same politeness, and cannot stand in their own way. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after, before, type Layer, onResponse, PdlError } from '../../src/index.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { startServer } from '../support/server.ts';
import { brief, messageOf, run, url, wire } from './wire.ts';

test('several run in parallel, as many as there are workers', async () => {
  let let_go = () => {};
  const all_there = new Promise<void>((resolve) => {
    let_go = resolve;
  });
  const transport = wire(async (path) => {
    if (path.startsWith('/part')) {
      if (transport.open === 3) let_go();
      await all_there;
    }
    return path;
  });
  const parts = after(async (_kept, task) => {
    const answers = await Promise.all([1, 2, 3].map((nth) => task.fetch(url(`/part/${nth}`))));
    return answers.map((answer) => answer.text());
  });
  const { results } = await run([url('/a')], { transport, layers: [parts], maxWorkers: 3 });
  assert.deepEqual(results[0]!.data, ['/part/1', '/part/2', '/part/3']);
  assert.equal(transport.most, 3);
});

test('with -j 1 and one seat nothing locks up: before, after, several at once, one within another line', async () => {
  const transport = wire();
  const layers: Layer[] = [
    before(async (_job, task) => {
      await Promise.all([task.fetch(url('/x')), task.fetch(url('/y', 'other.example'))]);
    }),
    (next) => async (task) => {
      const [outcome] = await Promise.all([next(task), task.fetch(url('/beside'))]);
      return outcome;
    },
    after(async (_kept, task) => (await Promise.all([1, 2, 3].map(() => task.fetch(url('/z'))))).length),
  ];
  const all = Array.from({ length: 20 }, (_, nth) => url(`/${nth}`));
  const { summary, results } = await run(all, { transport, layers, maxWorkers: 1, perHost: 1, window: 3 });
  assert.equal(summary.saved, 20, results.map(brief).join());
  assert.equal(transport.most, 1, 'one worker, one request at a time');
  assert.equal(transport.log.length, 20 * 7);
});

test('an inline request takes its turn: the seats of its host rest before and after it', async () => {
  const clock = fakeClock();
  const starts: number[] = [];
  const transport = wire((path) => {
    starts.push(clock.now());
    return path;
  });
  const ask = after(async (_kept, task) => (await task.fetch(url('/inline'))).text());
  const { results } = await clock.until(
    run([url('/a'), url('/b'), url('/c')], {
      transport,
      layers: [ask],
      maxWorkers: 4,
      perHost: 1,
      delay: '1-4',
      clock,
    }),
  );
  assert.equal(results.length, 3);
  const gaps = starts.slice(1).map((at, nth) => at - starts[nth]!);
  assert.equal(gaps.length, 5);
  assert.ok(
    gaps.every((gap) => gap >= 1000 && gap <= 4001),
    gaps.join(),
  );
});

test('an inline request goes first in line at its host', async () => {
  const clock = fakeClock();
  const transport = wire();
  const ask = after(async (kept, task) => {
    if (kept.finalUrl.endsWith('/0')) await task.fetch(url('/inline'));
  });
  const all = Array.from({ length: 5 }, (_, nth) => url(`/${nth}`));
  await clock.until(run(all, { transport, layers: [ask], perHost: 1, delay: 1, clock }));
  assert.deepEqual(transport.log.slice(0, 2), ['/0', '/inline']);
});

test('while a hook waits for its answer, the workers serve other lines', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const transport = wire();
  const wait = after(async (kept) => {
    if (kept.finalUrl.endsWith('/0')) await held;
    else if (kept.finalUrl.endsWith('/9')) release();
  });
  const all = Array.from({ length: 10 }, (_, nth) => url(`/${nth}`));
  const { results } = await run(all, { transport, layers: [wait], maxWorkers: 1 });
  assert.equal(brief(results.at(-1)!), 'saved /0');
});

test('task.fetch within onHead fails with HOOK and the name of the hook, also below another onResponse', async () => {
  const quietly = onResponse(async () => {});
  const asking = onResponse(async function asking(_head, task) {
    await task.fetch(url('/b'));
  });
  for (const layers of [[asking], [quietly, asking], [asking, quietly]]) {
    const transport = wire();
    const { results } = await run([url('/a')], { transport, layers, maxWorkers: 1 });
    assert.deepEqual(results.map(brief), ['failed /a HOOK']);
    assert.match(messageOf(results[0]!), /^Cannot run the hook asking \(onHead\): it called task.fetch/);
    assert.deepEqual(transport.log, ['/a']);
  }
});

test('task.fetch within onHead can be caught, and the file is saved', async () => {
  let error: unknown;
  const asking = onResponse(async (_head, task) => {
    await task.fetch(url('/b')).catch((reason) => {
      error = reason;
    });
  });
  const { results } = await run([url('/a')], { transport: wire(), layers: [asking] });
  assert.ok(error instanceof PdlError && error.code === 'HOOK');
  assert.equal(results[0]!.status, 'saved');
});

test('on the wire: -j 1, two inline requests around a body held by onHead', async (t) => {
  const server = await startServer({ routes: { '*': (exchange) => exchange.answer(200, {}, exchange.logged.path) } });
  t.after(() => server.close());
  const layers = [
    onResponse(async () => {
      await new Promise((resolve) => setImmediate(resolve));
    }),
    after(async (_kept, task) => {
      const answers = await Promise.all([task.fetch(server.url('/x')), task.fetch(server.url('/y'))]);
      return answers.map((answer) => answer.text()).join();
    }),
  ];
  const { results } = await run([server.url('/a'), server.url('/b')], { layers, maxWorkers: 1 });
  assert.deepEqual(
    results.map(({ data }) => data),
    ['/x,/y', '/x,/y'],
  );
  assert.equal(server.log.length, 6);
});
