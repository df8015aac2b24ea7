import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { test } from 'node:test';
import { Names } from '../../src/transfer/dns.ts';
import { fakeClock } from '../support/fake-clock.ts';

/** A resolver whose answers are given by hand. */
function resolver() {
  const asked: string[] = [];
  const open: { host: string; done: (error: Error | null, addresses: LookupAddress[]) => void }[] = [];
  return {
    asked,
    open,
    lookUp(host: string, done: (error: Error | null, addresses: LookupAddress[]) => void) {
      asked.push(host);
      open.push({ host, done });
    },
    answerAll(error: Error | null = null) {
      for (const { done } of open.splice(0)) done(error, error ? [] : [{ address: '192.0.2.1', family: 4 }]);
    },
  };
}

test('one host is looked up once, however many ask at the same time and after', async () => {
  const system = resolver();
  const names = new Names(fakeClock(), system.lookUp);
  const all = [names.find('a'), names.find('a'), names.find('a')];
  system.answerAll();
  await Promise.all([...all, names.find('a')]);
  assert.deepEqual(system.asked, ['a']);
});

test('an answer holds five minutes, a failure two seconds', async () => {
  const clock = fakeClock();
  const system = resolver();
  const names = new Names(clock, system.lookUp);
  const ask = async (error: Error | null) => {
    const found = names.find('a');
    system.answerAll(error);
    await found.catch(() => {});
    return system.asked.length;
  };
  assert.equal(await ask(new Error('no')), 1);
  await clock.advance(1900);
  assert.equal(await ask(new Error('no')), 1);
  await clock.advance(200);
  assert.equal(await ask(null), 2);
  await clock.advance(290_000);
  assert.equal(await ask(null), 2);
  await clock.advance(20_000);
  assert.equal(await ask(null), 3);
});

test('at most 64 names are looked up ahead at the same time; a name in need does not wait for them', async () => {
  const system = resolver();
  const names = new Names(fakeClock(), system.lookUp);
  for (let count = 0; count < 200; count++) names.expect(`host${count}`);
  assert.equal(system.asked.length, 64);
  void names.find('host150');
  assert.equal(system.asked.at(-1), 'host150');
  while (system.open.length > 0) {
    assert.ok(system.open.length <= 65);
    system.answerAll();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(new Set(system.asked).size, system.asked.length, 'no name twice');
  assert.equal(system.asked.length, 200);
});

test('a failure ahead of need is told to who asks next, and is no unhandled rejection', async () => {
  const system = resolver();
  const names = new Names(fakeClock(), system.lookUp);
  names.expect('a');
  system.answerAll(new Error('no such name'));
  await new Promise((resolve) => setImmediate(resolve));
  await assert.rejects(names.find('a'), /no such name/);
});

test('a forgotten host is asked for anew, and one only expected is not asked for at all', () => {
  const system = resolver();
  const names = new Names(fakeClock(), system.lookUp);
  void names.find('a');
  names.forget('a');
  void names.find('a');
  for (let count = 0; count < 64; count++) names.expect(`host${count}`);
  names.expect('late');
  names.forget('late');
  system.answerAll();
  assert.ok(!system.asked.includes('late'));
  assert.equal(system.asked.filter((host) => host === 'a').length, 2);
});
