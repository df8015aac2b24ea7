import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PdlError } from '../../src/errors.ts';

import type { Held, Kept } from '../../src/types.ts';
import { fails, fetchOnce, home, jobOf, taskOf, wire } from './fakes.ts';
import { shelf } from './shelf.ts';

const tagged = { etag: '"one"' };
const part: Held = { kind: 'part', offset: 5, validator: '"one"', total: 10 };

test('a whole answer lands and is told', async () => {
  const sink = shelf();
  const task = taskOf(home);
  const outcome = await fetchOnce([{ body: 'hello', headers: { 'content-type': 'image/png' } }], sink, {}, task);
  assert.deepEqual(outcome, {
    status: 'saved',
    path: 'dir/a.bin',
    bytes: 5,
    resumedFrom: 0,
    httpStatus: 200,
    finalUrl: home,
    contentType: 'image/png',
    ttfbMs: 0,
  });
  assert.deepEqual(sink.calls, ['held', 'begin', 'write', 'finish']);
  assert.deepEqual([task.meter.received, task.meter.total], [5, 5]);
});

test('200, 201 and 203 are saved, empty bodies too', async () => {
  for (const status of [200, 201, 203]) {
    const sink = shelf();
    assert.equal(((await fetchOnce([{ status }], sink)) as Kept).httpStatus, status);
    assert.deepEqual(sink.published, [Buffer.alloc(0)]);
  }
});

test('every other status fails and nothing is begun (204, 304 unasked, 416 unasked, 999)', async () => {
  for (const status of [202, 204, 205, 207, 304, 305, 400, 404, 416, 500, 999]) {
    const sink = shelf();
    const answer = { status, headers: { location: '/proxy' }, framing: 'none' as const };
    await assert.rejects(fetchOnce([answer], sink), fails('HTTP_STATUS', { status, url: home }));
    assert.deepEqual(sink.calls, ['held']);
  }
});

test('the failure names URL and status in our words, never the userinfo', async () => {
  const message = /^Cannot fetch http:\/\/h\/a\.jpg: the server answered 404 Not Found$/;
  const failing = fetchOnce([{ status: 404 }], shelf(), {}, taskOf('http://me:secret@h/a.jpg#part'));
  await assert.rejects(failing, fails('HTTP_STATUS', { url: 'http://h/a.jpg' }, message));
});

test('a 503 carries how long to wait', async () => {
  const headers = { 'retry-after': '7' };
  await assert.rejects(fetchOnce([{ status: 503, headers }]), fails('HTTP_STATUS', { retryAfterMs: 7000 }));
});

test('a body cut short is abandoned, and its error is the transport’s with how much came (F1, F2, F3)', async () => {
  for (const framing of ['length', 'chunked', 'close'] as const) {
    const sink = shelf();
    const error = new PdlError('TRUNCATED', 'Cannot fetch: cut');
    await assert.rejects(
      fetchOnce([{ body: 'hello', cutAt: 3, framing, error, headers: tagged }], sink),
      fails('TRUNCATED', { kept: 3 }, framing === 'length' ? /: cut, after 3 of 5 bytes$/ : /: cut, after 3 bytes$/),
    );
    assert.deepEqual(sink.calls, ['held', 'begin', 'write', 'abandon', 'held']);
    assert.deepEqual(sink.published, []);
  }
});

test('a count other than the stated one fails even if the transport saw no fault', async () => {
  const short = shelf();
  const headers = { ...tagged, 'content-length': '6' };
  await assert.rejects(
    fetchOnce([{ body: 'hello', headers }], short),
    fails('TRUNCATED', { kept: 5 }, /5 of 6 bytes$/),
  );
  const long = shelf();
  await assert.rejects(
    fetchOnce([{ body: 'hello', headers: { ...tagged, 'content-length': '4' } }], long),
    fails('BAD_RESPONSE'),
  );
  assert.equal(long.note, null, 'of which bytes they are is not known');
});

test('a clean end without length is saved and marked (F4); chunked is not', async () => {
  for (const framing of ['close', 'chunked'] as const) {
    const sink = shelf();
    const outcome = (await fetchOnce([{ body: 'hello', framing }], sink)) as Kept;
    assert.equal(outcome.lengthUnknown, framing === 'close' ? true : undefined);
    assert.deepEqual(sink.lengthUnknown, [framing === 'close']);
  }
});

test('an unreadable Content-Length is refused (F8)', async () => {
  for (const length of ['-5', '5x', '', '99999999999999999999', '3, 3', ['5', '6']]) {
    const headers = { 'content-length': length };
    await assert.rejects(fetchOnce([{ body: 'hello', headers }]), fails('BAD_RESPONSE'));
  }
});

test('an unasked 206 is saved only if it says it is whole (F12)', async () => {
  const whole = { status: 206, body: 'hello', headers: { 'content-range': 'bytes 0-4/5' } };
  assert.equal(((await fetchOnce([whole])) as Kept).resumedFrom, 0);
  for (const range of ['bytes 0-4/10', 'bytes 1-5/6', 'bytes 0-4/*', 'bytes=0-4/5', 'junk', '']) {
    const headers = { 'content-range': range };
    await assert.rejects(fetchOnce([{ ...whole, headers }]), fails('HTTP_STATUS', { status: 206 }));
  }
  const headers = { 'content-type': 'multipart/byteranges; boundary=x' };
  await assert.rejects(fetchOnce([{ ...whole, headers }]), fails('HTTP_STATUS'));
});

test('the stated size of an unasked whole 206 is checked', async () => {
  const answer = { status: 206, body: 'hell', headers: { 'content-range': 'bytes 0-4/5' } };
  await assert.rejects(fetchOnce([answer]), fails('TRUNCATED'));
});

test('a body is stored as it came, and identity is asked for (R10, R11)', async () => {
  const transport = wire([{ body: 'zipped', headers: { 'content-encoding': 'gzip' } }]);
  const sink = shelf();
  await fetchOnce(transport, sink);
  assert.equal(transport.sent[0]!.headers['Accept-Encoding'], 'identity');
  assert.deepEqual(String(sink.published), 'zipped');
  assert.equal(sink.heads[0]!.headers['content-encoding'], 'gzip');
});

test('the request goes out without fragment and userinfo, under the task’s signal and deadline', async () => {
  const transport = wire([{}]);
  const task = taskOf('https://me:secret@h/a?b#c', { deadline: 77 });
  const outcome = (await fetchOnce(transport, shelf(), {}, task)) as Kept;
  const [request] = transport.sent;
  assert.equal(request!.url, 'https://h/a?b');
  assert.equal(outcome.finalUrl, 'https://h/a?b');
  assert.equal(request!.signal, task.signal);
  assert.equal(request!.deadline, 77);
  assert.equal(request!.method, 'GET');
});

test('a redirect is told and its body not taken; what is held stays', async () => {
  const sink = shelf(part, 'hello');
  const answer = { status: 302, headers: { location: '/b' }, body: 'moved' };
  assert.deepEqual(await fetchOnce([answer], sink), { status: 'moved', to: 'http://h/b', httpStatus: 302 });
  assert.deepEqual(sink.calls, ['held']);
});

test('two header lines of one name reach the sink joined', async () => {
  const sink = shelf();
  await fetchOnce([{ headers: { 'x-a': ['1', '2'] } }], sink);
  assert.equal(sink.heads[0]!.headers['x-a'], '1, 2');
});

test('a header of the job that may not be sent fails its line', async () => {
  const job = jobOf(home, { headers: { 'X-A': 'a\r\nHost: evil' } });
  await assert.rejects(fetchOnce([], shelf(), {}, taskOf(home, { job })), fails('BAD_LINE'));
});
