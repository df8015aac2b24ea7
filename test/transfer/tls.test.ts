import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { UsageError } from '../../src/errors.ts';
import { certificate } from '../support/certificates.ts';
import { bytesOf, type Server, type ServerOptions, startServer } from '../support/server.ts';
import { failure, get, open, type Some, withWire } from '../support/wire.ts';

async function served(options: ServerOptions, work: (server: Server) => Promise<void>): Promise<void> {
  const server = await startServer(options);
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

const trust = (cacert: string): Some => ({ cacert });

test('a self-signed certificate is TLS, with host and reason, and no request is sent (X5)', () =>
  served({ tls: true }, async (server) => {
    const error = await withWire({}, (wire) => failure('TLS', get(wire, server.url('/file/a', 'localhost'))));
    assert.equal(error.facts.reason, 'DEPTH_ZERO_SELF_SIGNED_CERT');
    assert.match(error.message, /localhost:\d+: its certificate is self-signed/);
    assert.equal(server.log.length, 0);
  }));

test('--cacert trusts the authority it holds, -k trusts anybody', () =>
  served({ tls: true }, async (server) => {
    for (const settings of [trust(server.certificate!.certFile), { insecure: true }]) {
      for (const host of ['localhost', '127.0.0.1']) {
        const answer = await withWire(settings, (wire) => get(wire, server.url('/file/a?size=70000', host)));
        assert.ok(answer.body.equals(bytesOf(70_000)));
      }
    }
  }));

test('an expired certificate and one for another host are TLS, though their issuer is trusted', async () => {
  const expired = certificate({ expired: true });
  await served({ tls: expired }, async (server) => {
    const error = await withWire(trust(expired.certFile), (wire) => failure('TLS', get(wire, server.url('/file/a'))));
    assert.equal(error.facts.reason, 'CERT_HAS_EXPIRED');
  });
  const other = certificate({ names: ['DNS:elsewhere.example'] });
  await served({ tls: other }, async (server) => {
    for (const host of ['localhost', '127.0.0.1']) {
      const error = await withWire(trust(other.certFile), (wire) => failure('TLS', get(wire, server.url('/', host))));
      assert.equal(error.facts.reason, 'ERR_TLS_CERT_ALTNAME_INVALID');
    }
  });
});

test('an address is checked as an address, a name as a name', async () => {
  for (const [names, right, wrong] of [
    [['IP:127.0.0.1'], '127.0.0.1', 'localhost'],
    [['DNS:localhost'], 'localhost', '127.0.0.1'],
  ] as const) {
    const made = certificate({ names: [...names] });
    await served({ tls: made }, (server) =>
      withWire(trust(made.certFile), async (wire) => {
        assert.equal((await get(wire, server.url('/file/a', right))).status, 200);
        await failure('TLS', get(wire, server.url('/file/a', wrong)));
      }),
    );
  }
});

test('https to a port that speaks plain http is TLS', () =>
  served({}, async (server) => {
    await withWire({}, async (wire) => {
      await failure('TLS', get(wire, server.url('/file/a').replace('http:', 'https:')));
    });
  }));

test('a connection that closes during the handshake is CONNECT: nobody was distrusted', () =>
  served({ routes: { '*': (exchange) => exchange.close() } }, async () => {
    const { createServer } = await import('node:net');
    const closing = createServer((socket) => socket.once('data', () => socket.destroy()));
    await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve));
    const { port } = closing.address() as { port: number };
    await withWire({}, (wire) => failure('CONNECT', get(wire, `https://127.0.0.1:${port}/`)));
    await new Promise((resolve) => closing.close(resolve));
  }));

test('a second connection to a host takes its TLS session up again', () =>
  served({ tls: true }, async (server) => {
    await withWire({ insecure: true }, async (wire) => {
      await get(wire, server.url('/no-length/10'));
      await get(wire, server.url('/no-length/10'));
      assert.equal(server.connections(), 2);
      assert.equal(server.resumed(), 1);
    });
  }));

test('an unreadable --cacert, and one without a certificate, is a UsageError that names it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pdl-cacert-'));
  const junk = join(folder, 'junk.pem');
  writeFileSync(junk, 'no certificate at all');
  const broken = join(folder, 'broken.pem');
  writeFileSync(broken, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  for (const cacert of [join(folder, 'missing.pem'), folder, junk, broken]) {
    assert.throws(
      () => open({ cacert }),
      (error) => error instanceof UsageError && error.message.includes('--cacert') && error.message.includes(cacert),
      cacert,
    );
  }
  rmSync(folder, { recursive: true });
});
