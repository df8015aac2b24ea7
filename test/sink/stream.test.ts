import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import test, { type TestContext } from 'node:test';
import { FileStream } from '../../src/sink/stream.ts';
import { bytes, scratch } from './support.ts';

function file(t: TestContext, flags = 'w+') {
  const path = `${scratch(t)}/file`;
  if (flags === 'r') closeSync(openSync(path, 'w'));
  const fd = openSync(path, flags);
  t.after(() => closeSync(fd));
  return { path, fd };
}

test('small chunks are gathered: 512 kB and more a write, and what is written is a true beginning', async (t) => {
  const { path, fd } = file(t);
  const body = bytes(1_000_000);
  const backlog = { bytes: 0, limit: 10_000_000 };
  const stream = new FileStream(fd, 0, backlog);
  for (let at = 0; at < 500_000; at += 10_000) assert.equal(stream.write(body.subarray(at, at + 10_000)), undefined);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(readFileSync(path).length, 0, 'less than 512 kB waits');
  for (let at = 500_000; at < 1_000_000; at += 10_000)
    assert.equal(stream.write(body.subarray(at, at + 10_000)), undefined);
  assert.equal(backlog.bytes, 1_000_000 - stream.written);
  await stream.flush();
  assert.deepEqual([stream.written, backlog.bytes], [1_000_000, 0]);
  assert.deepEqual(readFileSync(path), body);
});

test('over the bound a write asks to wait until its own bytes are out, whoever else is stalled', async (t) => {
  const [stalled, busy] = [file(t), file(t)];
  const backlog = { bytes: 0, limit: 100_000 };
  const waiting = new FileStream(stalled.fd, 0, backlog);
  assert.equal(waiting.write(Buffer.alloc(100_000)), undefined);
  const stream = new FileStream(busy.fd, 0, backlog);
  const room = stream.write(Buffer.alloc(1));
  assert.ok(room instanceof Promise);
  assert.ok(stream.write(Buffer.alloc(5)) instanceof Promise);
  await room;
  assert.equal(backlog.bytes, 100_000);
  assert.equal(readFileSync(busy.path).length, 6);
});

test('a write that fails is heard by the next, by flush, and frees the bound', async (t) => {
  const { fd } = file(t, 'r');
  const backlog = { bytes: 0, limit: 1000 };
  const stream = new FileStream(fd, 0, backlog);
  await assert.rejects(async () => stream.write(Buffer.alloc(2000)), { code: 'EBADF' });
  assert.throws(() => stream.write(Buffer.alloc(1)), { code: 'EBADF' });
  await assert.rejects(stream.flush(), { code: 'EBADF' });
  assert.deepEqual([stream.written, backlog.bytes], [0, 0]);
});
