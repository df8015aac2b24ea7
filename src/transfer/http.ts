/** The wire: requests over HTTP/1.1, each on a connection of its own. The only door to undici. */

import { Client, util } from 'undici';
import type { Clock } from '../clock.js';
import { PdlError } from '../errors.js';
import type { Settings } from '../options.js';
import type { Framing, Receiver, Request, Transport } from '../types.js';
import { withoutUserinfo } from '../url.js';
import type { Terms } from './carrier.js';
import { bannedPlace, type Means } from './connect.js';
import { type Channel, Connection, type OpenChannel } from './connection.js';
import { Watch } from './deadlines.js';
import { Names } from './dns.js';
import { Exchange } from './exchange.js';
import { Pool } from './pool.js';
import { proxies } from './proxy.js';
import { type Route, routes } from './route.js';
import { Throttle } from './throttle.js';
import { tls } from './tls.js';

const longestHead = 65_536;

/**
 * Opens the wire. Proxies come from the settings, else from `env`.
 * @throws UsageError for an unusable proxy or an unreadable `cacert`.
 */
export function openHttp(
  settings: Settings,
  clock: Clock,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Transport {
  const names = new Names(clock);
  const secure = tls(settings.cacert, settings.insecure);
  const proxySecure = settings.insecure ? tls(settings.cacert, false) : secure;
  const means: Means = { names, secure, proxySecure, noPrivate: settings.noPrivate };
  const proxyFor = proxies(settings.proxy, settings.noProxy, env);
  const throttle = Number.isFinite(settings.limitRate) ? new Throttle(settings.limitRate, clock) : null;
  const watch = new Watch(clock);
  const terms: Terms = { watch, limits: settings, parse: util.parseHeaders as unknown as Terms['parse'] };
  const pool = new Pool();
  const routeOf = routes(proxyFor);
  const open = channels(idleTime(settings));
  const signals = new Map<AbortSignal, () => void>();

  function heed(signal: AbortSignal): void {
    // One listener for the run, not one for each request (nodejs/node#54614).
    if (signals.has(signal)) return;
    const onAbort = () => {
      for (const exchange of watch.running() as Exchange[]) if (exchange.request.signal === signal) exchange.abort();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    signals.set(signal, onAbort);
  }

  return {
    send(request: Request, receiver: Receiver): Promise<Framing> {
      if (request.signal.aborted) return Promise.reject(stopped(request));
      let route: Route;
      try {
        route = routeOf(request.url);
      } catch (error) {
        return Promise.reject(error);
      }
      // Connections to a proxy are shared by many hosts, so that dialling does not see each of them.
      const banned = means.noPrivate && proxyFor !== null ? bannedPlace(route.way()) : null;
      if (banned !== null) return Promise.reject(banned);
      heed(request.signal);
      return new Promise((resolve, reject) => {
        const connection =
          pool.take(route.key) ?? new Connection(route.key, route.base, route.way(), pool, means, throttle, open);
        const exchange = new Exchange(request, receiver, connection, terms, resolve, reject);
        connection.run(exchange, route.path, fields(route, request.headers));
      });
    },

    expect(host) {
      const hostname = nameOf(host);
      // Behind a proxy names are looked up there.
      if (hostname !== null && proxyFor === null) names.expect(hostname);
    },

    release(host) {
      for (const key of [`http://${host}`, `https://${host}`, `http://${host}:443`, `https://${host}:80`])
        pool.clear(key);
      const hostname = nameOf(host);
      if (hostname !== null) names.forget(hostname);
    },

    async close() {
      for (const [signal, onAbort] of signals) signal.removeEventListener('abort', onAbort);
      signals.clear();
      for (const exchange of watch.running() as Exchange[]) exchange.abort();
      watch.close();
      throttle?.close();
      await pool.close();
    },
  };
}

/** An idle connection outlives the longest rest of its seat, within reason. */
function idleTime({ delay }: Settings): number {
  return Math.min(Math.max(4000, delay[1] + 2000), 60_000);
}

function channels(keepAliveTimeout: number): OpenChannel {
  return (origin, connect) =>
    new Client(origin, {
      pipelining: 1,
      allowH2: false,
      // Own deadlines: undici's know nothing of a held connection, and an endless 103 feeds them.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout,
      keepAliveMaxTimeout: 60_000,
      maxHeaderSize: longestHead,
      connect: (_options, done) => connect(done),
    }) as unknown as Channel;
}

function fields({ fields }: Route, headers: Record<string, string>): string[] {
  const flat = fields.slice();
  for (const name in headers) flat.push(name, headers[name]!);
  return flat;
}

/** The name of a host as politeness writes it, or null for an address. */
function nameOf(host: string): string | null {
  const name = host.replace(/:\d+$/, '');
  return name.startsWith('[') || /^[\d.]+$/.test(name) ? null : name;
}

function stopped({ url }: Request): PdlError {
  return new PdlError('ABORTED', `Cannot fetch ${withoutUserinfo(url)}: the run was stopped`, { reason: 'signal' });
}
