/** Servers that bend ranges, over several runs: under a final name stands one version of the file, and a calm server's files all come in. */

import { Random } from './random.ts';
import { type RangeCase, randomRangeCase, type Step } from './range-case.ts';
import { type How, type RangeServer, startRangeServer } from './range-run.ts';
import { type Story, type Suspect, story } from './range-story.ts';
import { type Found, type Fuzz, kindOf } from './run-fuzz.ts';
import { shrink } from './shrink.ts';

/** Files of one story. */
const crowd = 32;

/** @param spoil for self-tests: spoils what a run left in its directory. */
export const ranges =
  (spoil: Story['spoil'] = () => {}): Fuzz =>
  async ({ seed, seconds, shrinkMs = 10_000, onFound }) => {
    const counts: Record<string, number> = {};
    const count = (what: string, times = 1) => {
      counts[what] = (counts[what] ?? 0) + times;
    };
    const most = (what: string, value: number) => {
      counts[what] = Math.max(counts[what] ?? 0, value);
    };
    const server = await startRangeServer();
    const kinds = new Set<string>();
    const until = performance.now() + seconds * 1000;
    let stories = 0;

    async function some(): Promise<void> {
      while (performance.now() < until) {
        const nth = stories++;
        const random = new Random(seed * 10_007 + nth);
        const cases = Array.from({ length: crowd }, () => randomRangeCase(random));
        const how: How[] = nth % 3 === 0 ? ['killed', 'killed', 'killed'] : ['inline', 'inline'];
        for (const suspect of await story({ server, cases, how, random, spoil, count, most })) {
          const kind = kindOf(suspect.fault);
          if (kinds.has(kind)) continue;
          kinds.add(kind);
          onFound(await small(server, suspect, { spoil, deadline: performance.now() + shrinkMs }));
        }
      }
    }

    try {
      // A story mostly waits.
      await Promise.all([some(), some(), some()]);
    } finally {
      await server.close();
    }
    return counts;
  };

interface Small {
  spoil: Story['spoil'];
  deadline: number;
}

/** What is wrong with each of these cases, alone and in this process. */
export async function rangeFaults(
  server: RangeServer,
  cases: readonly RangeCase[],
  spoil: Story['spoil'] = () => {},
): Promise<string[][]> {
  const own = cases.map((one) => ({ ...one }));
  const [count, most] = [() => {}, () => {}];
  const faults = await story({
    server,
    cases: own,
    how: ['inline', 'inline'],
    random: new Random(1),
    spoil,
    count,
    most,
  });
  return own.map((one) => faults.filter(({ from }) => from === one).map(({ fault }) => fault));
}

/** The same case alone, several at once, with fewer steps. */
async function small(server: RangeServer, { from, fault }: Suspect, { spoil, deadline }: Small): Promise<Found> {
  const kind = kindOf(fault);
  const fails = async (some: readonly RangeCase[]) =>
    (await rangeFaults(server, some, spoil)).map((faults) => faults.some((one) => kindOf(one) === kind));
  if (!(await fails([from, from, from, from])).includes(true)) return { kind, fault, case: from, isSmallest: false };
  return { kind, fault, case: await shrink(from, smaller, fails, deadline), isSmallest: true };
}

function* smaller(from: RangeCase): Iterable<RangeCase> {
  const { steps } = from;
  for (const at of steps.keys()) yield { ...from, steps: steps.filter((_, nth) => nth !== at) };
  for (const size of [10, 100_000]) if (size < from.size) yield { ...from, size };
  const { forever, ...once } = from;
  if (forever) yield once;
  const { moves, ...still } = from;
  if (moves) yield still;
  if (from.calm !== 'right') yield { ...from, calm: 'right' };
  if (from.framing !== 'length') yield { ...from, framing: 'length' };
  for (const [at, step] of steps.entries()) {
    const instead = (one: Step) => ({ ...from, steps: steps.map((other, nth) => (nth === at ? one : other)) });
    const { change, cut, ...rest } = step;
    if (change !== undefined) yield instead({ ...rest, ...(cut !== undefined && { cut }) });
    if (cut !== undefined) yield instead({ ...rest, ...(change !== undefined && { change }) });
    if (step.ranged !== 'right') yield instead({ ...step, ranged: 'right' });
    if (!step.heedsIfRange) yield instead({ ...step, heedsIfRange: true });
    if (step.share !== 0.7) yield instead({ ...step, share: 0.7 });
  }
}
