/** One connection, from the name to a socket that speaks HTTP: address, TCP, proxy, TLS. The deadline is the caller's. */

import type { LookupAddress } from 'node:dns';
import { connect, isIP, isIPv6, type Socket, type TcpNetConnectOpts } from 'node:net';
import { PdlError } from '../errors.js';
import type { Names } from './dns.js';
import { isLocalName, isPrivate } from './private.js';
import type { ProxyServer } from './proxy.js';
import { ResumptionRefused, type Secure } from './tls.js';
import { type Place, tunnel } from './tunnel.js';
import { connectError, reasonOf, wordsOf } from './why.js';

/** Where a connection leads, and through what. */
export interface Way extends Place {
  secure: boolean;
  proxy: ProxyServer | null;
}

/** What dialling needs. Behind a proxy `noPrivate` is for who asks it: see bannedPlace. */
export interface Means {
  names: Names;
  /** For origins. */
  secure: Secure;
  /** For proxies: --insecure is not for them. */
  proxySecure: Secure;
  /** Refuse private addresses. */
  noPrivate: boolean;
}

/** ms for each address of a host with several; Node's 250 cuts routes that are slow but work (nodejs/node#54359). */
const attemptTimeout = 1500;

/** Twice what one read may bring: a socket that is full after each read is stopped and started again, at two system calls a time. */
const highWaterMark = 131_072;

/** Bytes of a host name, a dot at its end included. */
const maxName = 254;

/** The socket of a call under way, so that it can be hung up. */
interface Call {
  socket: Socket | null;
  /** Its TCP connection stands. */
  accepted: boolean;
  over: boolean;
}

/** What can be done and known while a call is under way. */
export interface Dialling {
  /** `done` is not called after that. */
  hangUp(): void;
  /** Somebody accepted the connection: a proxy, or the host itself, which has yet to speak TLS. */
  readonly accepted: boolean;
}

/**
 * Dials. `done` is called once, later: with a socket, or with DNS, CONNECT, TLS, PROXY or PRIVATE_ADDRESS.
 */
export function dial(means: Means, way: Way, done: (error: PdlError | null, socket: Socket | null) => void): Dialling {
  const call: Call = { socket: null, accepted: false, over: false };
  const end = (error: PdlError | null, socket: Socket | null) => {
    if (error !== null || call.over) call.socket?.destroy();
    if (!call.over) done(error, socket);
  };
  reachAgain(means, way, call).then(
    (socket) => end(null, socket),
    (error) => end(connectError(placeOf(way), error, 'tcp'), null),
  );
  return {
    hangUp() {
      call.over = true;
      call.socket?.destroy();
    },
    get accepted() {
      return call.accepted;
    },
  };
}

/** PRIVATE_ADDRESS for a place that is private as it is written: where a proxy looks names up, more cannot be known. */
export function bannedPlace(place: Place): PdlError | null {
  return isPrivate(place.hostname) || isLocalName(place.hostname) ? refuse(place, place.hostname) : null;
}

/** True when the proxy is asked for the URL itself rather than for a tunnel (RFC 9112 section 3.2.2). */
export function asksProxy({ proxy, secure }: Way): boolean {
  return proxy?.kind === 'http' && !secure;
}

/** A server that breaks off when a TLS session is taken up gets a full handshake at once, on a new connection. */
async function reachAgain(means: Means, way: Way, call: Call): Promise<Socket> {
  for (;;) {
    try {
      return await reach(means, way, call);
    } catch (error) {
      if (!(error instanceof ResumptionRefused) || call.over) throw error;
      call.socket?.destroy();
    }
  }
}

async function reach(means: Means, way: Way, call: Call): Promise<Socket> {
  if (way.hostname.length > maxName) throw noSuchName(way);
  let socket = way.proxy === null ? await direct(means, way, call) : await toProxy(means, way.proxy, call);
  if (way.proxy !== null && !asksProxy(way)) await tunnel(socket, way.proxy, way);
  if (way.secure) socket = await shake(means.secure, way, socket, call, way.proxy);
  return socket;
}

async function direct(means: Means, way: Way, call: Call): Promise<Socket> {
  let addresses = await addressesOf(means, way);
  if (means.noPrivate) {
    const open = addresses.filter(({ address }) => !isPrivate(address));
    if (open.length === 0) throw refuse(way, addresses[0]?.address ?? way.hostname);
    addresses = open;
  }
  try {
    return await tcp(addresses, way.port, call);
  } catch (error) {
    // The host may have moved: the next try asks anew.
    means.names.forget(way.hostname);
    throw error;
  }
}

async function toProxy(means: Means, proxy: ProxyServer, call: Call): Promise<Socket> {
  try {
    const socket = await tcp(await addressesOf(means, proxy), proxy.port, call);
    return proxy.secure ? await shake(means.proxySecure, proxy, socket, call) : socket;
  } catch (error) {
    if (error instanceof ResumptionRefused) throw error;
    const state = error instanceof PdlError ? error.message.replace(/^Cannot /, 'cannot ') : wordsOf(error);
    throw new PdlError('PROXY', `Cannot use the proxy ${proxy.label}: ${state}`, {
      reason: error instanceof PdlError ? (error.facts.reason ?? error.code) : reasonOf(error),
      cause: error,
    });
  }
}

async function addressesOf(means: Means, place: Place): Promise<LookupAddress[]> {
  const version = isIP(place.hostname);
  if (version !== 0) return [{ address: place.hostname, family: version }];
  try {
    return await means.names.find(place.hostname);
  } catch (error) {
    throw connectError(place.hostname, error, 'name');
  }
}

function tcp(addresses: LookupAddress[], port: number, call: Call): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (call.over) return reject(new Error('hung up'));
    const socket = connect(tcpOptions(addresses, port));
    call.socket = socket;
    // Whoever reads later learns of errors by itself; a socket without any listener would end the process.
    socket.on('error', () => {});
    const leave = () => socket.off('connect', onConnect).off('error', onError).off('close', onClose);
    const onConnect = () => {
      leave();
      call.accepted = true;
      socket.setNoDelay(true).setKeepAlive(true, 60_000);
      resolve(socket);
    };
    const onError = (error: Error) => {
      leave();
      reject(error);
    };
    const onClose = () => onError(new Error('hung up'));
    socket.once('connect', onConnect).once('error', onError).once('close', onClose);
  });
}

function tcpOptions(addresses: LookupAddress[], port: number): TcpNetConnectOpts {
  const shared = { port, highWaterMark };
  if (addresses.length === 1) return { ...shared, host: addresses[0]!.address };
  return {
    ...shared,
    host: 'several',
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: attemptTimeout,
    lookup: (_host, _options, done) => done(null, addresses),
  };
}

async function shake(
  secure: Secure,
  place: Place,
  socket: Socket,
  call: Call,
  proxy: ProxyServer | null = null,
): Promise<Socket> {
  if (call.over) throw new Error('hung up');
  try {
    const secured = await secure.shake(socket, place.hostname, place.port);
    call.socket = secured;
    return secured;
  } catch (error) {
    if (error instanceof ResumptionRefused) throw error;
    throw connectError(`${placeOf(place)}${proxy === null ? '' : ` through the proxy ${proxy.label}`}`, error, 'tls');
  }
}

/** host:port, for messages. */
export function placeOf({ hostname, port }: Place): string {
  return `${isIPv6(hostname) ? `[${hostname}]` : hostname}:${port}`;
}

/** No name is longer (RFC 1035 section 3.1); SOCKS would cut it, and let the server choose where the proxy connects to. */
function noSuchName(place: Place): PdlError {
  const state = `a name of ${place.hostname.length} bytes is longer than any can be`;
  return new PdlError('DNS', `Cannot find the address of ${place.hostname.slice(0, 40)}…: ${state}`, {
    reason: 'ENOTFOUND',
  });
}

function refuse(place: Place, address: string): PdlError {
  const state = address === place.hostname ? 'it is a private address' : `it has the private address ${address}`;
  return new PdlError('PRIVATE_ADDRESS', `Cannot connect to ${placeOf(place)}: ${state}`, { reason: address });
}
