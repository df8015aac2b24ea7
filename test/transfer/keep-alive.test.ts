import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PdlError } from '../../src/errors.ts';
import { bytesOf, type Server, type ServerOptions, startServer } from '../support/server.ts';
import { failure, get, type open, withWire } from '../support/wire.ts';

async function served(work: (server: Server, wire: ReturnType<typeof open>) => Promise<void>, options?: ServerOptions) {
  const server = await startServer(options);
  try {
    await withWire({ insecure: true, maxWorkers: 8 }, (wire) => work(server, wire));
  } finally {
    await server.close();
  }
}

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

test('requests one after the other share one connection, those beside each other have one each', () =>
  served(async (server, wire) => {
    for (let count = 0; count < 20; count++) await get(wire, server.url(`/file/${count}`));
    assert.equal(server.connections(), 1);
    for (let round = 0; round < 5; round++)
      await Promise.all(Array.from({ length: 8 }, (_, at) => get(wire, server.url(`/file/${at}?delay=5`))));
    assert.equal(server.connections(), 8);
  }));

test('a reused connection that dies before a byte of the answer is RESET and stale: a free try is due (X11)', () =>
  served(async (server, wire) => {
    for (const how of ['close', 'reset']) {
      await get(wire, server.url(`/dies-after-one?how=${how}`));
      const error = await failure('RESET', get(wire, server.url(`/dies-after-one?how=${how}`)));
      assert.equal(error.facts.stale, true);
      assert.equal((await get(wire, server.url(`/dies-after-one?how=${how}`))).status, 200);
      wire.release?.(`127.0.0.1:${server.port}`);
      await turns(5);
    }
  }));

test('after one stale connection the idle ones beside it are not tried: the second try is on a fresh one', () =>
  served(async (server, wire) => {
    const url = server.url('/dies-after-one?delay=5');
    await Promise.all(Array.from({ length: 8 }, () => get(wire, url)));
    assert.equal(server.connections(), 8);
    assert.equal((await failure('RESET', get(wire, url))).facts.stale, true);
    await get(wire, url);
    assert.equal(server.connections(), 9);
  }));

test('a reused connection that dies within the answer is not stale', () =>
  served(async (server, wire) => {
    await get(wire, server.url('/file/a'));
    for (const [path, code] of [
      ['/half-head', 'RESET'],
      ['/cut-at/10?size=100', 'TRUNCATED'],
    ] as const) {
      const error = await failure(code, get(wire, server.url(path)));
      assert.equal(error.facts.stale, undefined);
      await get(wire, server.url('/file/a'));
    }
  }));

test('a connection that dies while it is idle is never used, nor is anybody told', () =>
  served(async (server, wire) => {
    for (const how of ['close', 'reset']) {
      for (let count = 0; count < 5; count++) {
        await get(wire, server.url(`/dies-after-one?how=${how}&at=once`));
        await turns(20);
      }
    }
    assert.equal(server.connections(), 10);
  }));

test('150 answers whose connection dies right behind them: failures are stale ones alone, and a second try does', () =>
  served(async (server, wire) => {
    for (let count = 0; count < 150; count++) {
      const url = server.url(`/dies-after-one?at=once&how=${count % 2 ? 'reset' : 'close'}`);
      const answer = await get(wire, url).catch((error) => {
        assert.equal(error.facts.stale, true, error.message);
        return get(wire, url);
      });
      assert.equal(answer.body.toString(), 'alive');
    }
  }));

test('Connection: close is obeyed', () =>
  served(async (server, wire) => {
    for (let count = 0; count < 3; count++) await get(wire, server.url('/set-header?Connection=close'));
    assert.equal(server.connections(), 3);
  }));

test('release() closes the idle connections of its host, and of no other', () =>
  served(async (server, wire) => {
    const other = await startServer();
    for (const origin of [server, other]) {
      await Promise.all([1, 2, 3].map((at) => get(wire, origin.url(`/file/${at}?delay=5`))));
      assert.equal(origin.connections(), 3);
    }
    wire.release?.(`127.0.0.1:${server.port}`);
    await turns(50);
    assert.deepEqual([server.open(), other.open()], [0, 3]);
    await get(wire, server.url('/file/again'));
    await get(wire, other.url('/file/again'));
    assert.deepEqual([server.connections(), other.connections()], [4, 3]);
    await other.close();
  }));

test('http and https of one name and port are different connections', () =>
  served(async (server, wire) => {
    const secure = await startServer({ tls: true });
    await get(wire, server.url('/file/a'));
    await get(wire, secure.url('/file/a'));
    await get(wire, server.url('/file/a'));
    assert.deepEqual([server.connections(), secure.connections()], [1, 1]);
    await secure.close();
  }));

test('thousands of hosts leave nothing behind once they are released, however their answers ended', {
  skip: process.platform !== 'linux' && 'only Linux answers on all of 127.0.0.0/8',
}, async () => {
  const server = await startServer({ log: false, host: '0.0.0.0' });
  await withWire({}, async (wire) => {
    const visit = async (from: number, count: number) => {
      for (let at = from; at < from + count; at += 20) {
        const hosts = Array.from({ length: 20 }, (_, k) => `127.1.${(at + k) >> 7}.${1 + ((at + k) & 127)}`);
        const paths = ['/file/a', '/no-length/10', '/http10/10', '/reset', '/set-header?Connection=close'];
        const one = (host: string, k: number) => get(wire, server.url(paths[k % paths.length]!, host)).catch(() => {});
        await Promise.all(hosts.map(one));
        for (const host of hosts) wire.release?.(`${host}:${server.port}`);
      }
    };
    await visit(0, 1000);
    const before = heapAfterCollection();
    await visit(1000, 3000);
    const grown = heapAfterCollection() - before;
    assert.ok(grown < 1_500_000, `${grown} bytes more`);
  });
  await server.close();
});

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

test('hosts are expected and released by any name they may have', () =>
  served(async (server, wire) => {
    for (const host of ['localhost', `localhost:${server.port}`, '127.0.0.1', '[::1]:8080', 'nosuch.invalid', '']) {
      wire.expect?.(host);
      wire.release?.(host);
    }
    wire.expect?.(`localhost:${server.port}`);
    assert.equal((await get(wire, server.url('/file/a', 'localhost'))).status, 200);
  }));

test('a path that a parser would trip over is sent as the WHATWG parser wrote it', () =>
  served(async (server, wire) => {
    const { href } = new URL(server.url('/file/%E4%2f..%5c a?x=ä|"<>`{}^#z'));
    assert.ok((await get(wire, href)).body.equals(bytesOf(1000)));
    assert.equal(server.log.at(-1)!.path, href.slice(server.url('').length).replace('#z', ''));
  }));

test('what onWrite throws ends the request before a byte of it is sent, on a new connection and on one that stands', () =>
  served(async (server, wire) => {
    for (const standing of [false, true]) {
      if (standing) await get(wire, server.url('/file/a'));
      const seen = server.log.length;
      const onWrite = () => {
        throw new PdlError('ABORTED', 'Cannot go on: too late');
      };
      const error = await failure('ABORTED', get(wire, server.url('/file/b'), { onWrite }));
      assert.equal(error.message, 'Cannot go on: too late');
      await turns(20);
      assert.equal(server.log.length, seen);
      assert.equal((await get(wire, server.url('/file/c'))).status, 200);
    }
  }));

test('a place that closes each kept connection without a word is soon not asked to keep one', () =>
  served(async (server, wire) => {
    const url = server.url('/dies-after-one?delay=2');
    let stale = 0;
    for (let count = 0; count < 20; count++)
      await get(wire, url).catch((error) => {
        assert.equal(error.facts.stale, true, error.message);
        stale += 1;
      });
    assert.equal(stale, 2);
    await get(wire, server.url('/file/a'));
  }));

test('one kept connection that was closed does not end the keeping of others', () =>
  served(async (server, wire) => {
    for (let round = 0; round < 5; round++) {
      await get(wire, server.url('/file/a'));
      assert.equal((await failure('RESET', get(wire, server.url('/empty-reply')))).facts.stale, true);
      for (let count = 0; count < 3; count++) await get(wire, server.url('/file/a'));
    }
    assert.equal(server.connections(), 6);
  }));
