/** Many machines over one Redis, with everything that can go wrong going wrong: nothing is lost, nothing is told twice, no host sees two. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { submit } from '../../src/queue.ts';
import type { Result } from '../../src/types.ts';
import { startRedis, withoutRedis } from '../queue/redis.ts';
import { startSite, tooClose, type Visit } from '../queue/site.ts';

const lines = 20_000;
const hosts = 300;
const leaseMs = 3_000;
/** Each request is followed by a rest of 20 to 50 ms; timers of Node fire up to 1 ms early. */
const delay = '20ms-50ms';
const restMs = 19;

test('4 workers, 20,000 lines on 300 hosts, two kill -9, one SIGSTOP beyond the lease, one restart of Redis', {
  skip: withoutRedis,
  timeout: 180_000,
}, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'pdl-queue-'));
  t.after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  const redis = await startRedis();
  t.after(() => redis.close());
  const site = await startSite(t, 5);
  const workers = ['one', 'two', 'three', 'four'].map((name) => {
    const options = { queue: redis.url, leaseMs, dir: join(dir, name), userAgent: name, maxWorkers: 16 };
    return startWorker({ ...options, perHost: 1, delay });
  });
  t.after(() => workers.map(({ child }) => child.kill('SIGKILL')));
  const [one, two, three, four] = workers as [Started, Started, Started, Started];
  const urls = Array.from({ length: lines }, (_, index) => site.url((index * 7) % hosts, `/f${index}.txt`));

  const results: Result[] = [];
  let cancel = () => {};
  t.after(() => cancel());
  const at = (share: number, act: () => unknown) => ({ count: lines * share, act });
  const faults = [
    at(0.05, () => one.child.kill('SIGKILL')),
    at(0.1, () => {
      two.child.kill('SIGSTOP');
      const { length } = site.log;
      const its = new Set(site.log.slice(-1_000).flatMap(({ worker, host }) => (worker === 'two' ? [host] : [])));
      // It wakes up when others are well into what was its own.
      const wake = () => {
        const taken = site.log.slice(length).filter(({ worker, host }) => worker !== 'two' && its.has(host));
        if (taken.length > 2 * its.size) two.child.kill('SIGCONT');
        else cancel = systemClock.timer(5, wake);
      };
      wake();
    }),
    at(0.4, () => redis.restart()),
    at(0.6, () => three.child.kill('SIGKILL')),
  ];
  const run = submit(urls, { queue: redis.url, leaseMs, run: 'storm' });
  for (;;) {
    const step = await run.next();
    if (step.done) {
      assert.deepEqual([step.value.left, step.value.failed, step.value.stopped], [0, 0, null]);
      break;
    }
    results.push(step.value);
    while (faults[0] !== undefined && results.length >= faults[0].count) await faults.shift()!.act();
  }
  for (const { child } of [two, four]) child.kill('SIGTERM');
  const left = await Promise.all([two.ended, four.ended]);

  assert.deepEqual(left, [0, 0], `${two.said()}${four.said()}`);
  assert.deepEqual(faults, [], 'all that should go wrong went wrong');
  const told = results.map(({ line }) => line).sort((a, b) => a - b);
  assert.deepEqual(
    told,
    [...urls.keys()].map((index) => index + 1),
  );
  for (const result of results) {
    const path = 'path' in result ? result.path! : '';
    assert.equal(readFileSync(path, 'utf8'), site.bodyOf(result.url), `${result.status} ${path}`);
  }
  const close = tooClose(site.log, restMs);
  assert.deepEqual(close.slice(0, 5).map(words), [], `${close.length} rests were too short`);
  const names = new Set(results.map(({ worker }) => worker));
  assert.equal(names.size, 4, 'all four worked');
  const repeats = site.log.length - lines;
  t.diagnostic(`${repeats} requests repeated; last worker ${[...names].length}`);
  assert.ok(repeats < 600, `${repeats} requests were repeated`);
});

interface Started {
  child: ChildProcess;
  ended: Promise<number | null>;
  said(): string;
}

function startWorker(options: object): Started {
  const script = join(import.meta.dirname, '../queue/worker.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(options)], {
    env: { ...process.env, UV_THREADPOOL_SIZE: '8' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, ended, said: () => text };
}

function words([before, after]: [Visit, Visit]): string {
  const gap = (after.begin - before.end).toFixed(1);
  return `${before.host}: ${after.path} by ${after.worker} came ${gap} ms after ${before.path} by ${before.worker}`;
}
