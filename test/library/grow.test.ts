/** A run that grows: task.add. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after, before } from '../../src/index.ts';
import { brief, run, url, wire } from './wire.ts';

test('task.add: the run ends when the source and all that was added is done', async () => {
  const transport = wire((path) => (path === '/page' ? '/1 /2 /3' : path === '/2' ? '/deep' : 'leaf'));
  const follow = after((kept, task) => {
    const text = Buffer.from(kept.body!).toString();
    if (text !== 'leaf') for (const path of text.split(' ')) task.add(url(path));
  });
  const { results, summary } = await run([url('/page')], { transport, layers: [follow], maxWorkers: 1 });
  assert.deepEqual(
    results.map(brief).sort(),
    ['/1', '/2', '/3', '/deep', '/page'].map((path) => `saved ${path}`),
  );
  assert.deepEqual(
    results.map(({ source }) => source),
    ['source', 'added', 'added', 'added', 'added'],
  );
  assert.equal(summary.left, 0);
});

test('task.add: duplicates of the source and of each other are recognised, bad ones are results', async () => {
  const grow = after((kept, task) => {
    if (!kept.finalUrl.endsWith('/page')) return;
    for (const path of ['/page', '/page#part', '/1', '/1', '/source']) task.add(url(path));
    task.add('no url');
    task.add({ url: url('/1'), name: 'another' });
  });
  const transport = wire();
  const { results } = await run([url('/page'), url('/source')], {
    transport,
    layers: [grow],
    maxWorkers: 1,
    window: 1,
  });
  assert.deepEqual(results.map(brief).sort(), [
    'failed no url BAD_LINE',
    'saved /1',
    'saved /1',
    'saved /page',
    'saved /source',
    'skipped /1 duplicate',
    'skipped /page duplicate',
    'skipped /page duplicate',
    'skipped /source duplicate',
  ]);
  assert.equal(transport.log.length, 4);
});

test('task.add: with a window of one, from before and from after, nothing locks up', async () => {
  const grow = before((job, task) => {
    const depth = Number(new URL(job.url).pathname.slice(1));
    if (depth < 50) task.add(url(`/${depth + 1}`));
  });
  const { summary } = await run([url('/0')], { transport: wire(), layers: [grow], window: 1, maxWorkers: 1 });
  assert.equal(summary.saved, 51);
});

test('task.add: while the source still waits, what was added goes on', async () => {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  async function* source() {
    yield url('/a');
    await ended;
  }
  const grow = after((kept, task) => {
    if (kept.finalUrl.endsWith('/a')) task.add(url('/b'));
    else end();
  });
  const { results } = await run(source(), { transport: wire(), layers: [grow] });
  assert.deepEqual(results.map(brief), ['saved /a', 'saved /b']);
});
