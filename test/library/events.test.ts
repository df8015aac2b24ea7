/** What is told while a run goes on: diagnostics_channel and NODE_DEBUG. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { Event, Job, Result } from '../../src/index.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { brief, run, url, wire } from './wire.ts';

test('start, redirect, retry, wait and result are published under their names', async (t) => {
  const told: string[] = [];
  const onEvent = (message: unknown, name: string | symbol) => {
    const { job, event } = message as { job: Job; event: Event };
    assert.equal(job.url, url('/old'));
    const { type } = event;
    assert.equal(String(name), `pdl:${type}`);
    told.push(type === 'start' ? `start ${event.url} ${event.attempt}` : type);
    if (type === 'redirect') assert.deepEqual([event.from, event.to, event.status], [url('/old'), url('/new'), 302]);
    if (type === 'retry')
      assert.deepEqual([event.code, event.attempt, typeof event.delayMs], ['HTTP_STATUS', 2, 'number']);
  };
  const onResult = (message: unknown) => {
    told.push(brief((message as { result: Result }).result));
  };
  const names = ['start', 'redirect', 'retry', 'wait'].map((name) => `pdl:${name}`);
  for (const name of names) subscribe(name, onEvent);
  subscribe('pdl:result', onResult);
  t.after(() => {
    for (const name of names) unsubscribe(name, onEvent);
    unsubscribe('pdl:result', onResult);
  });
  let asked = 0;
  const transport = wire((path) => {
    if (path === '/old') return { status: 302, headers: { location: '/new' } };
    return { status: ++asked === 1 ? 500 : 200 };
  });
  const clock = fakeClock();
  await clock.until(run([url('/old')], { transport, retry: 1, delay: 1, perHost: 1, clock }));
  assert.deepEqual(
    told.filter((one) => one !== 'wait'),
    [
      `start ${url('/old')} 1`,
      'redirect',
      `start ${url('/new')} 1`,
      'retry',
      `start ${url('/old')} 2`,
      'redirect',
      `start ${url('/new')} 2`,
      'saved /old',
    ],
  );
  assert.ok(told.includes('wait'), 'that every host rests is told');
});

const script = `
  const { download, memory } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/index.ts'))});
  const { wire } = await import(${JSON.stringify(join(import.meta.dirname, 'wire.ts'))});
  let asked = 0;
  const transport = wire(() => ({ status: ++asked === 1 ? 500 : 200 }));
  for await (const result of download(['http://user:secret@site.example/a'], { transport, sink: memory() })) result;
`;

test('NODE_DEBUG=pdl prints them to stderr, and no password', async () => {
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, NODE_DEBUG: 'pdl' },
    cwd: join(import.meta.dirname, '../..'),
  });
  assert.match(stderr, /PDL \d+: start http:\/\/site\.example\/a \{"type":"start",/);
  assert.match(stderr, /PDL \d+: retry http:\/\/site\.example\/a /);
  assert.match(stderr, /PDL \d+: saved http:\/\/site\.example\/a/);
  assert.doesNotMatch(stdout + stderr, /secret/);
});
