/** Proxies that answer nonsense: true codes, in time, no secret in any output, no harm to healthy targets, and never an end of the process. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { certificate } from '../support/certificates.ts';
import { folder, pdl } from '../support/pdl.ts';
import type { Outcome } from './judge.ts';
import { faultOfCase, proxies } from './proxies.ts';
import { type ProxyCase, randomProxyCase } from './proxy-case.ts';
import { faultOfShown, throughProxy } from './proxy-run.ts';
import { bodyFor, type Origins, secrets, startHttpProxy, startOrigins, startSocksProxy } from './proxy-server.ts';
import { Random } from './random.ts';
import { fuzzFor } from './run-fuzz.ts';

let origins: Origins;
before(async () => {
  origins = await startOrigins();
});
after(() => Promise.all([origins.plain.close(), origins.secure.close()]));

test('whatever a proxy says, the end of each line is true, and healthy targets go on', (t) =>
  fuzzFor(t, proxies, { must: ['absolute', 'connect', 'socks', 'greetings', 'commands', 'healthy', 'saved'] }));

const socks = (says: number[], right: ProxyCase['right']): ProxyCase => ({
  asking: 'socks',
  tls: false,
  says: String.fromCharCode(...says),
  pieces: [],
  pause: 0,
  next: 'tunnel',
  right,
});

const kept: Record<string, ProxyCase> = {
  'a byte behind the answer of SOCKS5 is one connection, not a thousand': socks(
    [5, 0, 0, 1, 127, 0, 0, 1, 0, 0, 0],
    ['PROXY', 'BAD_RESPONSE'],
  ),
  'an answer of SOCKS5 is of version 5 (RFC 1928 section 6)': socks([0, 0, 0, 1, 127, 0, 0, 1, 0, 0], ['PROXY']),
};

for (const [name, one] of Object.entries(kept))
  test(`kept: ${name}`, async (t) => {
    const proxy = await startSocksProxy(origins);
    t.after(() => proxy.close());
    const { outcomes } = await throughProxy(proxy, [one]);
    assert.equal(faultOfCase(one, outcomes.get(one)!, 'bad0.test'), null);
  });

test('kept: a TLS proxy that resets instead of answering CONNECT is PROXY', async (t) => {
  const proxy = await startHttpProxy(origins, { overTls: true });
  t.after(() => proxy.close());
  proxy.cases.set('bad.test', { ...socks([], []), asking: 'connect', next: 'rst' });
  const args = ['https://bad.test/', '-d', folder(t), '--retry', '0', '--json', '--cacert', certificate().certFile];
  const { code, stdout, stderr } = await pdl(args, { env: { PDL_PROXY: proxy.url } });
  assert.equal(code, 1, stderr);
  assert.match(stdout, /"code":"PROXY"/);
});

/** What a wrong program would say of a line. */
const wrong: Record<string, (outcome: Outcome) => Outcome> = {
  'saves other bytes': (outcome) => ({ ...outcome, ...(outcome.body && { body: `${outcome.body}.` }) }),
  "saves the proxy's page": (outcome) =>
    outcome.code === 'PROXY' ? { ...outcome, status: 'saved', body: '<html>' } : outcome,
  'says the name was not found': (outcome) => (outcome.code === 'PROXY' ? { ...outcome, code: 'DNS' } : outcome),
  'fails where the tunnel stands': (outcome) =>
    outcome.status === 'saved' ? { ...outcome, status: 'failed', code: 'PROXY' } : outcome,
  'asks for ever': (outcome) => ({ ...outcome, requests: 20 }),
  'waits for ever': (outcome) => ({ ...outcome, ms: 60_000 }),
  'says nothing': (outcome) => ({ ...outcome, results: 0 }),
};

test('a program that is wrong about a proxy is found, whatever is wrong with it', async () => {
  const random = new Random(1);
  const cases = Array.from({ length: 60 }, () => randomProxyCase(random, 'connect'));
  const proxy = await startHttpProxy(origins);
  const { outcomes } = await throughProxy(proxy, cases);
  await proxy.close();
  const hosts = [...proxy.cases.keys()];
  const faults = (program: (outcome: Outcome) => Outcome) =>
    cases.filter((one, at) => faultOfCase(one, program(outcomes.get(one)!), hosts[at]!) !== null).length;
  assert.equal(
    faults((outcome) => outcome),
    0,
  );
  for (const [name, program] of Object.entries(wrong)) assert.ok(faults(program) > 0, name);
});

test('healthy targets are looked at: one that is not right is found', async () => {
  const proxy = await startHttpProxy({ ...origins, secure: origins.plain });
  const { faults, healthy } = await throughProxy(proxy, [{ ...socks([], ['PROXY']), asking: 'connect', next: 'fin' }]);
  await proxy.close();
  assert.ok(healthy > 0 && faults.some((fault) => fault.startsWith('healthy: failed')), faults.join());
});

test('a secret is found as it is, in base64, and in the cause of a cause', () => {
  const basic = Buffer.from(`keeper:${secrets.proxy}`).toString('base64');
  const cause = new Error('first', { cause: new Error('second', { cause: { said: [`407 ${basic}`] } }) });
  for (const value of [secrets.origin, { message: `http://me:${secrets.origin}@host/` }, { error: { cause } }])
    assert.match(faultOfShown(value)!, /^secret: /);
  assert.equal(faultOfShown({ url: 'http://host/', body: bodyFor('host') }), null);
});
