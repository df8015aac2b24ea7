import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { PdlError } from '../../src/errors.ts';
import { dial } from '../../src/transfer/connect.ts';
import { type LookUp, Names } from '../../src/transfer/dns.ts';
import { tls } from '../../src/transfer/tls.ts';
import { startServer } from '../support/server.ts';
import { failure, get, withWire } from '../support/wire.ts';

/** Dials host:port where `hosts` says what the resolver knows. */
function call(hosts: Record<string, string[]>, hostname: string, port: number, noPrivate = false): Promise<Socket> {
  const lookUp: LookUp = (host, done) => {
    const addresses = hosts[host]?.map(
      (address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }),
    );
    if (addresses) done(null, addresses);
    else done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' }), []);
  };
  const means = {
    names: new Names(systemClock, lookUp),
    secure: tls(null, false),
    proxySecure: tls(null, false),
    noPrivate,
  };
  return new Promise((resolve, reject) => {
    dial(means, { hostname, port, secure: false, proxy: null }, (error, socket) => {
      if (socket === null) reject(error);
      else resolve(socket);
    });
  });
}

test('the next address is tried when one refuses, of either family (X3)', async () => {
  const server = await startServer();
  for (const addresses of [['127.0.0.2', '127.0.0.1'], ['::1', '127.0.0.1'], ['127.0.0.1']]) {
    const socket = await call({ 'two.example': addresses }, 'two.example', server.port);
    assert.equal(socket.remoteAddress, '127.0.0.1');
    socket.destroy();
  }
  await server.close();
});

test('when all addresses fail, each is named and the error is CONNECT (X4)', async () => {
  const error = await failure('CONNECT', call({ 'two.example': ['127.0.0.2', '127.0.0.3'] }, 'two.example', 1));
  assert.equal(error.facts.reason, 'ECONNREFUSED');
  assert.match(error.message, /two\.example:1: .*127\.0\.0\.2:1.*127\.0\.0\.3:1/);
  assert.ok(error.facts.cause instanceof AggregateError);
});

test('a refused connection is CONNECT, with address and errno', async () => {
  const error = await withWire({}, (wire) => failure('CONNECT', get(wire, 'http://127.0.0.1:1/')));
  assert.match(error.message, /^Cannot connect to 127\.0\.0\.1:1: connection refused \(ECONNREFUSED 127\.0\.0\.1:1\)$/);
  const zero = await failure('CONNECT', call({ 'zero.example': ['127.0.0.1'] }, 'zero.example', 0));
  assert.match(zero.message, / \(ECONNREFUSED 127\.0\.0\.1:0\)$/);
});

test('a name that does not exist is DNS, with the resolver’s reason', async () => {
  const error = await failure('DNS', call({}, 'nosuch.example', 80));
  assert.equal(error.facts.reason, 'ENOTFOUND');
  assert.match(error.message, /nosuch\.example: there is no such name/);
});

test('names of the hosts file hold', async () => {
  const server = await startServer();
  const answer = await withWire({}, (wire) => get(wire, server.url('/file/a', 'localhost')));
  assert.equal(answer.status, 200);
  await server.close();
});

test('of a host with public and private addresses only the public are tried under --no-private (D6)', async () => {
  const error = await failure(
    'PRIVATE_ADDRESS',
    call({ 'rebound.example': ['127.0.0.1', '::1'] }, 'rebound.example', 80, true),
  );
  assert.match(error.message, /127\.0\.0\.1/);
});

test('hanging up ends a call without a word, at whatever step', async () => {
  const silent = createServer((socket) => socket.on('error', () => {}).resume());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const means = {
    names: new Names(systemClock),
    secure: tls(null, false),
    proxySecure: tls(null, false),
    noPrivate: false,
  };
  for (let turns = 0; turns < 12; turns++) {
    const place = { hostname: '127.0.0.1', port, secure: true, proxy: null };
    const { hangUp } = dial(means, place, () => assert.fail('done was called'));
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    hangUp();
  }
  await new Promise((resolve) => silent.close(resolve));
});

test('errors of a connect are PdlErrors, whatever was thrown', async () => {
  const error = await call({ 'bad.example': ['not an address'] }, 'bad.example', 80).catch((reason) => reason);
  assert.ok(error instanceof PdlError);
});
