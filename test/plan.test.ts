import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../src/errors.ts';
import type { Options } from '../src/options.ts';
import { settle } from '../src/options.ts';
import { plan, restMs } from '../src/plan.ts';
import { planText } from '../src/report/plan-text.ts';

function* urls(count: number, host = 'h'): Generator<string> {
  for (let at = 0; at < count; at++) yield `http://${host}/${at}.jpg`;
}

const rest = (files: number, options: Options) => restMs(files, settle(options));

test('10,000 URLs on one host at 1-4 s with 4 seats rest for about 1 h 44 min', async () => {
  const told = await plan(urls(10_000), { delay: '1-4', maxWorkers: 4 });
  assert.equal(told.restMs, 6_249_375);
  const text = planText(told).join('\n');
  assert.match(text, /^the rests alone take about 1 h 44 min;/m);
  assert.match(text, /^10,000 {2}URL lines$/m);
});

test('the rests: no rest before the first request, seats side by side, the slower of delay and rate', () => {
  assert.equal(rest(1, { delay: '1-4', rate: '1/m' }), 0);
  assert.equal(rest(0, {}), 0);
  assert.equal(rest(100, {}), 0);
  assert.equal(rest(11, { delay: 2, perHost: 1 }), 20_000);
  assert.equal(rest(11, { delay: 2, maxWorkers: 4 }), 5_000);
  assert.equal(rest(11, { delay: 2, perHost: 2, maxWorkers: 4 }), 10_000);
  // no more seats than files: the second of two files comes half a rest after the first
  assert.equal(rest(2, { delay: 2, maxWorkers: 4 }), 1_000);
  // where rests are drawn, none is shorter than A
  assert.equal(rest(2, { delay: '2-4', maxWorkers: 4 }), 2_000);
  assert.equal(rest(61, { rate: '60/m' }), 60_000);
  assert.equal(rest(61, { rate: '60/m', delay: 2, perHost: 1 }), 120_000);
});

test('hosts rest side by side: the biggest tells the whole', async () => {
  const told = await plan([...urls(10, 'small'), ...urls(100, 'big')], { delay: 1, perHost: 1 });
  assert.equal(told.restMs, 99_000);
  assert.deepEqual(told.top, [
    { host: 'big', files: 100, restMs: 99_000 },
    { host: 'small', files: 10, restMs: 9_000 },
  ]);
});

test('bad lines, duplicates and numbered names are counted and shown, without passwords', async () => {
  const told = await plan([
    'http://me:secret@h/a',
    'nonsense',
    'http://me:secret@h/a#x',
    'http://me:secret@i/a',
    'http://h/b',
  ]);
  assert.deepEqual([told.lines, told.bad, told.duplicates, told.files, told.hosts, told.numbered], [5, 1, 1, 3, 2, 1]);
  assert.deepEqual(told.numberedExamples, [{ url: 'http://i/a', name: 'a-2' }]);
  assert.equal(told.badExamples[0]?.line, 2);
  assert.doesNotMatch(JSON.stringify(told) + planText(told).join(), /secret/);
});

test('only the 20 biggest of many hosts are listed, the others are counted', async () => {
  const many = Array.from({ length: 50 }, (_, at) => [...urls(at + 1, `h${at}`)]).flat();
  const told = await plan(many);
  assert.deepEqual(
    told.top.map(({ files }) => files),
    Array.from({ length: 20 }, (_, at) => 50 - at),
  );
  assert.match(planText(told).join('\n'), /^\(30 others\) +465$/m);
});

test('the plans of all shards together have the files of the whole', async () => {
  const list = Array.from({ length: 60 }, (_, at) => `http://h${at % 12}/a.jpg`);
  const shares = await Promise.all([0, 1, 2].map((index) => plan([...list, 'bad'], { shard: `${index}/3` })));
  const whole = await plan([...list, 'bad']);
  for (const key of ['lines', 'bad', 'files', 'hosts', 'duplicates'] as const)
    assert.equal(
      shares.reduce((sum, share) => sum + share[key], 0),
      whole[key],
      key,
    );
});

test('a wrong option is refused', async () => {
  await assert.rejects(plan([], { delay: '4-1' }), UsageError);
});

test('an empty list has a plan, too', async () => {
  const told = await plan([]);
  assert.equal(told.lines, 0);
  assert.match(planText(told).join('\n'), /no rests/);
});

test('the text escapes what a terminal would act upon', () => {
  const told = {
    lines: 1,
    bad: 1,
    duplicates: 0,
    files: 0,
    hosts: 0,
    top: [],
    numbered: 0,
    restMs: 59_999,
    numberedExamples: [],
  };
  const text = planText({ ...told, badExamples: [{ source: 'a\x1b[2J', line: 1, message: 'x\ny' }] });
  assert.doesNotMatch(text.join('|'), /[\x00-\x1f]/);
  assert.match(text.join('|'), /about 1 min;/);
});
