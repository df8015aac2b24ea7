/** Ways through a proxy to another host, over a connection to the proxy that already stands: CONNECT and SOCKS5. */

import { isIPv4, isIPv6, type Socket } from 'node:net';
import { PdlError } from '../errors.js';
import { challengesOf, unspoken } from './challenge.js';
import { authorizationOf, type ProxyServer } from './proxy.js';

/** Where the tunnel leads. A name goes to the proxy as it is: it is looked up there. */
export interface Place {
  hostname: string;
  port: number;
}

const longestReply = 16_384;

/** Opens the tunnel. Throws PROXY; a silent proxy is left to the caller's deadline. */
export async function tunnel(socket: Socket, proxy: ProxyServer, place: Place): Promise<void> {
  await (proxy.kind === 'http' ? throughConnect(socket, proxy, place) : throughSocks(socket, proxy, place));
  // In HTTP and in TLS the client speaks first: what comes before is the proxy's own, a page perhaps.
  if (socket.readableLength > 0) throw refused(proxy, `${proxy.label} says more than that the tunnel is open`, 'page');
}

/** RFC 9110 section 9.3.6. */
async function throughConnect(socket: Socket, proxy: ProxyServer, { hostname, port }: Place): Promise<void> {
  const authority = `${isIPv6(hostname) ? `[${hostname}]` : hostname}:${port}`;
  const authorization = authorizationOf(proxy);
  const login = authorization === null ? '' : `Proxy-Authorization: ${authorization}\r\n`;
  const ask = `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${login}\r\n`;
  const reply = await converse(socket, proxy, Buffer.from(ask), (bytes) => {
    if (!'HTTP/'.startsWith(bytes.toString('latin1', 0, 5))) return bytes.length;
    const end = bytes.indexOf('\r\n\r\n');
    return end === -1 ? null : end + 4;
  });
  const head = reply.toString('latin1');
  const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1]);
  if (Number.isNaN(status)) throw refused(proxy, `${proxy.label} does not speak HTTP`);
  if (status < 200 || status > 299) throw proxyStatus(proxy, status, challengesOf(fieldOf(head, 'proxy-authenticate')));
  // A tunnel has no type (RFC 9110 section 9.3.6): this is a page.
  if (/^text\//i.test(fieldOf(head, 'content-type')[0] ?? ''))
    throw refused(proxy, `${proxy.label} answers with a page of its own and opens no tunnel`, 'page');
}

/** Values of a field in a header block. */
function fieldOf(head: string, name: string): string[] {
  return head
    .split('\n')
    .filter((line) => line.slice(0, name.length + 1).toLowerCase() === `${name}:`)
    .map((line) => line.slice(name.length + 1).trim());
}

/** A proxy that answers with a status of its own. */
export function proxyStatus(proxy: ProxyServer, status: number, challenges: string[] = []): PdlError {
  const state = `it answered ${status}${status === 407 ? `, ${loginWords(proxy, challenges)}` : ''}`;
  return new PdlError('PROXY', `Cannot use the proxy ${proxy.label}: ${state}`, { status });
}

/** An example with a password in it would be cut out of the message. */
function loginWords({ login }: ProxyServer, challenges: string[]): string {
  const other = unspoken(challenges);
  if (other !== null) return `it wants a login by ${other}, which pdl does not speak`;
  return login === null
    ? 'it wants a login: write USER:PASSWORD@ before its host'
    : 'it refuses the user or the password';
}

const socksReplies = [
  '',
  'general failure',
  'not allowed by its rules',
  'the network cannot be reached',
  'the host cannot be reached',
  'connection refused',
  'the connection timed out',
  'it does not know the command',
  'it does not know this kind of address',
];

/** RFC 1928, with user and password of RFC 1929. */
async function throughSocks(socket: Socket, proxy: ProxyServer, place: Place): Promise<void> {
  const methods = proxy.login === null ? [5, 1, 0] : [5, 2, 0, 2];
  const chosen = await converse(socket, proxy, Buffer.from(methods), atLeast(2));
  if (chosen[0] !== 5) throw refused(proxy, `${proxy.label} does not speak SOCKS5`);
  if (chosen[1] === 2 && proxy.login !== null) await logIn(socket, proxy, proxy.login);
  else if (chosen[1] !== 0) throw refused(proxy, `${proxy.label} accepts none of our ways to log in`, 'login');
  const port = [place.port >> 8, place.port & 255];
  const ask = Buffer.from([5, 1, 0, ...addressOf(place.hostname), ...port]);
  const reply = await converse(socket, proxy, ask, socksReplyLength);
  if (reply[0] !== 5) throw refused(proxy, `${proxy.label} does not speak SOCKS5`);
  if (reply[1] !== 0) {
    const words = socksReplies[reply[1]!] ?? `error ${reply[1]}`;
    throw refused(proxy, `${proxy.label} says of ${place.hostname}:${place.port}: ${words}`, `socks-${reply[1]}`);
  }
}

async function logIn(socket: Socket, proxy: ProxyServer, login: NonNullable<ProxyServer['login']>): Promise<void> {
  const [user, password] = [Buffer.from(login.user), Buffer.from(login.password)];
  const ask = Buffer.concat([Buffer.from([1, user.length]), user, Buffer.from([password.length]), password]);
  const reply = await converse(socket, proxy, ask, atLeast(2));
  if (reply[1] !== 0) throw refused(proxy, `${proxy.label} refused the user or the password`, 'login');
}

function addressOf(hostname: string): number[] {
  if (isIPv4(hostname)) return [1, ...hostname.split('.').map(Number)];
  if (isIPv6(hostname)) return [4, ...bytesOfIPv6(hostname)];
  const name = Buffer.from(hostname);
  return [3, name.length, ...name];
}

function bytesOfIPv6(address: string): number[] {
  // The URL parser writes a dotted tail as two groups.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string | undefined) => (text ? text.split(':') : []);
  const [front, back] = [groups(head), groups(tail)];
  const all = [...front, ...Array(8 - front.length - back.length).fill('0'), ...back];
  return all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
}

const atLeast = (length: number) => (bytes: Buffer) => (bytes.length >= length ? length : null);

function socksReplyLength(bytes: Buffer): number | null {
  if (bytes.length < 5) return bytes.length >= 2 && bytes[1] !== 0 ? bytes.length : null;
  const address = bytes[3] === 1 ? 4 : bytes[3] === 4 ? 16 : 1 + bytes[4]!;
  return atLeast(4 + address + 2)(bytes);
}

/** Says `ask` and waits for a reply whose length `lengthOf` can tell; bytes behind it stay in the socket. */
function converse(
  socket: Socket,
  proxy: ProxyServer,
  ask: Buffer,
  lengthOf: (bytes: Buffer) => number | null,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let heard: Buffer = Buffer.alloc(0);
    const onReadable = () => {
      for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) heard = Buffer.concat([heard, chunk]);
      const length = lengthOf(heard);
      if (length === null && heard.length <= longestReply) return;
      leave();
      if (length === null) return reject(refused(proxy, `${proxy.label} sent an endless reply`));
      if (heard.length > length) socket.unshift(heard.subarray(length));
      resolve(heard.subarray(0, length));
    };
    const onEnd = () => {
      leave();
      reject(refused(proxy, `${proxy.label} closed the connection`, 'closed'));
    };
    const leave = () => {
      socket.off('readable', onReadable).off('end', onEnd).off('close', onEnd);
    };
    socket.on('readable', onReadable).once('end', onEnd).once('close', onEnd);
    socket.write(ask);
  });
}

function refused(proxy: ProxyServer, state: string, reason = 'refused'): PdlError {
  return new PdlError('PROXY', `Cannot use the proxy ${proxy.label}: ${state.replace(`${proxy.label} `, 'it ')}`, {
    reason,
  });
}
