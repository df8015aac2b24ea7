/** What every fuzzer is, and how its findings are told. */

import type { TestContext } from 'node:test';
import type { Outcome } from './judge.ts';

export interface Found {
  /** Faults of one kind are told once. */
  kind: string;
  fault: string;
  /** Plain data: pasted into corpus.ts it is a regression test. */
  case: unknown;
  isSmallest: boolean;
}

export interface FuzzOptions {
  seed: number;
  seconds: number;
  /** How long a finding may be made smaller. */
  shrinkMs?: number;
  onFound(found: Found): void;
  mutate?: (outcome: Outcome) => Outcome;
}

/** Runs for so long; gives back how often each thing happened. */
export type Fuzz = (options: FuzzOptions) => Promise<Record<string, number>>;

const seed = Number(process.env['PDL_TEST_SEED'] ?? 1);

/** A fault without what differs between two cases that are wrong in the same way. */
export const kindOf = (fault: string): string =>
  fault
    .replace(/http\S+/g, 'URL')
    .replace(/\d+/g, 'N')
    .slice(0, 90);

export const told = ({ fault, case: from, isSmallest }: Found): string =>
  `${fault}\n  ${isSmallest ? 'smallest case' : 'case, met once'}: ${JSON.stringify(from)}`;

/** A short run within the tests: no finding, and all that must be met was met. */
export async function fuzzFor(
  t: TestContext,
  fuzz: Fuzz,
  { seconds = 4, must = [] }: { seconds?: number; must?: readonly string[] } = {},
): Promise<void> {
  const found: string[] = [];
  t.diagnostic(`seed ${seed}`);
  const counts = await fuzz({ seed, seconds, onFound: (one) => found.push(told(one)) });
  t.diagnostic(JSON.stringify(counts));
  if (found.length > 0) throw new Error(`seed ${seed}:\n${found.join('\n')}`);
  for (const what of must) if (!counts[what]) throw new Error(`seed ${seed}: no case was ever ${what}`);
}
