/** One run of pdl through a bad proxy, with healthy targets beside the bad ones: what came of each, and how long the healthy ones stood still. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { download, memory, type Options, type Result } from '../../src/index.ts';
import { certificate } from '../support/certificates.ts';
import type { Outcome } from './judge.ts';
import type { ProxyCase } from './proxy-case.ts';
import { type BadProxy, bodyFor, secrets } from './proxy-server.ts';

/** Bad lines under way at the same time. */
const maxBad = 16;
const events = ['start', 'redirect', 'retry', 'wait'].map((name) => `pdl:${name}`);

export interface ProxyRun {
  outcomes: Map<ProxyCase, Outcome>;
  /** What was wrong beside the outcomes. */
  faults: string[];
  healthy: number;
  /** Longest time in which no healthy line ended, and in which this process did nothing else, in ms. */
  gap: number;
  lag: number;
}

const patience: Options = { timeout: '700ms', connectTimeout: '700ms' };

/** Fetches every case's target, and healthy ones, so many at a time, until all of them are through. */
export async function throughProxy(proxy: BadProxy, cases: Iterable<ProxyCase>, maxHealthy = 8): Promise<ProxyRun> {
  const found: ProxyRun = { outcomes: new Map(), faults: [], healthy: 0, gap: 0, lag: 0 };
  const under = { bad: 0, healthy: 0 };
  let wake = () => {};
  let last = performance.now();
  let beat = last;
  const pulse = setInterval(() => {
    const now = performance.now();
    found.lag = Math.max(found.lag, now - beat);
    beat = now;
  }, 5);

  async function* lines(): AsyncGenerator<string> {
    const drawn = cases[Symbol.iterator]();
    let next = drawn.next();
    for (let nth = 0; next.done !== true || under.bad > 0; nth++) {
      if (next.done !== true && under.bad < maxBad) {
        under.bad++;
        const host = `bad${proxy.cases.size}.test`;
        proxy.cases.set(host, next.value);
        yield `http${next.value.tls ? 's' : ''}://me:${secrets.origin}@${host}/`;
        next = drawn.next();
      } else if (under.healthy < maxHealthy) {
        if (under.healthy === 0) last = performance.now();
        under.healthy++;
        yield `http${nth % 3 === 0 ? 's' : ''}://good${nth % 5}.test/${nth}`;
      } else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }

  const hear = (message: unknown) => checkSecrets((message as { event: unknown }).event, found);
  for (const name of events) subscribe(name, hear);
  try {
    const options: Options = {
      ...patience,
      sink: memory(),
      proxy: proxy.url,
      noProxy: 'nobody.invalid',
      maxWorkers: 32,
      window: 64,
      retry: 0,
      maxRedirects: 0,
    };
    const { certFile } = certificate();
    for await (const result of download(lines(), {
      ...options,
      insecure: true,
      ...(proxy.url.startsWith('https') && { cacert: certFile }),
    })) {
      const { hostname } = new URL(result.url);
      const one = proxy.cases.get(hostname);
      const outcome = outcomeOf(result, proxy.asked.get(hostname) ?? 0);
      checkSecrets({ ...result, job: undefined, text: undefined, body: undefined }, found);
      if (one !== undefined) {
        under.bad--;
        found.outcomes.set(one, outcome);
      } else {
        under.healthy--;
        found.healthy++;
        const now = performance.now();
        found.gap = Math.max(found.gap, now - last);
        last = now;
        if (outcome.body !== bodyFor(hostname))
          found.faults.push(`healthy: ${outcome.status} ${outcome.code}: ${outcome.message}`);
      }
      wake();
    }
  } finally {
    clearInterval(pulse);
    for (const name of events) unsubscribe(name, hear);
  }
  found.faults.push(...proxy.sins.splice(0).map((sin) => `sin: ${sin}`));
  return found;
}

function outcomeOf(result: Result, requests: number): Outcome {
  const { status, durationMs: ms } = result;
  const shared = { status, ms, requests, results: 1 };
  if (status === 'failed') return { ...shared, code: result.error.code, message: result.error.message };
  if (status !== 'saved') return shared;
  return { ...shared, body: Buffer.from(result.body!).toString('latin1'), unsized: result.lengthUnknown ?? false };
}

const hidden = Object.values(secrets).flatMap((secret) => [
  secret,
  Buffer.from(`keeper:${secret}`).toString('base64'),
  Buffer.from(`me:${secret}`).toString('base64'),
]);

/** What no output may hold, as it is or as it stands in a header. */
export const leakOf = (text: string): string | undefined => hidden.find((secret) => text.includes(secret));

function checkSecrets(value: unknown, found: ProxyRun): void {
  const fault = faultOfShown(value);
  if (fault !== null) found.faults.push(fault);
}

/** What is shown of any value, causes included. */
export function faultOfShown(value: unknown): string | null {
  const text = inspect(value, { depth: 8, maxStringLength: null, breakLength: Number.POSITIVE_INFINITY });
  const leak = leakOf(text);
  if (leak === undefined) return null;
  const at = text.indexOf(leak);
  return `secret: ${leak} in ${text.slice(Math.max(0, at - 150), at + 50)}`;
}
