/** Proxies that answer nonsense: true codes, in time, no secret in any output, and no harm to healthy targets. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pdl } from '../support/pdl.ts';
import { isAccepted } from './accepted.ts';
import { type Fault, faultOf, type Outcome } from './judge.ts';
import { type Asking, type ProxyCase, randomGreeting, randomProxyCase } from './proxy-case.ts';
import { leakOf, throughProxy } from './proxy-run.ts';
import {
  type BadProxy,
  bodyFor,
  type Origins,
  secrets,
  startHttpProxy,
  startOrigins,
  startSocksProxy,
} from './proxy-server.ts';
import { Random } from './random.ts';
import { verdictOf } from './reader.ts';
import { type Fuzz, kindOf } from './run-fuzz.ts';

/** Cases of one run. */
const crowd = 80;
const maxMs = 5_000;
/** Beyond what this process itself stood still. */
const maxGap = 400;

export const proxies: Fuzz = async ({ seed, seconds, mutate = (outcome) => outcome, onFound }) => {
  const counts: Record<string, number> = {};
  const count = (what: string, times = 1) => {
    counts[what] = (counts[what] ?? 0) + times;
  };
  const most = (what: string, value: number) => {
    counts[what] = Math.max(counts[what] ?? 0, Math.round(value));
  };
  const origins = await startOrigins();
  const random = new Random(seed);
  const kinds = new Set<string>();
  let gaps = 0;
  const blame = (from: unknown, fault: string, isSmallest = false) => {
    const kind = kindOf(fault);
    if (kinds.has(kind)) return;
    kinds.add(kind);
    onFound({ kind, fault, case: from, isSmallest });
  };

  async function crowded(isSocks: boolean): Promise<void> {
    const overTls = !isSocks && random.chance(0.2);
    const asking = () => (isSocks ? 'socks' : random.pick<Asking>(['absolute', 'connect']));
    const cases = Array.from({ length: crowd }, () => randomProxyCase(random, asking()));
    const proxy = isSocks ? await startSocksProxy(origins) : await startHttpProxy(origins, { overTls });
    const { outcomes, faults, healthy, gap, lag } = await throughProxy(proxy, cases);
    await proxy.close();
    for (const fault of faults) blame(proxy.url.slice(0, 5), fault);
    for (const one of cases) {
      const fault = faultOfCase(one, mutate(outcomes.get(one) ?? nothing), hostOf(proxy, one));
      count(one.asking);
      if (fault === null) continue;
      const again = await isMetAgain(origins, one, fault, mutate);
      // A busy machine makes some of them slow; wrong bytes once are wrong for ever.
      if (again || /^(bytes|results)/.test(fault)) blame(one, fault, again);
      else count(`not met again: ${kindOf(fault).slice(0, 40)}`);
    }
    count('healthy', healthy);
    count('saved', [...outcomes.values()].filter(({ status }) => status === 'saved').length);
    most('longest gap of healthy targets, ms', gap);
    most('longest gap beyond lag, ms', gap - lag);
    // Once may be the machine; a bad target that holds up the healthy ones does so again.
    if (gap - lag > maxGap && ++gaps > 1)
      blame(
        'a crowd',
        `gap: ${Math.round(gap)} ms without a healthy result, ${Math.round(lag)} of them this process's`,
      );
  }

  /** A SOCKS5 proxy that is bad before it knows the target. */
  async function greeted(): Promise<void> {
    const greeting = randomGreeting(random);
    const proxy = await startSocksProxy(origins, greeting);
    const { tls, ...rest } = randomProxyCase(random, 'socks');
    const one: ProxyCase = { ...rest, tls, says: '', next: 'tunnel', right: greeting.right };
    const { outcomes, faults } = await throughProxy(proxy, [one], 0);
    await proxy.close();
    count('greetings');
    const fault = faultOfCase(one, mutate(outcomes.get(one) ?? nothing), 'bad0.test');
    for (const seen of [...faults, ...(fault === null ? [] : [fault])]) blame(greeting, seen);
  }

  /** The command, whose every output is looked at. */
  async function shown(isJson: boolean): Promise<void> {
    const dir = mkdtempSync(join(tmpdir(), 'pdl-fuzz-'));
    const cases = Array.from({ length: 12 }, () =>
      randomProxyCase(random, random.pick<Asking>(['absolute', 'connect'])),
    );
    const proxy = await startHttpProxy(origins);
    const lines = cases.map((one, at) => {
      proxy.cases.set(`bad${at}.test`, one);
      return `http${one.tls ? 's' : ''}://me:${secrets.origin}@bad${at}.test/`;
    });
    const args = [
      '-',
      '-d',
      dir,
      '-vv',
      '--insecure',
      '--retry',
      '1',
      '--report',
      join(dir, 'report.html'),
      ...(isJson ? ['--json'] : []),
    ];
    const env = {
      PDL_PROXY: proxy.url,
      PDL_TIMEOUT: '700ms',
      PDL_CONNECT_TIMEOUT: '700ms',
      NODE_DEBUG: 'pdl',
      no_proxy: '',
    };
    const { code, stdout, stderr } = await pdl(args, { stdin: lines.join('\n'), env });
    const text = stdout + stderr + readFileSync(join(dir, 'report.html'), 'latin1');
    await proxy.close();
    rmSync(dir, { recursive: true, force: true });
    count('commands');
    const leak = leakOf(text);
    if (leak !== undefined)
      blame(cases, `secret: ${leak} in ${text.slice(text.indexOf(leak) - 150, text.indexOf(leak) + 50)}`);
    if (code !== 0 && code !== 1) blame(cases, `exit: ${code} ${stderr.slice(-200)}`);
  }

  const crash = (error: Error) => blame('a crowd', `crash: ${error.stack}`);
  process.on('uncaughtException', crash);
  try {
    const until = performance.now() + seconds * 1000;
    for (let nth = 0; performance.now() < until; nth++) {
      await crowded(nth % 2 === 1);
      await Promise.all(Array.from({ length: 6 }, greeted));
      if (nth % 3 === 0) await shown(nth % 2 === 0);
    }
  } finally {
    process.off('uncaughtException', crash);
    await Promise.all([origins.plain.close(), origins.secure.close()]);
  }
  return counts;
};

const nothing: Outcome = { status: 'none', results: 0, requests: 0, ms: 0 };

const hostOf = (proxy: BadProxy, one: ProxyCase) => [...proxy.cases].find(([, other]) => other === one)?.[0] ?? '';

export function faultOfCase(one: ProxyCase, outcome: Outcome, host: string): Fault {
  const { reply, right } = one;
  if (reply !== undefined && right.length === 0) {
    const verdict = verdictOf(reply.raw, reply.end);
    // Who broke off may be the proxy as well as the target.
    if (outcome.code === 'PROXY' && verdict.kind !== 'bytes') return null;
    const fault = faultOf(verdict, reply.end, outcome, maxMs);
    return fault === null || isAccepted(fault) ? null : fault;
  }
  if (outcome.results !== 1) return `results: ${outcome.results} for one line`;
  if (outcome.ms > maxMs) return `slow: ${outcome.ms} ms`;
  if (outcome.requests > 3) return `requests: ${outcome.requests} for one line`;
  if (outcome.status === 'saved' && outcome.body !== bodyFor(host)) return `bytes: saved ${outcome.body?.slice(0, 40)}`;
  const seen = outcome.status === 'failed' ? outcome.code! : outcome.status;
  if (right.includes(seen as 'saved')) return null;
  return `code: ${seen} is none of ${right.join()}: ${outcome.message}`;
}

/** The same case again, some times, in a run of its own. */
async function isMetAgain(
  origins: Origins,
  one: ProxyCase,
  fault: string,
  mutate: (outcome: Outcome) => Outcome,
): Promise<boolean> {
  const again = Array.from({ length: 4 }, () => ({ ...one }));
  const proxy = one.asking === 'socks' ? await startSocksProxy(origins) : await startHttpProxy(origins);
  const { outcomes } = await throughProxy(proxy, again);
  await proxy.close();
  return again.some((other) => {
    const seen = faultOfCase(other, mutate(outcomes.get(other) ?? nothing), hostOf(proxy, other));
    return seen !== null && kindOf(seen) === kindOf(fault);
  });
}
