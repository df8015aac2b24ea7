/** Proxies on loopback that say to each target's ask what its case says, and tell healthy targets from bad ones by their names. */

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { certificate } from '../support/certificates.ts';
import { type Route, type Server, startServer } from '../support/server.ts';
import type { GreetingCase, Next, ProxyCase } from './proxy-case.ts';

/** What no output may ever hold. */
export const secrets = { proxy: 'Pr0xyS3cr3t', origin: '0r1g1nS3cr3t' };
const login = `keeper:${secrets.proxy}`;

export interface BadProxy {
  /** With its login. */
  url: string;
  /** Cases by the host name of their targets; others are healthy. */
  cases: Map<string, ProxyCase>;
  /** Requests by target. */
  asked: Map<string, number>;
  /** What the client did that it must not do. */
  sins: string[];
  close(): Promise<void>;
}

/** The targets, for who comes through. */
export interface Origins {
  plain: Server;
  secure: Server;
}

export async function startOrigins(): Promise<Origins> {
  const routes = { '*': answerRight };
  const [plain, secure] = await Promise.all([startServer({ routes }), startServer({ routes, tls: true })]);
  return { plain, secure };
}

const answerRight: Route = (exchange) => exchange.answer(200, {}, bodyFor(exchange.headers['host']!));

/** What a target's file holds. */
export const bodyFor = (host: string): string => `${host.replace(/:\d+$/, '')} `.repeat(40);

export function startHttpProxy(origins: Origins, { overTls = false } = {}): Promise<BadProxy> {
  return listen('http', overTls, (client, proxy) => {
    let unread = '';
    let isBusy = false;
    client.on('data', (chunk) => {
      unread += chunk.toString('latin1');
      void next();
    });

    async function next(): Promise<void> {
      if (isBusy) return;
      isBusy = true;
      for (let end = unread.indexOf('\r\n\r\n'); end !== -1; end = unread.indexOf('\r\n\r\n')) {
        const block = unread.slice(0, end);
        unread = unread.slice(end + 4);
        if (await answer(block)) return;
      }
      isBusy = false;
    }

    /** True when a tunnel stands. */
    async function answer(block: string): Promise<boolean> {
      const [method = '', target = ''] = block.split(' ');
      const { hostname } = new URL(method === 'CONNECT' ? `http://${target}` : target);
      proxy.asked.set(hostname, (proxy.asked.get(hostname) ?? 0) + 1);
      const isKeeper = block.includes(Buffer.from(login).toString('base64'));
      if (!isKeeper) proxy.sins.push('a request without the login');
      if (method === 'CONNECT' && /^authorization:/im.test(block))
        proxy.sins.push('CONNECT with the credentials of the target');
      const one = proxy.cases.get(hostname);
      if (method !== 'CONNECT') {
        if (one?.reply === undefined) await write(client, right(bodyFor(hostname)));
        else {
          await write(client, one.reply.raw.replaceAll('{login}', loginOf(block)));
          finish(client, one.reply.end === 'keep' ? 'tunnel' : one.reply.end);
        }
        return false;
      }
      await say(client, one ?? healthy, loginOf(block));
      if ((one ?? healthy).next !== 'tunnel') {
        finish(client, one!.next);
        return true;
      }
      client.removeAllListeners('data');
      join(client, origins.secure.port, unread);
      return true;
    }
  });
}

const healthy: Pick<ProxyCase, 'says' | 'pieces' | 'pause' | 'next'> = {
  says: 'HTTP/1.1 200 Connection established\r\n\r\n',
  pieces: [],
  pause: 0,
  next: 'tunnel',
};
const right = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** As it stood in the header, and as it is meant. */
const loginOf = (block: string) => `${/^proxy-authorization: *basic (.*)$/im.exec(block)?.[1]} ${login}`;

export function startSocksProxy(origins: Origins, greeting?: GreetingCase): Promise<BadProxy> {
  return listen('socks5h', false, async (client, proxy) => {
    const read = reader(client);
    const methods = await read((await read(2))[1]!);
    const echo = (text: string) => text.replaceAll('{login}', login);
    if (greeting !== undefined) {
      for (const text of greeting.says) {
        await write(client, echo(text));
        if (text === '\x05\x02') await readLogin(read);
      }
      return finish(client, greeting.next);
    }
    if (!methods.includes(2)) proxy.sins.push('no login was offered');
    await write(client, '\x05\x02');
    if ((await readLogin(read)) !== login) proxy.sins.push('another login');
    await write(client, '\x01\x00');
    const type = (await read(4))[3]!;
    const address = await read(type === 1 ? 4 : type === 4 ? 16 : (await read(1))[0]!);
    const port = (await read(2)).readUInt16BE();
    const host = address.toString('latin1');
    proxy.asked.set(host, (proxy.asked.get(host) ?? 0) + 1);
    const one = proxy.cases.get(host) ?? { ...healthy, says: '\x05\0\0\x01\x7f\0\0\x01\0\0' };
    await say(client, one, login);
    if (one.next !== 'tunnel') return finish(client, one.next);
    join(client, port === 443 ? origins.secure.port : origins.plain.port, '');
  });
}

async function readLogin(read: (size: number) => Promise<Buffer>): Promise<string> {
  const user = await read((await read(2))[1]!);
  return `${user}:${await read((await read(1))[0]!)}`;
}

async function say(
  client: Socket,
  { says, pieces, pause }: Pick<ProxyCase, 'says' | 'pieces' | 'pause'>,
  credentials: string,
): Promise<void> {
  const text = says.replaceAll('{login}', credentials);
  let from = 0;
  for (const size of [...pieces, text.length]) {
    await write(client, text.slice(from, from + size));
    if (from + size < text.length) await new Promise((resolve) => setTimeout(resolve, pause));
    from += size;
  }
}

function finish(client: Socket, next: Next): void {
  if (next === 'fin') client.end();
  if (next === 'rst') setTimeout(() => ((client as { _parent?: Socket })._parent ?? client).resetAndDestroy(), 10);
  if (next !== 'drip') return;
  const drip = setInterval(() => client.write('x'), 30);
  client.once('close', () => clearInterval(drip));
}

const write = (client: Socket, text: string): Promise<void> =>
  client.writable && text !== ''
    ? new Promise((resolve) => client.write(text, 'latin1', () => resolve()))
    : Promise.resolve();

function join(client: Socket, port: number, first: string): void {
  const server = connect(port, '127.0.0.1');
  if (first !== '') server.write(first, 'latin1');
  server.on('error', () => client.destroy());
  client.once('close', () => server.destroy());
  server.once('close', () => client.destroy());
  client.pipe(server);
  server.pipe(client);
}

/** Reads exact numbers of bytes, one after the other; what is never sent is waited for until the client goes. */
function reader(socket: Socket): (size: number) => Promise<Buffer> {
  return (size) =>
    new Promise((resolve) => {
      const attempt = () => {
        const read: Buffer | null = size === 0 ? Buffer.alloc(0) : socket.read(size);
        if (read === null) return;
        socket.off('readable', attempt);
        resolve(read);
      };
      socket.on('readable', attempt);
      attempt();
    });
}

async function listen(
  scheme: string,
  overTls: boolean,
  serve: (client: Socket, proxy: BadProxy) => void | Promise<void>,
): Promise<BadProxy> {
  const clients = new Set<Socket>();
  const { key, cert } = certificate();
  const listener = overTls ? createTlsServer({ key, cert }) : createServer();
  listener.on(overTls ? 'secureConnection' : 'connection', (client: Socket) => {
    clients.add(client);
    client.setNoDelay(true);
    client.on('error', () => {}).once('close', () => clients.delete(client));
    void serve(client, proxy);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  const proxy: BadProxy = {
    url: `${scheme}${overTls ? 's' : ''}://${login}@127.0.0.1:${port}`,
    cases: new Map(),
    asked: new Map(),
    sins: [],
    close() {
      for (const client of clients) client.destroy();
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
  return proxy;
}
