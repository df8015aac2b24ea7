/** TLS over a connection that already stands: trust, names, and sessions taken up again. */

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect, createSecureContext, type SecureContext } from 'node:tls';
import { UsageError } from '../errors.js';

/** Sessions remembered at most. */
const mostSessions = 1000;

/** Speaks TLS with `host` over `socket`; rejects with OpenSSL's own error. */
export type Secure = (socket: Socket, hostname: string, port: number) => Promise<Socket>;

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
  return (socket, hostname, port) =>
    new Promise((resolve, reject) => {
      context ??= make();
      const key = `${hostname}:${port}`;
      const session = sessions.get(key);
      const options: ConnectionOptions & { highWaterMark: number } = {
        socket,
        host: hostname,
        // RFC 6066 section 3: an address is no server name.
        servername: isIP(hostname) === 0 ? hostname : '',
        secureContext: context,
        rejectUnauthorized: !insecure,
        ALPNProtocols: ['http/1.1'],
        // 16 kB, one record, by default: then each record stops the socket below, and starts it again.
        highWaterMark: socket.readableHighWaterMark,
        ...(session === undefined ? {} : { session }),
      };
      const secured = connect(options);
      secured.on('session', (fresh) => {
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
        // A refused session must not refuse the next try too.
        sessions.delete(key);
        secured.on('error', () => {});
        reject(error);
      };
      const onClose = () => onError(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
      secured.once('secureConnect', onSecure).once('error', onError).once('close', onClose);
    });
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
