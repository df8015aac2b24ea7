/** The first signal stops in good order, the second leaves. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { listenForSignals } from '../../src/cli/signals.ts';

function listen(hasTerminal: boolean) {
  const source = new EventEmitter();
  const said: string[] = [];
  const signals = listenForSignals(
    { onFirst: (signal) => said.push(`first ${signal}`), onSecond: (signal) => said.push(`second ${signal}`) },
    hasTerminal,
    source,
  );
  return { source, said, signals };
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} stops the run, a second signal leaves`, () => {
    const { source, said, signals } = listen(true);
    source.emit(signal);
    assert.deepEqual([signals.got, signals.stop.signal.aborted], [signal, true]);
    source.emit('SIGINT');
    assert.deepEqual(said, [`first ${signal}`, 'second SIGINT']);
    assert.equal(signals.got, signal);
    signals.close();
    assert.equal(source.eventNames().length, 0);
  });
}

test('without any terminal a hang-up is ignored, not fatal', () => {
  const { source, signals } = listen(false);
  assert.equal(source.emit('SIGHUP'), true);
  assert.equal(signals.got, null);
});
