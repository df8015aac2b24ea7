import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PdlError } from '../../src/errors.ts';
import { settle } from '../../src/options.ts';
import { openCredentials } from '../../src/transfer/credentials.ts';
import { receive } from '../../src/transfer/receive.ts';
import type { Head, Held, Kept, Part, Sink } from '../../src/types.ts';
import { fails, fetchOnce, home, landing, stillClock, taskOf, wire } from './fakes.ts';
import { shelf } from './shelf.ts';

const part: Held = { kind: 'part', offset: 5, validator: '"one"', total: 10 };

test('the hook sees the head and holds the body; its throw is thrown as it is', async () => {
  const sink = shelf();
  const order: string[] = [];
  const onHead = async (head: Head) => {
    await null;
    order.push(`${head.status} ${head.total}`, ...sink.calls);
  };
  await fetchOnce([{ body: 'hello' }], sink, {}, taskOf(home, { onHead }));
  assert.deepEqual(order, ['200 5', 'held']);
  for (const hook of [() => Promise.reject(new RangeError('no')), () => assert.fail('no')]) {
    const refusing = shelf();
    await assert.rejects(
      fetchOnce([{ body: 'hello' }], refusing, {}, taskOf(home, { onHead: hook })),
      /^\w*Error.*: no$/,
    );
    assert.deepEqual(refusing.calls, ['held']);
  }
});

test('what the sink throws is thrown; a part that began is abandoned once', async () => {
  const full = new PdlError('DISK', 'Cannot write: it is full');
  const breaking = (how: 'begin' | 'write' | 'finish', late: boolean): Sink & { calls: string[] } => {
    const sink = shelf();
    const { begin } = sink;
    const fail = () => (late ? Promise.reject(full) : raise(full));
    return Object.assign(sink, {
      begin(job: never, head: Head) {
        if (how === 'begin') return fail();
        const opened = begin(job, head) as Part;
        return how === 'write' ? { ...opened, write: fail } : { ...opened, finish: fail };
      },
    });
  };
  for (const late of [false, true]) {
    const expected = { begin: ['held'], write: ['held', 'begin', 'abandon'], finish: ['held', 'begin', 'write'] };
    for (const how of ['begin', 'write', 'finish'] as const) {
      const sink = breaking(how, late);
      await assert.rejects(fetchOnce([{ body: 'hello' }], sink), (thrown) => thrown === full);
      assert.deepEqual(sink.calls, expected[how], `${how} ${late}`);
    }
  }
});

test('a transfer cut while the sink is opening abandons what was opened', async () => {
  const sink = shelf();
  const { begin } = sink;
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  sink.begin = async (job, head) => {
    await opened;
    return begin.call(sink, job, head);
  };
  await assert.rejects(fetchOnce(cutWhileOpening(open), sink), fails('ABORTED'));
  assert.deepEqual(sink.calls, ['held', 'begin', 'abandon']);
});

test('a transfer cut while a hook is thinking begins nothing', async () => {
  const sink = shelf();
  let answer = () => {};
  const thought = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await assert.rejects(
    fetchOnce(cutWhileOpening(), sink, {}, taskOf(home, { onHead: () => thought })),
    fails('ABORTED'),
  );
  answer();
  await thought;
  await new Promise(setImmediate);
  assert.deepEqual(sink.calls, ['held']);
});

/** A transport that gives up while onHead is still pending. */
function cutWhileOpening(then = () => {}) {
  return Object.assign(wire([]), {
    async send(_request: unknown, receiver: { onHead(head: unknown): unknown }): Promise<never> {
      const pending = Promise.resolve(receiver.onHead({ status: 200, headers: {} }));
      pending.catch(() => {});
      setImmediate(then);
      throw new PdlError('ABORTED', 'Cannot fetch: the run was stopped');
    },
  });
}

test('a transport that gives no head is a bad response', async () => {
  const silent = Object.assign(wire([]), { send: async () => 'none' as const });
  await assert.rejects(fetchOnce(silent), fails('BAD_RESPONSE'));
});

test('time to the first byte runs from sending to the header block', async () => {
  let now = 100;
  const clock = { ...stillClock, now: () => now };
  const settings = settle({ clock });
  const transport = wire(() => {
    now += 30;
    return { body: 'x' };
  });
  const bring = landing(receive(transport, shelf(), settings, clock, openCredentials(settings, {})));
  assert.equal(((await bring(taskOf(home))) as Kept).ttfbMs, 30);
});

function raise(error: unknown): never {
  throw error;
}

test('what the head has settled stays settled when its body breaks', async () => {
  const broken = (status: number, headers: Record<string, string>) =>
    Object.assign(wire([]), {
      async send(_request: unknown, receiver: { onHead(head: unknown): unknown }): Promise<never> {
        assert.throws(() => receiver.onHead({ status, headers }));
        throw new PdlError('RESET', 'Cannot fetch: it broke');
      },
    });
  const moved = await fetchOnce(broken(302, { location: '/b' }));
  assert.deepEqual(moved, { status: 'moved', to: 'http://h/b', httpStatus: 302 });
  const full = shelf({ ...part, offset: 10 }, 'helloworld');
  await fetchOnce(broken(416, { 'content-range': 'bytes */10' }), full);
  assert.deepEqual(String(full.published), 'helloworld');
});
