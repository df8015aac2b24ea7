/** Which proxy a URL goes through: from the options, else from the environment as curl reads it. */

import { PdlError, UsageError } from '../errors.js';
import { warn } from '../warnings.js';
import { exemptions } from './no-proxy.js';

/** A proxy, ready to be dialled. */
export interface ProxyServer {
  kind: 'http' | 'socks5';
  /** TLS to the proxy itself. */
  secure: boolean;
  /** Without brackets. */
  hostname: string;
  port: number;
  /** Decoded; null without credentials. */
  login: { user: string; password: string } | null;
  /** For messages: without credentials. */
  label: string;
}

/** The proxy for a URL's scheme, host (no brackets) and port, or null for a direct connection. @throws PROXY for an unusable one. */
export type ProxyFor = (scheme: 'http:' | 'https:', hostname: string, port: number) => ProxyServer | null;

type Environment = Readonly<Record<string, string | undefined>>;

const allowed = 'http://, https://, socks5:// or socks5h:// with host and port, such as http://proxy.example:3128';
const defaultPorts: Record<string, number> = { 'http:': 80, 'https:': 443, 'socks5:': 1080, 'socks5h:': 1080 };

/**
 * @param proxy value of --proxy; it wins over the environment. @param noProxy value of --no-proxy, likewise.
 * An unusable `all_proxy` (desktops set `socks://`) stops only what has no proxy of its own.
 * @returns null when no proxy is set at all.
 * @throws UsageError for a value that names no usable proxy.
 */
export function proxies(proxy: string | null, noProxy: string | null, env: Environment): ProxyFor | null {
  // CGI scripts get a client's `Proxy:` header as HTTP_PROXY (httpoxy, CVE-2016-5385).
  const upper = env['REQUEST_METHOD'] === undefined ? ['HTTP_PROXY'] : [];
  const given = proxy === null ? null : parseProxy('--proxy', proxy);
  const all = given ?? usableOr(() => named(env, 'all_proxy', 'ALL_PROXY'));
  const http = given ?? named(env, 'http_proxy', ...upper) ?? all;
  const https = given ?? named(env, 'https_proxy', 'HTTPS_PROXY') ?? all;
  if (http === null && https === null) return null;
  if (http instanceof UsageError && https instanceof UsageError) throw http;
  if (all instanceof UsageError) warn(all.message);
  const exempt = exemptions(noProxy ?? env['no_proxy'] ?? env['NO_PROXY'] ?? '');
  return (scheme, hostname, port) => {
    const chosen = scheme === 'http:' ? http : https;
    if (chosen === null || exempt(hostname, port)) return null;
    if (chosen instanceof UsageError) throw new PdlError('PROXY', chosen.message, { reason: 'unusable' });
    return chosen;
  };
}

function named(env: Environment, ...names: string[]): ProxyServer | null {
  for (const name of names) {
    const value = env[name]?.trim();
    if (value) return parseProxy(name, value);
  }
  return null;
}

function usableOr(read: () => ProxyServer | null): ProxyServer | UsageError | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}

/** @param name the option or variable, for the message; the value is shown without credentials. */
function parseProxy(name: string, value: string): ProxyServer {
  // curl and uv take a bare host:port as an HTTP proxy.
  const url = tryUrl(withScheme(value));
  const port = url === null ? undefined : defaultPorts[url.protocol];
  if (
    url === null ||
    port === undefined ||
    url.hostname === '' ||
    !/^\/?$/.test(url.pathname) ||
    url.search ||
    url.hash
  )
    throw unusable(name, value);
  const kind = url.protocol.startsWith('socks') ? 'socks5' : 'http';
  const hostname = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const login = loginOf(name, url);
  if (kind === 'socks5' && login !== null && longest(login) > 255)
    throw new UsageError(`Cannot use ${name}: allowed are a user and a password of at most 255 bytes each (RFC 1929)`);
  return {
    kind,
    secure: url.protocol === 'https:',
    hostname,
    port: url.port === '' ? port : Number(url.port),
    login,
    label: `${url.protocol}//${url.host}`,
  };
}

function withScheme(value: string): string {
  return /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`;
}

function tryUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function loginOf(name: string, { username, password }: URL): ProxyServer['login'] {
  if (username === '' && password === '') return null;
  try {
    return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch {
    throw new UsageError(`Cannot use ${name}: allowed are percent escapes of UTF-8 in its user and password`);
  }
}

function longest({ user, password }: { user: string; password: string }): number {
  return Math.max(Buffer.byteLength(user), Buffer.byteLength(password));
}

function unusable(name: string, value: string): UsageError {
  const shown = JSON.stringify(value.replace(/^([a-z\d+.-]*:\/\/)?[^/]*@/i, '$1***@').slice(0, 80));
  return new UsageError(`Cannot use ${name} ${shown}: allowed is ${allowed}`);
}

/** Value of Proxy-Authorization, or null without credentials. */
export function authorizationOf({ login }: ProxyServer): string | null {
  return login === null ? null : `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
}
