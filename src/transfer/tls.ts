/** TLS over a connection that already stands: trust, names, and sessions taken up again. */

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { UsageError } from '../errors.js';

/** Sessions remembered at most. */
const mostSessions = 1000;

/** Speaks TLS. */
export interface Secure {
  /** With `hostname` over `socket`; rejects with OpenSSL's own error, or with ResumptionRefused. */
  shake(socket: Socket, hostname: string, port: number): Promise<TLSSocket>;
  /** A connection that took up an earlier session was of no use: none is offered there any more. */
  distrust(hostname: string, port: number): void;
}

/** The handshake failed, and an earlier session had been offered in it: without one it may succeed. */
export class ResumptionRefused extends Error {}

/**
 * @param cacert PEM file that replaces the built-in authorities. @param insecure accept any certificate.
 * @throws UsageError when `cacert` cannot be read or holds no certificate.
 */
export function tls(cacert: string | null, insecure: boolean): Secure {
  // Made on first need: it costs ms, and most lists of http URLs never need it.
  let context: SecureContext | undefined;
  const authorities = cacert === null ? undefined : readAuthorities(cacert);
  const make = () => createSecureContext(authorities === undefined ? {} : { ca: authorities });
  const sessions = new Map<string, Buffer>();
  /** Places that break off when a session is taken up. */
  const withoutSessions = new Set<string>();
  const distrust = (key: string) => {
    sessions.delete(key);
    withoutSessions.add(key);
    if (withoutSessions.size > mostSessions) withoutSessions.delete(withoutSessions.keys().next().value!);
  };
  const shake = (socket: Socket, hostname: string, port: number): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      context ??= make();
      const key = `${hostname}:${port}`;
      const session = sessions.get(key);
      // RFC 6066 section 3: neither an address nor a dot at the end belongs into a server name.
      const name = hostname.replace(/\.$/, '');
      const options: ConnectionOptions & { highWaterMark: number } = {
        socket,
        host: name,
        servername: isIP(name) === 0 ? name : '',
        secureContext: context,
        rejectUnauthorized: !insecure,
        ALPNProtocols: ['http/1.1'],
        // 16 kB, one record, by default: then each record stops the socket below, and starts it again.
        highWaterMark: socket.readableHighWaterMark,
        ...(session === undefined ? {} : { session }),
      };
      const secured = connect(options);
      // Between the handshake and whoever reads next, too: a socket without any listener would end the process.
      secured.on('error', () => {});
      secured.on('session', (fresh) => {
        if (withoutSessions.has(key)) return;
        sessions.delete(key);
        sessions.set(key, fresh);
        if (sessions.size > mostSessions) sessions.delete(sessions.keys().next().value!);
      });
      const leave = () => secured.off('secureConnect', onSecure).off('error', onError).off('close', onClose);
      const onSecure = () => {
        leave();
        resolve(secured);
      };
      const onError = (error: Error) => {
        leave();
        if (session === undefined) return reject(error);
        distrust(key);
        reject(new ResumptionRefused(error.message));
      };
      const onClose = () => onError(Object.assign(new Error('closed'), { code: 'ECONNCLOSED' }));
      secured.once('secureConnect', onSecure).once('error', onError).once('close', onClose);
    });
  return { shake, distrust: (hostname, port) => distrust(`${hostname}:${port}`) };
}

function readAuthorities(file: string): string {
  const allowed = 'allowed is a readable PEM file with at least one certificate';
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `Cannot use --cacert ${JSON.stringify(file)}: ${(error as { code?: string }).code}; ${allowed}`,
    );
  }
  try {
    // OpenSSL takes a file without any certificate in silence.
    new X509Certificate(pem);
  } catch {
    throw new UsageError(`Cannot use --cacert ${JSON.stringify(file)}: ${allowed}`);
  }
  return pem;
}
