import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Held } from '../../src/types.ts';
import { fails, fetchOnce } from './fakes.ts';
import { shelf } from './shelf.ts';

const tagged = { etag: '"one"' };
const part: Held = { kind: 'part', offset: 5, validator: '"one"', total: 10 };
const rest = { ...tagged, 'content-range': 'bytes 5-9/10' };

test('too large is refused by its head, before a byte is taken (T8)', async () => {
  for (const answer of [
    { body: 'hello' },
    { status: 206, body: 'hello', headers: { 'content-range': 'bytes 0-4/5' }, framing: 'chunked' as const },
  ]) {
    const sink = shelf();
    await assert.rejects(fetchOnce([answer], sink, { maxSize: 4 }), fails('TOO_LARGE'));
    assert.deepEqual(sink.calls, ['held']);
  }
  assert.equal((await fetchOnce([{ body: 'hello' }], shelf(), { maxSize: 5 })).status, 'saved');
});

test('too large is found while it streams, and nothing is kept (T8)', async () => {
  const sink = shelf();
  const answer = { body: 'hello', framing: 'chunked' as const, piece: 2, headers: tagged };
  await assert.rejects(fetchOnce([answer], sink, { maxSize: 4 }), fails('TOO_LARGE'));
  assert.deepEqual(sink.calls, ['held', 'begin', 'write', 'write', 'abandon', 'forget']);
});

test('a rest counts on top of what is held', async () => {
  const sink = shelf({ kind: 'part', offset: 5, validator: '"one"' }, 'hello');
  await assert.rejects(
    fetchOnce([{ status: 206, headers: rest, body: 'world' }], sink, { maxSize: 9 }),
    fails('TOO_LARGE'),
  );
});

test('too small is refused by its head, or at its end before it is published', async () => {
  await assert.rejects(fetchOnce([{ body: 'hello' }], shelf(), { minSize: 6 }), fails('TOO_SMALL'));
  const sink = shelf();
  const answer = { body: 'hello', framing: 'close' as const };
  await assert.rejects(fetchOnce([answer], sink, { minSize: 6 }), fails('TOO_SMALL'));
  assert.deepEqual(sink.calls.slice(2), ['write', 'abandon', 'forget']);
});

test('another media type is refused before the body (F13)', async () => {
  const fetchType = (type: string | undefined, expect: string | string[]) =>
    fetchOnce([{ body: 'hello', headers: type === undefined ? {} : { 'content-type': type } }], shelf(), { expect });
  for (const type of ['image/png', 'IMAGE/PNG; q=1', 'application/pdf;x', 'image/svg+xml, text/html']) {
    assert.equal((await fetchType(type, ['image/*', 'Application/PDF'])).status, 'saved', type);
  }
  for (const type of ['text/html', 'imagex/png', 'image', '', 'application/pdfx', undefined]) {
    await assert.rejects(fetchType(type, 'image/*,application/pdf'), fails('WRONG_TYPE'), type);
  }
  assert.equal((await fetchType('text/html', '*/*')).status, 'saved');
  assert.throws(() => fetchType('x', 'image'), {
    name: 'UsageError',
    message: /^Cannot use --expect "image": allowed is/,
  });
});

test('a control character of the server never reaches a message (W8)', async () => {
  const answer = { body: 'x', headers: { 'content-type': 'text/\x1b[31m' } };
  await assert.rejects(fetchOnce([answer], shelf(), { expect: 'image/*' }), fails('WRONG_TYPE', {}, /^[\x20-\x7e]+$/));
});

test('a rest without Content-Type is not judged again', async () => {
  const sink = shelf(part, 'hello');
  const outcome = await fetchOnce([{ status: 206, headers: rest, body: 'world' }], sink, { expect: 'image/*' });
  assert.equal(outcome.status, 'saved');
});
