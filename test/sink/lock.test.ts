import assert from 'node:assert/strict';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { takeLock } from '../../src/sink/lock.ts';
import { open, scratch, startChild, within } from './support.ts';

const idle = { sizes: [], version: 1, workers: 0 };

test('of two processes that race for one DIR one works, the other names its pid and -d; kill -9 frees it', async (t) => {
  const dir = scratch(t);
  const order = { ...idle, options: { dir }, stay: true };
  const racers = [startChild(order), startChild(order)];
  const said = await Promise.all(racers.map(({ ready }) => ready));
  const winner = racers[said.findIndex(({ ready }) => ready)]!;
  const [loser] = said.filter(({ code }) => code);
  assert.equal(loser?.['code'], 'LOCKED');
  assert.match(loser?.['message'], new RegExp(`pid ${winner.process.pid}\\).* -d$`));
  await assert.rejects(open(dir), { code: 'LOCKED' });
  winner.process.kill('SIGKILL');
  await winner.ended;
  await within(dir, {}, () => {});
  await Promise.all(racers.map(({ ended }) => ended));
});

test('a DIR is the same under another path', async (t) => {
  const dir = scratch(t);
  const link = `${scratch(t)}/link`;
  symlinkSync(dir, link);
  await within(dir, {}, async () => {
    await assert.rejects(open(link), { code: 'LOCKED' });
    await within(dir, { shard: '0/2' }, () => assert.rejects(open(dir, { shard: '0/2' }), { code: 'LOCKED' }));
  });
  await within(link, {}, () => {});
});

test('where sockets have no abstract names, a pid file with start time does it', async (t) => {
  const dir = scratch(t);
  const file = `${dir}/lock`;
  const take = () => takeLock({ root: dir, shown: 'out', file, shard: '', prepare() {} }, systemClock, 'darwin');
  const lock = await take();
  await assert.rejects(take(), {
    code: 'LOCKED',
    message: new RegExp(`^Cannot work in out: another pdl \\(pid ${process.pid}\\)`),
  });
  const mine = readFileSync(file, 'utf8');
  await lock.release();
  assert.ok(!existsSync(file));
  // Left by a process that is gone, and by one whose pid was given out again.
  for (const stale of [
    '999999999 Thu Jan  1 00:00:00 1970\n',
    mine.replace(/ .*/, ' Thu Jan  1 00:00:00 1970'),
    '',
    'garbage',
  ]) {
    writeFileSync(file, stale);
    await (await take()).release();
  }
});
