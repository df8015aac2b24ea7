/** Tiny proxies on loopback: HTTP (absolute-form and CONNECT) and SOCKS5, well behaved or not. They find every name at 127.0.0.1. */

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface TinyProxy {
  port: number;
  /** What was asked of it: `GET http://…`, `CONNECT host:port`, or for SOCKS `host:port`. */
  asked: string[];
  /** Credentials seen: the value of Proxy-Authorization, or `user:password`. */
  logins: string[];
  /** Connections accepted. */
  connections(): number;
  close(): Promise<void>;
}

/** `silent`: reads and says nothing. `closing`: closes when asked. `junk`: answers in no protocol. */
type Behaviour = 'right' | 'silent' | 'closing' | 'junk';

export interface ProxyOptions {
  behaviour?: Behaviour;
  /** Wants exactly this `user:password`. */
  login?: string;
  /** Answers every ask with this: an HTTP status, or a SOCKS reply code. */
  refuse?: number;
  /** Answers every ask with these bytes (latin1), and nothing else. */
  reply?: string;
}

export function startHttpProxy(options: ProxyOptions = {}): Promise<TinyProxy> {
  return start(options, (client, proxy) => {
    let unread = '';
    const onData = (chunk: Buffer) => {
      unread += chunk.toString('latin1');
      for (let end = unread.indexOf('\r\n\r\n'); end !== -1; end = unread.indexOf('\r\n\r\n')) {
        const block = unread.slice(0, end + 4);
        unread = unread.slice(end + 4);
        answer(block);
      }
    };
    client.on('data', onData);

    function answer(block: string): void {
      const [line = ''] = block.split('\r\n', 1);
      const [method = '', target = ''] = line.split(' ');
      proxy.asked.push(`${method} ${target}`);
      const login = /^proxy-authorization: *(.*)\r$/im.exec(block)?.[1];
      if (login !== undefined) proxy.logins.push(login);
      const wanted = options.login && `Basic ${Buffer.from(options.login).toString('base64')}`;
      if (options.reply !== undefined) {
        client.write(options.reply);
        return;
      }
      const status = options.refuse ?? (wanted !== undefined && login !== wanted ? 407 : undefined);
      if (status !== undefined) {
        client.write(`HTTP/1.1 ${status} No\r\nContent-Length: 2\r\n\r\nno`);
        return;
      }
      const place = method === 'CONNECT' ? new URL(`http://${target}`) : new URL(target);
      const server = join(client, Number(place.port || 80));
      if (method === 'CONNECT') {
        client.off('data', onData);
        server.once('connect', () => client.write('HTTP/1.1 200 Connection established\r\n\r\n'));
        client.pipe(server);
        server.pipe(client);
      } else {
        const rest = block
          .slice(line.length)
          .replace(/^proxy-.*\r\n/gim, '')
          .replace(/connection: .*/i, 'connection: close');
        server.write(`${method} ${place.pathname}${place.search} HTTP/1.1${rest}`);
        server.on('data', (chunk) => client.write(chunk));
      }
    }
  });
}

export function startSocksProxy(options: ProxyOptions = {}): Promise<TinyProxy> {
  return start(options, async (client, proxy) => {
    const read = reader(client);
    const [, methods = 0] = await read(2);
    const offered = [...(await read(methods))];
    const method = options.login === undefined ? 0 : 2;
    client.write(Buffer.from([5, offered.includes(method) ? method : 255]));
    if (method === 2 && offered.includes(2)) {
      const user = await read((await read(2))[1]!);
      const password = await read((await read(1))[0]!);
      const login = `${user}:${password}`;
      proxy.logins.push(login);
      client.write(Buffer.from([1, login === options.login ? 0 : 1]));
      if (login !== options.login) return;
    }
    const type = (await read(4))[3];
    const address = await read(type === 1 ? 4 : type === 4 ? 16 : (await read(1))[0]!);
    const port = (await read(2)).readUInt16BE();
    const host = type === 3 ? address.toString() : type === 1 ? [...address].join('.') : address.toString('hex');
    proxy.asked.push(`${host}:${port}`);
    if (options.reply !== undefined) {
      client.write(options.reply, 'latin1');
      return;
    }
    if (options.refuse !== undefined) {
      client.write(Buffer.from([5, options.refuse, 0, 1, 0, 0, 0, 0, 0, 0]));
      return;
    }
    const server = join(client, port);
    server.once('connect', () => {
      client.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
      client.pipe(server);
      server.pipe(client);
    });
  });
}

/** Reads exact numbers of bytes, one after the other. */
function reader(socket: Socket): (size: number) => Promise<Buffer> {
  const once = (size: number) =>
    new Promise<Buffer>((resolve) => {
      const attempt = () => {
        const bytes: Buffer | null = size === 0 ? Buffer.alloc(0) : socket.read(size);
        if (bytes === null) return;
        socket.off('readable', attempt);
        resolve(bytes);
      };
      socket.on('readable', attempt);
      attempt();
    });
  return once;
}

function join(client: Socket, port: number): Socket {
  const server = connect(port, '127.0.0.1');
  server.on('error', () => client.destroy());
  client.once('close', () => server.destroy());
  server.once('close', () => client.destroy());
  return server;
}

async function start(
  { behaviour = 'right' }: ProxyOptions,
  serve: (client: Socket, proxy: TinyProxy) => void | Promise<void>,
): Promise<TinyProxy> {
  const clients = new Set<Socket>();
  let accepted = 0;
  const listener: Server = createServer((client) => {
    accepted++;
    clients.add(client);
    client.on('error', () => {}).once('close', () => clients.delete(client));
    if (behaviour === 'right') void serve(client, proxy);
    else if (behaviour === 'silent') client.resume();
    else client.once('data', () => client.end(behaviour === 'junk' ? 'SSH-2.0-junk\r\n\r\n' : ''));
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const proxy: TinyProxy = {
    port: (listener.address() as AddressInfo).port,
    asked: [],
    logins: [],
    connections: () => accepted,
    close() {
      for (const client of clients) client.destroy();
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
  return proxy;
}
