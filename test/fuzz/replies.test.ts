/** Random raw answers: a saved file is what the answer says and nothing else, and a failure says the truth. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { headPaths } from '../support/sins-heads.ts';
import { isAccepted } from './accepted.ts';
import { corpus } from './corpus.ts';
import { randomCase } from './grammar.ts';
import { faultOf, type Outcome } from './judge.ts';
import { type Line, openPlayground, type Playground } from './playground.ts';
import { Random } from './random.ts';
import { verdictOf } from './reader.ts';
import { faultsOf, replies } from './replies.ts';
import { type Found, fuzzFor } from './run-fuzz.ts';

let playground: Playground;
before(async () => {
  playground = await openPlayground();
});
after(() => playground.close());

test('random answers are read as the reference reader reads them', (t) =>
  fuzzFor(t, replies, { must: ['bytes', 'refuse', 'unclear', 'saved', 'saved as files'] }));

for (const { name, case: kept } of corpus)
  test(`kept: ${name}`, async () => {
    const [faults] = await faultsOf({ playground, mutate: (outcome) => outcome }, [kept]);
    assert.deepEqual(
      faults,
      kept.replies.map(() => null),
    );
  });

test('the reference reader agrees with the reviewed table of raw answers', () => {
  for (const { name, end, reply } of headPaths) {
    // Redirects are saved from where they lead.
    if (/^HTTP\/1.1 302/.test(reply.raw)) continue;
    const verdict = verdictOf(reply.raw, end);
    const meanings = verdict.kind === 'bytes' ? [verdict.meaning] : verdict.kind === 'unclear' ? verdict.meanings : [];
    const when = `${name}/${end}: ${JSON.stringify(verdict)}`;
    if (reply.right === 'save')
      assert.ok(
        meanings.some(({ body }) => body === reply.body),
        when,
      );
    if (reply.right === 'fail') assert.notEqual(verdict.kind, 'bytes', when);
    if (verdict.kind === 'bytes') assert.equal(verdict.meaning.body, reply.body, when);
  }
});

/** Readers that are each wrong in one way, by what they would have done. */
const wrongReaders: Record<string, (outcome: Outcome) => Outcome> = {
  'loses the last byte': (outcome) => ({ ...outcome, ...(outcome.body && { body: outcome.body.slice(0, -1) }) }),
  'takes a cut body for whole': (outcome) =>
    outcome.code === 'TRUNCATED' ? { ...outcome, status: 'saved', body: '' } : outcome,
  'saves every status': (outcome) =>
    outcome.code === 'HTTP_STATUS' ? { ...outcome, status: 'saved', body: '' } : outcome,
  'saves what is malformed': (outcome) =>
    outcome.code === 'BAD_RESPONSE' ? { ...outcome, status: 'saved', body: '' } : outcome,
  'refuses all': (outcome) => ({ ...outcome, status: 'failed', code: 'BAD_RESPONSE' }),
  'blames the disk': (outcome) => (outcome.status === 'failed' ? { ...outcome, code: 'DISK' } : outcome),
  'calls a malformed answer a timeout': (outcome) =>
    outcome.code === 'BAD_RESPONSE' ? { ...outcome, code: 'TIMEOUT' } : outcome,
  'never says that the length is unknown': (outcome) => ({ ...outcome, unsized: false }),
  'tells it twice': (outcome) => ({ ...outcome, results: 2 }),
  'tells nothing': (outcome) => ({ ...outcome, results: 0, status: 'none' }),
  'asks for ever': (outcome) => ({ ...outcome, requests: 20 }),
  'waits for ever': (outcome) => ({ ...outcome, ms: 60_000 }),
};

test('a reader that is wrong is found, whatever is wrong with it', async () => {
  const random = new Random(1);
  const lines: { line: Line; outcome: Outcome }[] = [];
  const cases = Array.from({ length: 150 }, () => randomCase(random));
  await playground.stream(cases, { timeout: 1_000 }, (line, outcome) => lines.push({ line, outcome }));
  const faults = (reader: (outcome: Outcome) => Outcome) =>
    lines.filter(({ line: { reply }, outcome }) => {
      const fault = faultOf(verdictOf(reply.raw, reply.end), reply.end, reader(outcome), 8_000);
      return fault !== null && !isAccepted(fault);
    }).length;
  assert.equal(
    faults((outcome) => outcome),
    0,
  );
  for (const [name, reader] of Object.entries(wrongReaders)) assert.ok(faults(reader) > 0, name);
});

test('a finding is made small and told once', async () => {
  const found: Found[] = [];
  const mutate = (outcome: Outcome): Outcome =>
    outcome.body?.includes('lorem') ? { ...outcome, body: outcome.body.replace('lorem', 'dolor') } : outcome;
  await replies({ seed: 1, seconds: 0.5, shrinkMs: 4_000, mutate, onFound: (one) => found.push(one) });
  assert.equal(found.length, 1);
  assert.match(found[0]!.fault, /^bytes: /);
  assert.ok(JSON.stringify(found[0]!.case).length < 600, JSON.stringify(found[0]!.case));
});
