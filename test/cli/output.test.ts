/** The way out: batches, a slow reader, a reader that goes away. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { openOutput, type Stream } from '../../src/cli/output.ts';
import { fakeClock } from '../support/fake-clock.ts';

interface Fake extends Stream {
  writes: string[];
  /** The reader takes everything. */
  take(): void;
  emit(event: 'error', error: NodeJS.ErrnoException): boolean;
}

function fakeStream(isSlow = false): Fake {
  const pending: (() => void)[] = [];
  const emitter = new EventEmitter();
  const stream = {
    writes: [] as string[],
    write(text: string, done: () => void) {
      stream.writes.push(text);
      if (isSlow) pending.push(done);
      else setImmediate(done);
      return true;
    },
    on: (event: 'error', listener: (error: NodeJS.ErrnoException) => void) => emitter.on(event, listener),
    emit: (event: 'error', error: NodeJS.ErrnoException) => emitter.emit(event, error),
    take() {
      for (const done of pending.splice(0)) done();
    },
  };
  return stream;
}

test('the first line goes out at once, later ones in one write within 100 ms', async () => {
  const [stdout, stderr, clock] = [fakeStream(), fakeStream(), fakeClock()];
  const output = openOutput(stdout, stderr, clock);
  output.out('a\n');
  assert.deepEqual(stdout.writes, ['a\n']);
  output.out('b\n');
  output.out('c\n');
  await clock.advance(99);
  assert.deepEqual(stdout.writes, ['a\n']);
  await clock.advance(1);
  assert.deepEqual(stdout.writes, ['a\n', 'b\nc\n']);
});

test('stdout and stderr keep the order in which things were said', async () => {
  const order: string[] = [];
  const named = (name: string): Stream => ({
    write(text, done) {
      order.push(`${name} ${text}`);
      done?.();
      return true;
    },
    on: () => {},
  });
  const clock = fakeClock();
  const output = openOutput(named('out'), named('err'), clock);
  output.say('zero');
  output.out('one\n');
  output.say('two');
  output.out('three\n');
  output.out('four\n');
  await clock.advance(100);
  assert.deepEqual(order, ['err zero\n', 'out one\n', 'err two\n', 'out three\nfour\n']);
});

test('a slow reader: no room while 1 MB waits, and nothing is lost', async () => {
  const [stdout, clock] = [fakeStream(true), fakeClock()];
  const output = openOutput(stdout, fakeStream(), clock);
  const line = `${'x'.repeat(1023)}\n`;
  let count = 0;
  while (output.room() === undefined) {
    output.out(line);
    count += 1;
  }
  assert.equal(count, 1024);
  const room = output.room();
  stdout.take();
  await room;
  assert.equal(output.room(), undefined);
  const drained = output.drained();
  stdout.take();
  await drained;
  assert.equal(stdout.writes.join('').length, count * line.length);
});

test('a reader that goes away is told once, and wakes who waits', async () => {
  const [stdout, clock] = [fakeStream(true), fakeClock()];
  const output = openOutput(stdout, fakeStream(), clock);
  let told = 0;
  output.onBreak = () => (told += 1);
  output.out('x'.repeat(2_000_000));
  const room = output.room();
  stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  stdout.take();
  await room;
  assert.equal(told, 1);
  assert.equal(output.broken?.code, 'EPIPE');
  output.out('more\n');
  await output.drained();
  assert.equal(stdout.writes.length, 1);
});

test('with bars, lines wait until they ask, and leaving takes the bars away first', async () => {
  const [stdout, clock] = [fakeStream(), fakeClock()];
  const output = openOutput(stdout, fakeStream(), clock);
  const said: string[] = [];
  output.pacedBy({ draw: () => said.push('draw'), stop: () => said.push(`stop after ${stdout.writes.length}`) });
  output.out('a\n');
  await clock.advance(500);
  assert.deepEqual([stdout.writes, output.waiting], [[], true]);
  output.flush();
  assert.deepEqual(stdout.writes, ['a\n']);
  output.out(`${'x'.repeat(70_000)}\n`);
  assert.deepEqual(said, ['draw']);
  await output.drained();
  assert.deepEqual(said, ['draw', 'stop after 1']);
  assert.equal(stdout.writes.length, 2);
});
