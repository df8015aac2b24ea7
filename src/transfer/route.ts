/** From a URL to the connection it needs and the words of its request line. */

import type { Way } from './connect.js';
import { authorizationOf, type ProxyFor, type ProxyServer } from './proxy.js';

export interface Route {
  /** Same key, same connections. */
  key: string;
  /** Origin that the connection's requests name in Host, unless `fields` do. */
  base: string;
  /** What stands in the request line. */
  path: string;
  /** Header names and values, in turn, that the way itself needs. */
  fields: string[];
  way(): Way;
}

const none: string[] = [];

/** @param proxyFor null when there is no proxy at all: then an origin's own connections are the only way. */
export function routes(proxyFor: ProxyFor | null): (url: string) => Route {
  return (url) => {
    const { origin, path } = split(url);
    if (proxyFor === null) return { key: origin, base: origin, path, fields: none, way: () => wayTo(origin, null) };
    const way = wayTo(origin, proxyFor);
    const { proxy } = way;
    if (proxy === null || proxy.kind !== 'http' || way.secure)
      return { key: origin, base: origin, path, fields: none, way: () => way };
    return throughProxy(proxy, origin, path, way);
  };
}

/** Absolute-form: connections to the proxy serve all hosts behind it. */
function throughProxy(proxy: ProxyServer, origin: string, path: string, way: Way): Route {
  const fields = ['host', origin.slice('http://'.length)];
  const authorization = authorizationOf(proxy);
  if (authorization !== null) fields.push('proxy-authorization', authorization);
  return { key: `via ${proxy.label}`, base: origin, path: origin + path, fields, way: () => way };
}

/** Cuts a URL as the WHATWG parser writes it; a `new URL` for each request would cost more than the whole request line. */
function split(url: string): { origin: string; path: string } {
  const slash = url.indexOf('/', 8);
  const hash = url.indexOf('#', 8);
  const end = hash === -1 ? url.length : hash;
  if (slash === -1) return { origin: clean(url.slice(0, end)), path: '/' };
  return { origin: clean(url.slice(0, slash)), path: url.slice(slash, end) };
}

/** Without userinfo. */
function clean(origin: string): string {
  const at = origin.lastIndexOf('@');
  return at === -1 ? origin : origin.slice(0, origin.indexOf('/') + 2) + origin.slice(at + 1);
}

function wayTo(origin: string, proxyFor: ProxyFor | null): Way {
  const { protocol, hostname: host, port: written } = new URL(origin);
  const scheme = protocol === 'https:' ? 'https:' : 'http:';
  const hostname = host.replace(/^\[|\]$/g, '');
  const port = written === '' ? (scheme === 'https:' ? 443 : 80) : Number(written);
  return { hostname, port, secure: scheme === 'https:', proxy: proxyFor?.(scheme, hostname, port) ?? null };
}
