/** Random raw answers against the reference reader. */

import type { End } from '../support/heads.ts';
import { isAccepted } from './accepted.ts';
import { type Case, type Reply, randomCase } from './grammar.ts';
import { type Fault, faultOf, type Outcome } from './judge.ts';
import { openPlayground, type Playground } from './playground.ts';
import { Random } from './random.ts';
import { verdictOf } from './reader.ts';
import { type Found, type Fuzz, kindOf } from './run-fuzz.ts';
import { shorter, shrink } from './shrink.ts';

const timeout = 500;
/** A silent server is waited for, on a busy machine longer; what is slower than that waits for something else. */
const maxMs = 8_000;
/** Each is looked at again, which takes time: what is wrong so often is wrong in one way. */
const maxSuspects = 40;

/** @param mutate for self-tests: what pdl is said to have done. */
export const replies: Fuzz = async ({ seed, seconds, shrinkMs = 6_000, mutate = (outcome) => outcome, onFound }) => {
  const random = new Random(seed);
  const playground = await openPlayground();
  const counts: Record<string, number> = {};
  const add = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const kinds = new Set<string>();

  /** Draws cases for so long. */
  function* drawn(ms: number): Iterable<Case> {
    for (const until = performance.now() + ms; performance.now() < until; add('cases')) yield randomCase(random);
  }

  /** Runs for so long, then looks again at what was wrong. */
  async function stretch(ms: number, files: boolean): Promise<void> {
    const suspects: { from: Case; fault: string }[] = [];
    await playground.stream(drawn(ms), { timeout, files }, ({ case: from, reply }, outcome) => {
      const verdict = verdictOf(reply.raw, reply.end);
      const seen = mutate(outcome);
      add('lines');
      add(verdict.kind);
      if (seen.status === 'saved') add(files ? 'saved as files' : 'saved');
      else if (verdict.kind === 'unclear' && verdict.meanings.length === 1 && reply.end !== 'rst') add('strict');
      const fault = faultOf(verdict, reply.end, seen, maxMs);
      if (fault === null) return;
      if (isAccepted(fault)) add('accepted meanings');
      else if (suspects.length < maxSuspects) suspects.push({ from, fault });
    });
    for (const { from, fault } of suspects) {
      const found = kinds.has(kindOf(fault)) ? null : await confirm({ from, fault }, { playground, mutate, shrinkMs });
      if (found === null) add(`not met again: ${kindOf(fault)}`);
      else {
        // One of each kind is enough for a run.
        kinds.add(found.kind);
        onFound(found);
      }
    }
  }

  try {
    // The first requests of a process are slow, and are no measure.
    await playground.stream(
      Array.from({ length: 100 }, () => randomCase(new Random(0))),
      { timeout },
      () => {},
    );
    const until = performance.now() + seconds * 1000;
    for (let files = false; performance.now() < until; files = !files)
      await stretch(Math.min(3_000, (until - performance.now()) / 2), files);
  } finally {
    await playground.close();
  }
  return counts;
};

/** What looking again needs. */
interface Again {
  playground: Playground;
  mutate: (outcome: Outcome) => Outcome;
  shrinkMs: number;
}

/** Runs cases with more patience; for each of them the fault of each of its lines. */
export async function faultsOf(
  { playground, mutate }: Pick<Again, 'playground' | 'mutate'>,
  cases: readonly Case[],
): Promise<Fault[][]> {
  const faults: Fault[][] = cases.map(() => []);
  await playground.stream(cases, { timeout: 1_000 }, ({ reply, at }, outcome) =>
    faults[at]!.push(faultOf(verdictOf(reply.raw, reply.end), reply.end, mutate(outcome), maxMs)),
  );
  return faults;
}

/** Wrong bytes once are wrong for ever; all else may be a busy machine, and is looked at again, alone. */
async function confirm({ from, fault }: { from: Case; fault: string }, again: Again): Promise<Found | null> {
  const kind = kindOf(fault);
  const isOne = (one: Fault) => one !== null && kindOf(one) === kind;
  const fails = async (some: readonly Case[]) => (await faultsOf(again, some)).map((faults) => faults.some(isOne));
  if (!(await fails([from, from, from, from])).includes(true))
    return /^(saved|bytes|meanings|results)/.test(kind) ? { kind, fault, case: from, isSmallest: false } : null;
  const smallest = await shrink(from, smaller, fails, performance.now() + again.shrinkMs);
  const [faults] = await faultsOf(again, [smallest]);
  return { kind, fault: faults!.find(isOne) ?? fault, case: smallest, isSmallest: true };
}

function* smaller(from: Case): Iterable<Case> {
  const { replies } = from;
  if (replies.length > 1) for (const reply of replies) yield { ...from, replies: [reply] };
  if (from.tls) yield { ...from, tls: false };
  for (const [at, reply] of replies.entries()) {
    const instead = (change: Partial<Reply>): Case => ({
      ...from,
      replies: replies.map((one, nth) => (nth === at ? { ...reply, ...change } : one)),
    });
    if (reply.pieces.length > 0) yield instead({ pieces: [], pause: 0 });
    for (const end of ['fin', 'keep'] satisfies End[]) if (reply.end === 'rst') yield instead({ end });
    for (const raw of [...shortBodies(reply.raw), ...fewerChunks(reply.raw)]) yield instead({ raw });
    for (const raw of shorter(reply.raw)) yield instead({ raw });
  }
}

/** With a short body in place of one whose length stands in the head. */
function* shortBodies(raw: string): Iterable<string> {
  const at = raw.search(/\r?\n\r?\n/);
  const head = raw.slice(0, at + 4);
  for (const [number] of head.matchAll(/\d{2,}/g)) {
    const size = Number(number);
    if (size > 5 && size <= raw.length - at)
      yield `${head.replaceAll(number, '5')}hello${raw.slice(head.length + size)}`;
  }
}

/** With a short chunk in place of all, without one of them, and with one that is short. */
function* fewerChunks(raw: string): Iterable<string> {
  const head = raw.slice(0, raw.search(/\r?\n\r?\n/) + 4);
  if (!/chunked/i.test(head)) return;
  yield `${head}5\r\nhello\r\n0\r\n\r\n`;
  for (let from = head.length; ; ) {
    const [line, digits = '0', rest = ''] = /^([0-9a-f]+)([^\n]*\r\n)/i.exec(raw.slice(from, from + 5_000)) ?? [];
    const size = Number.parseInt(digits, 16);
    if (line === undefined || size === 0) return;
    const end = from + line.length + size + 2;
    yield raw.slice(0, from) + raw.slice(end);
    if (size > 1) yield `${raw.slice(0, from)}1${rest}x\r\n${raw.slice(end)}`;
    from = end;
  }
}
