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
  wire = open({ insecure: true, timeout: 2000 });
});

after(async () => {
  await wire.close();
  await server.close();
  await secure.close();
});

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('a promise from onHead or onData holds everything that follows, in order', async () => {
  for (const url of [
    server.url('/file/a?size=2000000'),
    secure.url('/file/a?size=2000000'),
    server.url('/no-length/2000000'),
  ]) {
    let busy = false;
    const chunks: Uint8Array[] = [];
    const work = async () => {
      assert.equal(busy, false, 'called while a promise was pending');
      busy = true;
      for (let turns = 0; turns < 3; turns++) await turn();
      busy = false;
    };
    await wire.send(request(url), {
      onHead: work,
      onData(chunk) {
        chunks.push(chunk);
        return work();
      },
    });
    assert.equal(busy, false, 'settled while a promise was pending');
    assert.ok(Buffer.concat(chunks).equals(bytesOf(2_000_000)));
  }
});

test('a held connection stops the server: bytes wait in the kernel, not in memory', async () => {
  for (const origin of [server, secure]) {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let received = 0;
    const sending = wire.send(request(origin.url('/file/a?size=60000000')), {
      onHead: () => held,
      onData(chunk) {
        received += chunk.length;
      },
    });
    for (let turns = 0; turns < 2000; turns++) await turn();
    assert.equal(received, 0);
    const logged = origin.log.at(-1)!;
    assert.ok(Number.isNaN(logged.end), 'the server could not finish');
    release();
    await sending;
    assert.equal(received, 60_000_000);
  }
});

test('what onHead throws is what the request ends with, at once for a large body', async () => {
  const refusal = new Error('no thanks');
  for (const path of ['/file/a?size=50000000', '/endless', '/endless-404', '/endless-404?length=99999999999']) {
    const before = server.log.length;
    await assert.rejects(
      wire.send(request(server.url(path)), {
        onHead() {
          throw refusal;
        },
        onData: () => assert.fail('no body was wanted'),
      }),
      (error) => error === refusal,
    );
    assert.equal(server.log.length, before + 1);
  }
});

test('a refused small body is read to its end, so that its connection serves the next request', async () => {
  const refuse = {
    onHead: () => Promise.reject(new Error('no thanks')),
    onData: () => assert.fail('no body was wanted'),
  };
  await get(wire, server.url('/file/warm?size=1'));
  const before = server.connections();
  for (const path of ['/status/404?body=sorry', '/file/a?size=60000', '/chunked/60000'])
    await assert.rejects(wire.send(request(server.url(path)), refuse), /no thanks/);
  await get(wire, server.url('/file/after?size=1'));
  assert.equal(server.connections(), before);
});

test('a refused chunked body is dropped after 64 kB, a stalling one within seconds (T10)', async () => {
  const refuse = {
    onHead() {
      throw new Error('no thanks');
    },
    onData() {},
  };
  for (const path of ['/chunked/5000000', '/stall-after/10?size=1000']) {
    const before = server.connections();
    await assert.rejects(wire.send(request(server.url(path)), refuse), /no thanks/);
    await get(wire, server.url('/file/after?size=1'));
    assert.ok(server.connections() > before || path.startsWith('/stall'));
  }
});

test('what onData throws or rejects with is what the request ends with, and the connection is dropped', async () => {
  for (const fail of [
    () => {
      throw new RangeError('full');
    },
    () => Promise.reject(new RangeError('full')),
  ]) {
    let calls = 0;
    const sending = wire.send(request(server.url('/file/a?size=5000000')), {
      onHead() {},
      onData() {
        calls++;
        return fail();
      },
    });
    await assert.rejects(sending, RangeError);
    assert.equal(calls, 1);
  }
});

test('even undefined, thrown, is a failure', async () => {
  const sending = wire.send(request(server.url('/file/a?size=5')), {
    onHead() {},
    onData() {
      throw undefined;
    },
  });
  await assert.rejects(sending, (error) => error === undefined);
});

test('bytes that came before a break reach a slow receiver before the failure', async () => {
  const chunks: Uint8Array[] = [];
  const sending = wire.send(request(server.url('/cut-at/1000?size=5000')), {
    async onHead() {
      for (let turns = 0; turns < 50; turns++) await turn();
    },
    onData(chunk) {
      chunks.push(chunk);
    },
  });
  await failure('TRUNCATED', sending);
  assert.equal(Buffer.concat(chunks).length, 1000);
});

test('an aborted signal ends what runs with ABORTED, wherever it is, and nothing new starts', async () => {
  for (const path of ['/stall', '/stall-after/100', '/file/big?size=80000000', '/early-hints-forever']) {
    const stop = new AbortController();
    const into = gatherer();
    const sending = wire.send(request(server.url(path), { signal: stop.signal }), into);
    for (let turns = 0; turns < 5; turns++) await turn();
    stop.abort();
    await failure('ABORTED', sending);
    const asked = server.log.length;
    await failure('ABORTED', wire.send(request(server.url(path), { signal: stop.signal }), into));
    assert.equal(server.log.length, asked);
  }
});

test('an abort does not wait for a receiver that never gets ready', async () => {
  const stop = new AbortController();
  const sending = wire.send(request(server.url('/file/a?size=10'), { signal: stop.signal }), {
    onHead: () => new Promise(() => {}),
    onData() {},
  });
  for (let turns = 0; turns < 20; turns++) await turn();
  stop.abort();
  await failure('ABORTED', sending);
});

test('thousands of requests leave one listener on the signal', async () => {
  const { signal } = new AbortController();
  let added = 0;
  const add = signal.addEventListener.bind(signal);
  signal.addEventListener = ((...args: Parameters<typeof add>) => {
    added++;
    add(...args);
  }) as typeof add;
  for (let count = 0; count < 300; count++) await get(wire, server.url('/file/a?size=1'), { signal });
  assert.equal(added, 1);
});

test('close() ends what runs and leaves no connection', async () => {
  const own = open();
  const sending = get(own, server.url('/stall'));
  await get(own, server.url('/file/a?size=1'));
  await Promise.all([failure('ABORTED', sending), own.close()]);
});
