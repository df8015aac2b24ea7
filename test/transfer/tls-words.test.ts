import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { isPermanent } from '../../src/schedule/retry-policy.ts';
import { tls } from '../../src/transfer/tls.ts';
import { distrustWords, handshakeWords } from '../../src/transfer/tls-words.ts';
import { certificate } from '../support/certificates.ts';
import { startServer } from '../support/server.ts';
import { failure, get, withWire } from '../support/wire.ts';

const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

interface Listening {
  listen(port: number, host: string, done: () => void): unknown;
  address(): AddressInfo | string | null;
  close(done: () => void): unknown;
}

async function portOf(t: TestContext, server: Listening, sockets: Set<Socket>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** A TLS server with these options that answers each request. */
async function speaking(t: TestContext, options: TlsOptions, serve?: (socket: TLSSocket) => void): Promise<number> {
  const { key, cert } = certificate();
  const sockets = new Set<Socket>();
  const server = createTlsServer({ key, cert, ...options }, (socket) => {
    socket.on('error', () => {});
    if (serve) serve(socket);
    else socket.on('data', () => socket.write(answer));
  });
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  server.on('tlsClientError', () => {});
  return portOf(t, server, sockets);
}

const wordsFor: [string, TlsOptions, RegExp][] = [
  [
    'TLS 1.0 alone',
    { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' },
    /: the server speaks only TLS 1\.1 or older, which is not safe any more$/,
  ],
  [
    'no common cipher',
    { maxVersion: 'TLSv1.2', ciphers: 'NULL-SHA256:@SECLEVEL=0' },
    /: the server has no cipher in common with pdl, or wants a client certificate, which pdl cannot send$/,
  ],
  ['HTTP/2 alone', { ALPNProtocols: ['h2'] }, /: the server speaks only HTTP\/2, and pdl only HTTP\/1\.1$/],
  [
    'a client certificate, in TLS 1.2',
    { maxVersion: 'TLSv1.2', requestCert: true, rejectUnauthorized: true },
    /or wants a client certificate, which pdl cannot send$/,
  ],
  [
    'a client certificate, in TLS 1.3',
    { requestCert: true, rejectUnauthorized: true },
    /: the server wants a client certificate, which pdl cannot send$/,
  ],
];
for (const [what, options, message] of wordsFor)
  test(`a server of ${what} is told in words, once and for good`, async (t) => {
    const port = await speaking(t, options);
    const error = await withWire({ insecure: true }, (wire) => failure('TLS', get(wire, `https://localhost:${port}/`)));
    assert.match(error.message, message);
    assert.match(error.message, /localhost:\d+/);
    assert.doesNotMatch(error.message, /SSL routines|openssl|[0-9A-F]{8}:error/);
    assert.equal(isPermanent(error), true);
  });

test('who is not trusted and who does not speak TLS are two different sentences', async (t) => {
  const port = await speaking(t, {});
  const distrusted = await withWire({}, (wire) => failure('TLS', get(wire, `https://localhost:${port}/`)));
  assert.match(
    distrusted.message,
    /^Cannot trust localhost:\d+: its certificate is self-signed \(--cacert FILE trusts/,
  );
  const plain = await startServer();
  t.after(() => plain.close());
  const url = plain.url('/file/a', 'localhost').replace('http:', 'https:');
  const spoken = await withWire({}, (wire) => failure('TLS', get(wire, url)));
  assert.match(spoken.message, /^Cannot speak TLS with localhost:\d+: what answers there does not speak TLS/);
});

test('an issuer that is not known names the store of this machine, where there is one', () => {
  for (const code of [
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'SELF_SIGNED_CERT_IN_CHAIN',
  ])
    assert.match(distrustWords(code)!, /^its certificate chain|^the issuer of its certificate is not known/);
  if (process.platform === 'linux')
    assert.match(distrustWords('UNABLE_TO_GET_ISSUER_CERT_LOCALLY')!, /--cacert \/etc\//);
  assert.equal(distrustWords('ECONNRESET'), null);
});

test('an alert that is not in the table is told by OpenSSL’s reason alone', () => {
  const error = Object.assign(new Error('80F0:error:0A000126:SSL routines::odd thing:../deps/openssl'), {
    code: 'ERR_SSL_ODD_THING',
    reason: 'odd thing',
  });
  assert.equal(handshakeWords(error), 'the handshake failed (odd thing)');
  assert.equal(handshakeWords(Object.assign(new Error('x'), { code: 'ECONNRESET' })), null);
});

test('http:// to a port that speaks TLS, HTTP/2 or SSH says so', async (t) => {
  const replies: [string | Buffer, RegExp][] = [
    [Buffer.from([0x15, 3, 3, 0, 2, 2, 70]), /it speaks TLS on this port: is it https:\/\/\?/],
    [Buffer.from([0, 0, 18, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 128]), /it speaks HTTP\/2, and pdl only HTTP\/1\.1/],
    ['SSH-2.0-OpenSSH_9.2\r\n', /it does not begin with HTTP\/1\.1/],
  ];
  for (const [reply, message] of replies) {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      socket.once('data', () => socket.end(reply));
    });
    const port = await portOf(t, server, sockets);
    const error = await withWire({}, (wire) => failure('BAD_RESPONSE', get(wire, `http://127.0.0.1:${port}/`)));
    assert.match(error.message, message);
  }
});

test('a dot at the end of a host name is no part of the server name', async (t) => {
  const names: (string | false | null)[] = [];
  const made = certificate();
  const port = await speaking(t, {}, (socket) => {
    names.push(socket.servername);
    socket.once('data', () => socket.end(answer));
  });
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  const secured = await tls(made.certFile, false).shake(socket, 'localhost.', port);
  assert.equal(secured.authorized, true, 'its certificate is for localhost');
  secured.resume().end('x');
  await new Promise((resolve) => secured.once('close', resolve));
  assert.deepEqual(names, ['localhost']);
});

/** Whether a ClientHello offers to take an earlier session up: the pre_shared_key extension of TLS 1.3 (RFC 8446 section 4.2.11). */
function offersSession(hello: Buffer): boolean {
  let at = 5 + 4 + 2 + 32;
  at += 1 + hello[at]!;
  at += 2 + hello.readUInt16BE(at);
  at += 1 + hello[at]!;
  const end = at + 2 + hello.readUInt16BE(at);
  for (at += 2; at + 4 <= end; at += 4 + hello.readUInt16BE(at + 2)) if (hello.readUInt16BE(at) === 41) return true;
  return false;
}

test('a server that resets resumed sessions gets a full handshake at once, and no session any more', async (t) => {
  let inner = 0;
  inner = await speaking(t, {}, (socket) => socket.once('data', () => socket.end(answer)));
  const hellos: boolean[] = [];
  const sockets = new Set<Socket>();
  const front = createServer((client) => {
    sockets.add(client.on('error', () => {}));
    client.once('data', (hello) => {
      hellos.push(offersSession(hello));
      if (hellos.at(-1)) {
        client.resetAndDestroy();
        return;
      }
      const server = connect(inner, '127.0.0.1').on('error', () => client.destroy());
      sockets.add(server);
      server.write(hello);
      client.pipe(server).pipe(client);
    });
  });
  const port = await portOf(t, front, sockets);
  await withWire({ insecure: true }, async (wire) => {
    for (let count = 0; count < 5; count++) {
      assert.equal((await get(wire, `https://localhost:${port}/`)).body.toString(), 'ok');
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  assert.equal(hellos.filter(Boolean).length, 1, 'it was offered once');
});

test('a resumed session that is cut off at its first request is a free try, and the last one there', async (t) => {
  const resumed: boolean[] = [];
  const port = await speaking(t, {}, (socket) => {
    resumed.push(socket.isSessionReused());
    socket.once('data', () => {
      if (socket.isSessionReused()) socket.destroy();
      else socket.end(answer);
    });
  });
  await withWire({ insecure: true }, async (wire) => {
    const url = `https://localhost:${port}/`;
    await get(wire, url);
    assert.equal((await failure('RESET', get(wire, url))).facts.stale, true);
    for (let count = 0; count < 3; count++) await get(wire, url);
  });
  assert.deepEqual(resumed, [false, true, false, false, false]);
});
