import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Transport } from '../../src/types.ts';
import { bytesOf, type Server, startServer } from '../support/server.ts';
import { failure, gatherer, get, open, request } from '../support/wire.ts';

let server: Server;
let secure: Server;
let wire: Transport;

before(async () => {
  server = await startServer();
  secure = await startServer({ tls: true });
  wire = open({ insecure: true });
});

after(async () => {
  await wire.close();
  await server.close();
  await secure.close();
});

test('a body with Content-Length comes whole, over http and https', async () => {
  for (const origin of [server, secure]) {
    const answer = await get(wire, origin.url('/file/a?size=300000&seed=7'));
    assert.equal(answer.framing, 'length');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['etag'], '"v7-300000"');
    assert.ok(answer.body.equals(bytesOf(300_000, 7)));
  }
});

test('an empty body with Content-Length: 0 is whole', async () => {
  const answer = await get(wire, server.url('/file/a?size=0'));
  assert.deepEqual([answer.framing, answer.body.length], ['length', 0]);
});

test('a chunked body comes whole, with and without a trailer', async () => {
  for (const path of ['/chunked/25000', '/chunked/25000?trailer=1']) {
    const answer = await get(wire, server.url(path));
    assert.equal(answer.framing, 'chunked');
    assert.ok(answer.body.equals(bytesOf(25_000)));
  }
});

test('a body that ends with its connection is whole and told as such, of HTTP/1.0 too', async () => {
  for (const url of [server.url('/no-length/5000'), server.url('/http10/5000'), secure.url('/no-length/5000')]) {
    const answer = await get(wire, url);
    assert.equal(answer.framing, 'close');
    assert.ok(answer.body.equals(bytesOf(5000)));
  }
});

test('a body shorter than its Content-Length is TRUNCATED, and what came was handed on (F1)', async () => {
  for (const origin of [server, secure]) {
    const into = gatherer();
    await failure('TRUNCATED', wire.send(request(origin.url('/cut-at/1000?size=5000')), into));
    assert.ok(Buffer.concat(into.chunks).equals(bytesOf(5000).subarray(0, 1000)));
  }
});

test('a chunked body without its last chunk is TRUNCATED, announced by Connection: close or not (F2)', async () => {
  for (const path of ['/cut-chunked/1000', '/cut-chunked/1000?close=1', '/cut-trailer/1000'])
    await failure('TRUNCATED', get(wire, server.url(path)));
});

test('a reset is RESET, with a length (F3) and without (F5), over TLS too', async () => {
  for (const origin of [server, secure]) {
    const withLength = await failure('RESET', get(wire, origin.url('/reset-at/1000?size=5000')));
    assert.equal(withLength.facts.reason, 'ECONNRESET');
    const without = await failure('RESET', get(wire, origin.url('/reset-no-length/1000')));
    assert.equal(without.facts.reason, 'ECONNRESET');
    assert.ok(without.facts.cause instanceof Error);
  }
});

test('no answer at all is RESET and not stale on a fresh connection (T11)', async () => {
  for (const path of ['/empty-reply', '/reset', '/half-head']) {
    const fresh = open();
    const error = await failure('RESET', get(fresh, server.url(path)));
    assert.equal(error.facts.stale, undefined);
    assert.equal(error.facts.url, server.url(path));
    await fresh.close();
  }
});

test('Transfer-Encoding other than exactly chunked is BAD_RESPONSE (F10)', async () => {
  for (const path of ['/gzip-te', '/set-header?Transfer-Encoding=gzip'])
    await failure('BAD_RESPONSE', get(wire, server.url(path)));
});

test('lengths that cannot be are BAD_RESPONSE (F8)', async () => {
  const paths = ['/two-lengths', '/negative-length', '/junk-length', '/junk-length?value=3,%204'];
  paths.push('/junk-length?value=99999999999999999999', '/junk-length?value=%2B5');
  for (const path of paths) await failure('BAD_RESPONSE', get(wire, server.url(path)));
});

test('what is no HTTP/1.1 is BAD_RESPONSE', async () => {
  for (const path of ['/http09', '/http12', '/icy', '/switching'])
    await failure('BAD_RESPONSE', get(wire, server.url(path)));
});

test('what all peers read is read: bare LF, folded lines, an unasked 100, one length twice, identity (W2, W3, W4, F8)', async () => {
  const paths = [
    '/bare-lf',
    '/obs-fold',
    '/continue-unasked',
    '/same-lengths',
    '/junk-length?value=5,%205',
    '/identity-te',
  ];
  for (const path of paths) assert.equal((await get(wire, server.url(path))).body.toString(), 'hello', path);
});

test('of a length and chunks the chunks count, and their connection serves nothing more (F9)', async () => {
  const before = server.connections();
  assert.equal((await get(wire, server.url('/cl-and-te'))).body.toString(), 'hello');
  await get(wire, server.url('/file/a'));
  assert.ok(server.connections() > before);
});

test('204 and 304 with a Content-Length have no body and are no error (F11)', async () => {
  for (const [path, status] of [
    ['/304-with-length', 304],
    ['/204-with-length', 204],
    ['/204-with-length?close=1', 204],
  ] as const) {
    const answer = await get(wire, server.url(path));
    assert.deepEqual([answer.framing, answer.status, answer.body.length], ['none', status, 0]);
  }
});

test('HEAD has no body, whatever its Content-Length', async () => {
  const answer = await get(wire, server.url('/file/a?size=1000'), { method: 'HEAD' });
  assert.deepEqual([answer.framing, answer.headers['content-length'], answer.body.length], ['none', '1000', 0]);
});

test('bytes behind the body are never handed on, and their connection serves nothing more (F7)', async () => {
  for (const path of ['/extra-bytes?size=100', '/poisoned']) {
    const before = server.connections();
    const answer = await get(wire, server.url(path));
    assert.ok(answer.body.length === 100 || answer.body.toString() === 'first');
    const next = await get(wire, server.url('/file/a?size=10&seed=3'));
    assert.ok(next.body.equals(bytesOf(10, 3)));
    assert.ok(server.connections() > before, 'a new connection was made');
  }
});

test('a header block up to 64 kB is read, a larger one is BAD_RESPONSE (T6)', async () => {
  assert.equal((await get(wire, server.url('/huge-headers/60000'))).body.toString(), 'hello');
  await failure('BAD_RESPONSE', get(wire, server.url('/huge-headers/70000')));
  await failure('BAD_RESPONSE', get(wire, server.url('/endless-headers')));
});

test('headers come as latin1 with lower-case names, as a list where a name stood twice', async () => {
  const path = `/set-header?X-Twice=a&X-Twice=b&X-Utf8=${encodeURIComponent('é')}&__proto__=p`;
  const { headers } = await get(wire, server.url(path));
  assert.deepEqual(headers['x-twice'], ['a', 'b']);
  assert.equal(headers['x-utf8'], 'Ã©');
  assert.equal(Object.getPrototypeOf(headers), Object.prototype);
});

test('the request is sent as given: path, query, headers; Host and keep-alive added; no fragment, no userinfo', async () => {
  const url = server.url('/echo?q=%20a&b').replace('http://', 'http://user:secret@');
  const { body } = await get(wire, `${url}#there`, { headers: { 'X-Mine': 'yes', 'Accept-Encoding': 'identity' } });
  assert.deepEqual(JSON.parse(body.toString()), {
    ':method': 'GET',
    ':path': '/echo?q=%20a&b',
    host: `127.0.0.1:${server.port}`,
    connection: 'keep-alive',
    'x-mine': 'yes',
    'accept-encoding': 'identity',
  });
});

test('errors never show userinfo', async () => {
  const url = server.url('/empty-reply').replace('http://', 'http://user:secret@');
  const error = await failure('RESET', get(wire, url));
  assert.doesNotMatch(JSON.stringify([error.message, error.facts.url]), /secret/);
});

test('a reset that comes after the last byte of a body without length is no end, under load too (F5, libuv#4997)', async () => {
  const busy = open({ maxWorkers: 64 });
  const total = 2_000;
  let [saved, asked] = [0, 0];
  const one = async () => {
    while (asked < total) {
      asked += 1;
      await get(busy, server.url('/reset-no-length/3000?pause=0')).then(
        () => (saved += 1),
        (error) => assert.ok(['RESET', 'TRUNCATED'].includes(error.code), error.message),
      );
    }
  };
  await Promise.all(Array.from({ length: 64 }, one));
  await busy.close();
  assert.equal(saved, 0, `${saved} of ${total} resets were taken for an end`);
});

test('a cut body says how many of how many bytes came', async () => {
  const error = await failure('TRUNCATED', get(wire, server.url('/cut-at/1000?size=5000')));
  assert.match(error.message, /the server closed the connection/);
});
