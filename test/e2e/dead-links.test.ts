/** Lists of which many lines lead nowhere: the living part comes in, the dead part costs little, and no other host waits for it. */

import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Server as TcpServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { folder, pdl, start } from '../support/pdl.ts';
import { type Server, startServer } from '../support/server.ts';

/** Every address of 127.0.0.0/8 is this machine on Linux: hosts as many as one likes. */
const addresses = process.platform === 'linux';
const skip = !addresses && 'needs the addresses of 127.0.0.0/8';
const host = (at: number) => `127.9.${at >> 8}.${at & 255}`;

async function listening(t: TestContext, server: TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', 4096, resolve));
  t.after(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A port at which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function living(t: TestContext): Promise<Server> {
  const server = await startServer({ host: '0.0.0.0', log: false });
  t.after(() => server.close());
  return server;
}

/** How each kind of dead host is met: the prefix of its URLs, and the codes its lines may end with. */
const kinds: Record<string, (t: TestContext) => Promise<{ url: (at: number) => string; codes: string[] }>> = {
  async refuse() {
    const port = await closedPort();
    return { url: (at) => `http://${host(at)}:${port}/`, codes: ['CONNECT', 'HOST_DOWN'] };
  },
  async reset(t) {
    const server = createServer((socket) => {
      socket.on('error', () => {}).once('data', () => socket.resetAndDestroy());
    });
    const port = await listening(t, server);
    return { url: (at) => `http://${host(at)}:${port}/`, codes: ['RESET'] };
  },
  async 'fail TLS'(t) {
    const server = await startServer({ host: '0.0.0.0', log: false, tls: true });
    t.after(() => server.close());
    return { url: (at) => server.url('/', host(at)), codes: ['TLS'] };
  },
};

for (const [how, open] of Object.entries(kinds))
  for (const share of [10, 95])
    test(`${share} % of 60 hosts ${how}: all other lines are saved, and the network is not doubted`, {
      skip,
    }, async (t) => {
      const server = await living(t);
      const dead = await open(t);
      const list = Array.from({ length: 600 }, (_, line) => {
        const at = line % 60;
        return at < 0.6 * share ? `${dead.url(at)}${line}` : server.url(`/file/${line}?size=1000`, host(at));
      });
      const { code, stdout, stderr } = await pdl(['-', '-d', folder(t), '--json', '-vv'], { stdin: list.join('\n') });
      const results = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      const { saved, failed, left, stopped } = results.pop();
      assert.deepEqual([code, saved, failed, left, stopped], [1, 600 - 6 * share, 6 * share, 0, null]);
      for (const { status, error } of results) {
        if (status === 'failed') assert.ok(dead.codes.includes(error.code), error.message);
      }
      assert.doesNotMatch(stderr, /network|offline/);
    });

test('hosts that drip do not hold all workers: the lines of another host behind them come in', async (t) => {
  const server = await startServer({ log: false, host: '0.0.0.0' });
  t.after(() => server.close());
  const drip = Array.from({ length: 40 }, (_, at) => server.url(`/drip/${at}?size=1000&every=500`, '127.0.0.1'));
  const good = Array.from({ length: 40 }, (_, at) =>
    server.url(`/file/good${at}`, addresses ? '127.9.9.9' : 'localhost'),
  );
  const { child, done } = start(['-', '-d', folder(t), '--json', '-j', '8'], { stdin: [...drip, ...good].join('\n') });
  let told = '';
  child.stdout!.on('data', (chunk) => {
    told += chunk;
    if ((told.match(/\n/g)?.length ?? 0) === good.length) child.kill('SIGINT');
  });
  const { stdout } = await done;
  const results = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual([results.at(-1).saved, results.at(-1).left], [40, 40]);
});
