/** Many hosts on loopback, 127.1.x.y each one, and a log of who asked which of them when. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/clock.ts';

export interface Visit {
  host: string;
  path: string;
  /** The User-Agent. */
  worker: string;
  /** When the request had come. */
  begin: number;
  /** Just before the answer was sent; NaN while it is not. */
  end: number;
}

export interface Site {
  readonly log: Visit[];
  url(host: number, path: string): string;
  bodyOf(url: string): string;
}

/** @param serviceMs how long an answer takes. */
export async function startSite(t: Pick<TestContext, 'after'>, serviceMs = 0): Promise<Site> {
  const log: Visit[] = [];
  const server = createServer((request, response) => {
    const { host = '', 'user-agent': worker = '' } = request.headers;
    const visit: Visit = { host, path: request.url ?? '', worker, begin: systemClock.now(), end: Number.NaN };
    log.push(visit);
    const answer = () => {
      visit.end = systemClock.now();
      response.end(`http://${host}${visit.path}`.repeat(3));
    };
    if (serviceMs === 0) answer();
    else systemClock.timer(serviceMs, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', 4096, resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    log,
    url: (host, path) => `http://127.1.${host >> 8}.${host & 255}:${port}${path}`,
    bodyOf: (url) => url.repeat(3),
  };
}

/** Visits of one host too close to each other: the second came less than `restMs` after the answer to the first was sent. */
export function tooClose(log: readonly Visit[], restMs: number): [Visit, Visit][] {
  const byHost = new Map<string, Visit[]>();
  for (const visit of log) {
    const visits = byHost.get(visit.host);
    if (visits === undefined) byHost.set(visit.host, [visit]);
    else visits.push(visit);
  }
  return [...byHost.values()].flatMap((visits) => {
    visits.sort((a, b) => a.begin - b.begin);
    // An answer that was never sent went to a worker that is dead.
    return visits.slice(1).flatMap((visit, index) => {
      const before = visits[index]!;
      return visit.begin - before.end < restMs ? [[before, visit] as [Visit, Visit]] : [];
    });
  });
}
