/** Cookies from a cookies.txt file (Netscape format). Read once; nothing a server sets is ever added (failure-cases W9). */

import { isIP } from 'node:net';
import { UsageError } from '../errors.js';
import { warnOfLines } from '../warnings.js';

interface Cookie {
  /** Lower case, without leading dot. */
  domain: string;
  subdomains: boolean;
  path: string;
  secure: boolean;
  /** ms since 1970; Infinity for a session's. */
  expires: number;
  /** `name=value`. */
  pair: string;
}

/** By domain. */
export type Jar = Map<string, Cookie[]>;

/**
 * Reads lines of `domain, subdomains, path, secure, expiry, name, value`, split by tabs; `#HttpOnly_` begins a cookie too. An odd line is
 * passed over, and the first of them told.
 * @throws UsageError with path and line, never with a value, when no line is a cookie.
 */
export function parseCookies(text: string, path: string): Jar {
  const jar: Jar = new Map();
  const odd: string[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/^#HttpOnly_/, '');
    if (line.trim() === '' || line.startsWith('#')) continue;
    const cookie = parseLine(line);
    if (typeof cookie === 'string') {
      odd.push(`line ${index + 1} ${cookie}`);
      continue;
    }
    const others = jar.get(cookie.domain);
    if (others) others.push(cookie);
    else jar.set(cookie.domain, [cookie]);
  }
  if (odd.length > 0 && jar.size === 0) throw new UsageError(`Cannot read cookies file ${path}: ${odd[0]}`);
  warnOfLines(`cookies file ${path}`, odd);
  return jar;
}

/** The Cookie header for a request at wall-clock time `at` (RFC 6265 section 5.4), or undefined. */
export function cookieHeader(jar: Jar, url: string, at: number): string | undefined {
  const { protocol, hostname, pathname } = new URL(url);
  const found: Cookie[] = [];
  for (const domain of domainsOf(hostname)) {
    for (const cookie of jar.get(domain) ?? []) {
      const here = cookie.subdomains || domain === hostname;
      const safe = !cookie.secure || protocol === 'https:';
      if (here && safe && cookie.expires > at && covers(cookie.path, pathname)) found.push(cookie);
    }
  }
  // Longer paths first; sort is stable, so the file's order stays otherwise.
  found.sort((one, other) => other.path.length - one.path.length);
  return found.length === 0 ? undefined : found.map(({ pair }) => pair).join('; ');
}

/** Longest name of DNS, with its last dot. A longer one is no host: its parents are not worth quadratic work. */
const maxName = 254;

/** The host itself and all it lies under; an address lies under nothing. */
function domainsOf(hostname: string): string[] {
  if (hostname.startsWith('[') || hostname.length > maxName || isIP(hostname) !== 0) return [hostname];
  const labels = hostname.split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}

function covers(cookiePath: string, path: string): boolean {
  return (
    path.startsWith(cookiePath) && (cookiePath.endsWith('/') || ['', '/'].includes(path.charAt(cookiePath.length)))
  );
}

/** The cookie, or what is wrong with its line. */
function parseLine(line: string): Cookie | string {
  const [domain = '', subdomains = '', path = '', secure = '', expiry = '', name, value = '', ...more] =
    line.split('\t');
  if (name === undefined || more.length > 0) return 'has not seven fields split by tabs';
  if (!/^\.?[^\s./][^\s/]*$/.test(domain)) return 'names no domain';
  const flags = [subdomains, secure].map((word) => ['FALSE', 'TRUE'].indexOf(word.toUpperCase()));
  if (flags.includes(-1)) return 'has a flag other than TRUE and FALSE';
  // Python writes a session's cookie without a number.
  if (!/^(?:-?\d{1,15}(?:\.\d+)?)?$/.test(expiry)) return 'has an expiry that is no number';
  if (!/^[^\x00-\x20=;,\x7f]*$/.test(name) || /[\x00-\x1f;\x7f]/.test(value))
    return 'holds a name or value no cookie may have';
  return {
    domain: domain.replace(/^\./, '').toLowerCase(),
    subdomains: flags[0] === 1,
    path: path.startsWith('/') ? path : '/',
    secure: flags[1] === 1,
    expires: Number(expiry) === 0 ? Number.POSITIVE_INFINITY : Number(expiry) * 1000,
    pair: name === '' ? value : `${name}=${value}`,
  };
}
