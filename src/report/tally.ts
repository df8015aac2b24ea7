/** What the page tells, gathered in bounded memory while a run goes on: 10 results or 10 million. */

import type { Clock } from '../clock.js';
import type { Failed, Result } from '../types.js';
import { hostOf } from '../url.js';
import type { Board } from './board.js';
import { openHistogram } from './histogram.js';
import { openMoments } from './moments.js';

export interface HostTally {
  host: string;
  saved: number;
  skipped: number;
  failed: number;
  bytes: number;
  /** Sum over saved files; divide by `saved` for the mean. */
  ttfbMs: number;
}

export interface Slow {
  name: string;
  status: Result['status'];
  /** ms since the run began. */
  startMs: number;
  durationMs: number;
  waitedMs: number;
  ttfbMs: number;
  bytes: number;
}

export interface CauseTally {
  what: string;
  count: number;
  /** The first ones. */
  lines: { source: string; line: number; url: string; message: string }[];
}

const mostHosts = 10_000;
const mostSlow = 40;
const mostCauses = 100;
const mostLines = 25;

export type Tally = ReturnType<typeof openTally>;

export function openTally(board: Board, clock: Clock) {
  const startedAt = clock.now();
  const startedOn = clock.date();
  const hosts = new Map<string, HostTally>();
  const causes = new Map<string, CauseTally>();
  const ttfb = openHistogram();
  const duration = openHistogram();
  const moments = openMoments(board, clock);
  let slow: Slow[] = [];

  const hostOfResult = (result: Result) => {
    const host = hostOf(result.url) || '(no host)';
    const key = hosts.has(host) || hosts.size < mostHosts ? host : '(further hosts)';
    const known = hosts.get(key) ?? { host: key, saved: 0, skipped: 0, failed: 0, bytes: 0, ttfbMs: 0 };
    hosts.set(key, known);
    return known;
  };

  const addCause = ({ error, httpStatus, source, line, url }: Failed) => {
    const name = httpStatus === undefined ? error.code : `${error.code} ${httpStatus}`;
    const what = causes.has(name) || causes.size < mostCauses ? name : 'others';
    const cause = causes.get(what) ?? { what, count: 0, lines: [] };
    cause.count += 1;
    if (cause.lines.length < mostLines) cause.lines.push({ source, line, url, message: error.message });
    causes.set(what, cause);
  };

  const addSlow = (result: Result) => {
    const { durationMs, waitedMs, status } = result;
    if (slow.length >= mostSlow && durationMs <= slow.at(-1)!.durationMs) return;
    const startMs = Math.max(0, clock.now() - startedAt - durationMs);
    const [name, ttfbMs, size] =
      result.status === 'saved' ? [result.path, result.ttfbMs, result.bytes] : [result.url, 0, 0];
    slow.push({ name, status, startMs, durationMs, waitedMs, ttfbMs, bytes: size });
    slow = slow.sort((one, other) => other.durationMs - one.durationMs).slice(0, mostSlow);
  };

  return {
    startedOn,
    ttfb,
    duration,
    add(result: Result): void {
      const host = hostOfResult(result);
      host[result.status] += 1;
      if (result.status === 'skipped') return;
      addSlow(result);
      if (result.status === 'failed') addCause(result);
      if (result.status !== 'saved') return;
      host.bytes += result.bytes;
      host.ttfbMs += result.ttfbMs;
      ttfb.add(result.ttfbMs);
      duration.add(result.durationMs);
    },
    moments: moments.all,
    /** Ends the sampling. */
    stop: moments.stop,
    slow: (): readonly Slow[] => slow,
    hosts: () => [...hosts.values()].sort((one, other) => linesOf(other) - linesOf(one)),
    causes: () => [...causes.values()].sort((one, other) => other.count - one.count),
  };
}

export function linesOf({ saved, skipped, failed }: HostTally): number {
  return saved + skipped + failed;
}
