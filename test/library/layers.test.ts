/** Layers: what user code may do around a request. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after, before, type Layer, onResponse, PdlError } from '../../src/index.ts';
import { brief, messageOf, run, url, wire } from './wire.ts';

test('layers stand around a job in their order, the first outermost', async () => {
  const order: string[] = [];
  const told = (name: string): Layer => {
    return (next) => async (task) => {
      order.push(`${name} in`);
      const outcome = await next(task);
      order.push(`${name} out`);
      return outcome;
    };
  };
  await run([url('/a')], { transport: wire(), layers: [told('first'), told('second')] });
  assert.deepEqual(order, ['first in', 'second in', 'second out', 'first out']);
});

test('a line that needs no request passes no layer', async () => {
  const seen: string[] = [];
  const look = before((job) => void seen.push(job.url));
  const store = { skip: () => ({ status: 'skipped' as const, reason: 'archive' as const }) };
  const { results } = await run([url('/a')], { transport: wire(), layers: [look], store });
  assert.deepEqual(results.map(brief), ['skipped /a archive']);
  assert.deepEqual(seen, []);
});

test('before: changes headers', async () => {
  const transport = wire();
  const signed = before((job) => ({ ...job, headers: { ...job.headers, 'X-Day': 'monday' } }));
  await run([{ url: url('/a'), headers: { 'X-Own': '1' } }], { transport, layers: [signed] });
  const { headers } = transport.requests[0]!;
  assert.equal(headers['X-Day'], 'monday');
  assert.equal(headers['X-Own'], '1');
});

test('before: changes the URL, and the result still speaks of the line', async () => {
  const transport = wire();
  const moved = before((job) => ({ ...job, url: job.url.replace('/a', '/../b').replace('http:', 'HTTP:') }));
  const { results } = await run([url('/a')], { transport, layers: [moved] });
  assert.deepEqual(transport.log, ['/b']);
  assert.deepEqual(results.map(brief), ['saved /a']);
  assert.equal(results[0]!.status === 'saved' && results[0]!.finalUrl, url('/b'));
  assert.equal(results[0]!.status === 'saved' && results[0]!.path, 'a');
});

test('before: a URL that is none, or of another scheme, fails the line with HOOK', async () => {
  for (const wrong of ['nowhere', 'file:///etc/passwd', 'http://u:secret@[', 7]) {
    const transport = wire();
    const moved = before((job) => ({ ...job, url: wrong as string }));
    const { results } = await run([url('/a')], { transport, layers: [moved] });
    assert.deepEqual(results.map(brief), ['failed /a HOOK'], String(wrong));
    assert.deepEqual(transport.log, []);
    assert.doesNotMatch(messageOf(results[0]!), /secret/);
  }
});

test('before: drops a line', async () => {
  const transport = wire();
  const drop = before((job) => (job.url.endsWith('/b') ? { status: 'skipped', reason: 'archive' } : undefined));
  const { results, summary } = await run([url('/a'), url('/b')], { transport, layers: [drop] });
  assert.deepEqual(results.map(brief).sort(), ['saved /a', 'skipped /b archive']);
  assert.deepEqual(transport.log, ['/a']);
  assert.equal(summary.skipped, 1);
});

test('before: a hook that takes its time delays its own line only', async () => {
  const transport = wire();
  let go = () => {};
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const slow = before(async (job) => {
    if (job.url.endsWith('/slow')) await gate;
    return undefined;
  });
  const all = ['/slow', '/b', '/c', '/d'].map((path) => url(path));
  const open = after((kept) => {
    if (kept.finalUrl.endsWith('/d')) go();
  });
  const { results } = await run(all, { transport, layers: [slow, open], maxWorkers: 1 });
  assert.equal(brief(results.at(-1)!), 'saved /slow');
  assert.equal(results.length, 4);
});

test('before: what is neither job nor Passed nor nothing fails the line, and says so', async () => {
  for (const wrong of [true, null, 'http://site.example/b']) {
    const { results } = await run([url('/a')], { transport: wire(), layers: [before(() => wrong as never)] });
    assert.deepEqual(results.map(brief), ['failed /a HOOK']);
    assert.match(messageOf(results[0]!), /Cannot run the hook before: it returned .*allowed is a job/);
  }
});

test('onResponse: sees status and headers, and refuses before the body', async () => {
  const seen: unknown[] = [];
  const look = onResponse(async function draftless(head) {
    seen.push([head.status, head.headers['x-kind'], head.total]);
    if (head.headers['x-kind'] === 'draft') throw new Error('a draft');
  });
  const transport = wire((path) => ({ headers: { 'x-kind': path.slice(1) }, body: 'body' }));
  const { results } = await run([url('/final'), url('/draft')], { transport, layers: [look] });
  assert.deepEqual(results.map(brief).sort(), ['failed /draft HOOK', 'saved /final']);
  const refused = results.find(({ status }) => status === 'failed')!;
  assert.equal(messageOf(refused), 'Cannot run the hook draftless (onHead): a draft');
  assert.deepEqual(seen, [
    [200, 'final', 4],
    [200, 'draft', 4],
  ]);
});

test('onResponse: several, sync and async, run in the order of their layers', async () => {
  const order: string[] = [];
  const layers = [
    onResponse(async () => {
      await null;
      order.push('first');
    }),
    onResponse(() => void order.push('second')),
    onResponse(async () => void order.push('third')),
  ];
  const { results } = await run([url('/a')], { transport: wire(), layers });
  assert.deepEqual(order, ['first', 'second', 'third']);
  assert.equal(results[0]!.status, 'saved');
});

test('onResponse: a PdlError that is thrown is the error of the line', async () => {
  const refuse = onResponse(() => {
    throw new PdlError('WRONG_TYPE', 'Cannot keep it: it is no picture');
  });
  const { results } = await run([url('/a')], { transport: wire(), layers: [refuse] });
  assert.deepEqual(results.map(brief), ['failed /a WRONG_TYPE']);
});

test('task.onHead may be set by a layer of one’s own', async () => {
  const statuses: number[] = [];
  const look: Layer = (next) => (task) => next({ ...task, onHead: (head) => void statuses.push(head.status) });
  await run([url('/a')], { transport: wire(() => ({ status: 203 })), layers: [look] });
  assert.deepEqual(statuses, [203]);
});
