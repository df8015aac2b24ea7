import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Held, Kept } from '../../src/types.ts';
import { earlier, fails, fetchOnce, home, later, taskOf, wire } from './fakes.ts';
import { shelf } from './shelf.ts';

const tagged = { etag: '"one"' };
const part: Held = { kind: 'part', offset: 5, validator: '"one"', total: 10 };
const rest = { ...tagged, 'content-range': 'bytes 5-9/10' };
const again = { status: 'moved', to: home, again: 'anew' };

test('a part continues under its validator (R1)', async () => {
  const sink = shelf(part, 'hello');
  const transport = wire([{ status: 206, headers: rest, body: 'world' }]);
  const outcome = (await fetchOnce(transport, sink)) as Kept;
  assert.equal(transport.sent[0]!.headers['Range'], 'bytes=5-');
  assert.equal(transport.sent[0]!.headers['If-Range'], '"one"');
  assert.deepEqual([outcome.bytes, outcome.resumedFrom, outcome.httpStatus], [10, 5, 206]);
  assert.deepEqual(String(sink.published), 'helloworld');
  assert.deepEqual([sink.heads[0]!.total, sink.heads[0]!.validator], [10, '"one"']);
});

test('a rest that is cut leaves the longer part', async () => {
  const sink = shelf(part, 'hello');
  await assert.rejects(fetchOnce([{ status: 206, headers: rest, body: 'world', cutAt: 2 }], sink), fails('RESET'));
  assert.deepEqual(sink.note, { ...part, offset: 7 });
});

test('200 to a Range starts over with this body (R5)', async () => {
  const sink = shelf(part, 'hello');
  const outcome = (await fetchOnce([{ headers: { etag: '"two"' }, body: 'another' }], sink)) as Kept;
  assert.deepEqual(String(sink.published), 'another');
  assert.deepEqual([outcome.resumedFrom, outcome.bytes], [0, 7]);
});

test('206 that does not fit drops the part and asks anew (R6, R7, R11)', async () => {
  const misfits: Record<string, Record<string, string>> = {
    'wrong start': { ...rest, 'content-range': 'bytes 4-9/10' },
    'an end that its length contradicts': { ...rest, 'content-range': 'bytes 5-8/10' },
    'end before start': { ...rest, 'content-range': 'bytes 9-5/10' },
    'wrong total': { ...rest, 'content-range': 'bytes 5-10/11' },
    'other unit': { ...rest, 'content-range': 'lines 5-9/10' },
    'no range': tagged,
    'another tag': { ...rest, etag: '"two"' },
    'a weak tag': { ...rest, etag: 'W/"one"' },
    'no tag': { 'content-range': 'bytes 5-9/10' },
    'another encoding': { ...rest, 'content-encoding': 'gzip' },
    multipart: { ...tagged, 'content-type': 'multipart/byteranges; boundary=x' },
  };
  for (const [name, headers] of Object.entries(misfits)) {
    const sink = shelf(part, 'hello');
    const outcome = await fetchOnce([{ status: 206, headers, body: 'world' }], sink);
    assert.deepEqual(outcome, { ...again, httpStatus: 206 }, name);
    assert.deepEqual(sink.calls, ['held', 'forget'], name);
  }
});

test('an encoded part continues only in its own encoding', async () => {
  const sink = shelf({ ...part, encoding: 'gzip' }, 'hello');
  const headers = { ...rest, 'content-encoding': 'gzip' };
  assert.equal((await fetchOnce([{ status: 206, headers, body: 'world' }], sink)).status, 'saved');
  const other = shelf({ ...part, encoding: 'gzip' }, 'hello');
  assert.equal((await fetchOnce([{ status: 206, headers: rest, body: 'world' }], other)).status, 'moved');
});

test('416 that states what is held means all is there (R8)', async () => {
  const sink = shelf({ ...part, offset: 10 }, 'helloworld');
  const headers = { ...tagged, 'content-range': 'bytes */10', 'content-type': 'text/html' };
  const outcome = (await fetchOnce([{ status: 416, headers, body: '<html>' }], sink)) as Kept;
  assert.deepEqual(String(sink.published), 'helloworld');
  assert.deepEqual(sink.calls, ['held', 'begin', 'finish']);
  assert.deepEqual([outcome.bytes, outcome.resumedFrom, outcome.contentType], [10, 10, null]);
  assert.equal(outcome.lengthUnknown, undefined);
});

test('416 that states anything else drops the part and asks anew (R9)', async () => {
  const junk: [Held, Record<string, string>][] = [
    [part, { 'content-range': 'bytes */3' }],
    [part, { 'content-range': 'bytes */10' }],
    [part, {}],
    [part, { 'content-range': 'bytes */5' }],
    [
      { ...part, offset: 10 },
      { 'content-range': 'bytes */10', etag: '"two"' },
    ],
    [{ kind: 'part', offset: 5, validator: '"one"' }, { 'content-range': 'bytes */5' }],
    [
      { ...part, offset: 10, validator: earlier },
      { 'content-range': 'bytes */10', 'last-modified': later },
    ],
  ];
  for (const [held, headers] of junk) {
    const sink = shelf(held, 'helloworld');
    assert.deepEqual(await fetchOnce([{ status: 416, headers }], sink), { ...again, httpStatus: 416 });
    assert.deepEqual(sink.calls, ['held', 'forget']);
  }
});

test('without a recorded total only its own validator makes a 416 complete', async () => {
  const sink = shelf({ kind: 'part', offset: 5, validator: '"one"' }, 'hello');
  const headers = { ...tagged, 'content-range': 'bytes */5' };
  assert.equal((await fetchOnce([{ status: 416, headers }], sink)).status, 'saved');
});

test('what cannot be continued is asked for from zero (R2, R4, R13, --no-resume)', async () => {
  const useless: [Held, boolean][] = [
    [{ ...part, validator: 'W/"one"' }, false],
    [{ ...part, validator: '' }, false],
    [{ ...part, validator: 'one' }, false],
    [{ ...part, validator: '""' }, false],
    [{ ...part, offset: 0 }, false],
    [{ ...part, offset: 11 }, false],
    [part, true],
  ];
  for (const [held, noResume] of useless) {
    const sink = shelf(held, 'hello world');
    const transport = wire([{ body: 'fresh' }]);
    await fetchOnce(transport, sink, { noResume });
    assert.equal(transport.sent[0]!.headers['Range'], undefined);
    assert.equal(transport.sent[0]!.headers['If-Range'], undefined);
    assert.deepEqual(String(sink.published), 'fresh');
  }
});

test('only a strong validator is noted for later (R2, R3, R4)', async () => {
  const cases: [Record<string, string | string[]>, string | undefined][] = [
    [{ etag: '"a"' }, '"a"'],
    [{ etag: '"a"', 'last-modified': earlier, date: later }, '"a"'],
    [{ etag: 'W/"a"', 'last-modified': earlier, date: later }, undefined],
    [{ etag: 'a', 'last-modified': earlier, date: later }, earlier],
    [{ etag: 'a' }, undefined],
    [{ etag: 'w/"a"', 'last-modified': earlier, date: later }, undefined],
    [{ etag: '""', 'last-modified': earlier, date: later }, undefined],
    [{ etag: ['"a"', '"b"'] }, undefined],
    [{ 'last-modified': earlier, date: later }, earlier],
    [{ 'last-modified': earlier, date: earlier }, undefined],
    [{ 'last-modified': earlier }, undefined],
    [{ 'last-modified': 'yesterday', date: later }, undefined],
    [{}, undefined],
  ];
  for (const [headers, validator] of cases) {
    const sink = shelf();
    await fetchOnce([{ headers, body: 'x' }], sink);
    assert.equal(sink.heads[0]!.validator, validator, JSON.stringify(headers));
  }
});

test('Last-Modified is echoed to the letter (R3)', async () => {
  const old = 'Monday, 01-Jan-24 00:00:00 GMT';
  const transport = wire([
    { status: 206, headers: { 'content-range': 'bytes 5-9/10', 'last-modified': old }, body: 'world' },
  ]);
  await fetchOnce(transport, shelf({ ...part, validator: old }, 'hello'));
  assert.equal(transport.sent[0]!.headers['If-Range'], old);
});

test('a whole file is asked about, and 304 passes it over', async () => {
  const transport = wire([{ status: 304, framing: 'none', headers: { 'content-length': '1000' } }]);
  const sink = shelf({ kind: 'whole', etag: 'W/"a"', lastModified: earlier, path: 'dir/a.bin' });
  const outcome = await fetchOnce(transport, sink, { noResume: true });
  assert.deepEqual(outcome, { status: 'skipped', reason: 'unchanged', path: 'dir/a.bin' });
  assert.equal(transport.sent[0]!.headers['If-None-Match'], 'W/"a"');
  assert.equal(transport.sent[0]!.headers['If-Modified-Since'], earlier);
  assert.deepEqual(sink.calls, ['held']);
});

test('a whole file without validators is fetched; its 304 is a failure', async () => {
  await assert.rejects(fetchOnce([{ status: 304 }], shelf({ kind: 'whole' })), fails('HTTP_STATUS', { status: 304 }));
});

const dated: Held = { kind: 'part', offset: 5, validator: earlier, total: 10 };

test('a range that ends too early is landed, and the rest asked for', async () => {
  const size = 5_000;
  const sink = shelf({ ...part, total: size }, 'hello');
  const headers = { ...tagged, 'content-range': `bytes 5-2004/${size}` };
  const outcome = await fetchOnce([{ status: 206, headers, body: 'x'.repeat(2_000) }], sink);
  assert.deepEqual(outcome, { ...again, httpStatus: 206, again: 'rest' });
  assert.deepEqual(sink.note, { ...part, total: size, offset: 2_005 });
  assert.deepEqual(sink.published, []);
});

test('a range of a few bytes is a cut body: it is kept, and the next try comes after a pause', async () => {
  const sink = shelf(part, 'hello');
  const headers = { ...tagged, 'content-range': 'bytes 5-6/10' };
  const failing = fetchOnce([{ status: 206, headers, body: 'wo' }], sink);
  await assert.rejects(failing, fails('TRUNCATED', { kept: 2 }, /, after 7 of 10 bytes$/));
  assert.deepEqual(sink.note, { ...part, offset: 7 });
});

test('more bytes than a range announced are never a file', async () => {
  for (const announced of ['bytes 5-6/10', 'bytes 5-9/10']) {
    const sink = shelf(part, 'hello');
    const headers = { ...tagged, 'content-range': announced };
    await assert.rejects(
      fetchOnce([{ status: 206, headers, body: 'world and more', piece: 2, framing: 'chunked' }], sink),
      fails('BAD_RESPONSE'),
    );
    assert.equal(sink.note, null);
  }
});

test('Last-Modified may be missing in a 206 to If-Range (RFC 9110 section 15.3.7), where the size is known to be the same', async () => {
  const answer = { status: 206, headers: { 'content-range': 'bytes 5-9/10' }, body: 'world' };
  const sink = shelf(dated, 'hello');
  assert.equal((await fetchOnce([answer], sink)).status, 'saved');
  assert.deepEqual(String(sink.published), 'helloworld');
  const { total: _, ...sizeless } = dated;
  assert.deepEqual(await fetchOnce([answer], shelf(sizeless, 'hello')), { ...again, httpStatus: 206 });
});

test('a tag without quotes beside the same Last-Modified is no other version', async () => {
  const headers = { etag: 'one', 'last-modified': earlier, 'content-range': 'bytes 5-9/10' };
  assert.equal((await fetchOnce([{ status: 206, headers, body: 'world' }], shelf(dated, 'hello'))).status, 'saved');
});

test('a 200 whose Content-Range says that it is a rest is asked for anew; unasked it is a failure', async () => {
  const answer = { status: 200, headers: rest, body: 'world' };
  const sink = shelf(part, 'hello');
  assert.deepEqual(await fetchOnce([answer], sink), { ...again, httpStatus: 200 });
  assert.equal(sink.note, null);
  await assert.rejects(fetchOnce([answer]), fails('BAD_RESPONSE', {}, /bytes 5 to 9 only/));
  // A Content-Range says nothing of a whole body.
  const whole = { status: 200, headers: { ...tagged, 'content-range': 'bytes 5-9/10' }, body: 'helloworld' };
  assert.equal((await fetchOnce([whole])).status, 'saved');
});

test('a range that is refused says so, so that one plain request can follow', async () => {
  for (const status of [400, 403, 404, 405, 412, 417, 501, 503]) {
    const sink = shelf(part, 'hello');
    await assert.rejects(fetchOnce([{ status }], sink), fails('HTTP_STATUS', { status, ranged: true }));
    assert.deepEqual(sink.note, part, 'the part stays until a whole body comes');
  }
  await assert.rejects(fetchOnce([{ status: 404 }]), fails('HTTP_STATUS', { ranged: undefined }));
});

test('the whole is asked for where the task says so', async () => {
  const transport = wire([{ headers: { etag: '"two"' }, body: 'another' }]);
  const sink = shelf(part, 'hello');
  await fetchOnce(transport, sink, {}, taskOf(home, { whole: true }));
  assert.equal(transport.sent[0]!.headers['Range'], undefined);
  assert.deepEqual(String(sink.published), 'another');
});

test('a part is continued only at the resource that it came from; a query may be a signature, a host a storage node', async () => {
  const answer = { status: 206, headers: rest, body: 'world' };
  const at = (from: string): Held => ({ ...part, from });
  for (const from of [home, 'http://h/a.bin?signed=2', 'https://node-7.h/a.bin'])
    assert.equal((await fetchOnce([answer], shelf(at(from), 'hello'))).status, 'saved', from);
  for (const from of ['http://h/b.bin', 'http://h/builds/a.bin', 'http://h/'])
    assert.deepEqual(await fetchOnce([answer], shelf(at(from), 'hello')), { ...again, httpStatus: 206 }, from);
  // A date is the same for all files of one build.
  const headers = { 'last-modified': earlier, 'content-range': 'bytes 5-9/10' };
  const elsewhere: Held = { ...dated, from: 'http://other/a.bin' } as Held;
  assert.deepEqual(await fetchOnce([{ ...answer, headers }], shelf(elsewhere, 'hello')), { ...again, httpStatus: 206 });
});
