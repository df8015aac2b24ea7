/** Random files whose server bends ranges: how it tells versions apart, and what it does at each request. Plain data. */

import type { Random } from './random.ts';

/** How the versions of a file are told apart; what does not tell them apart for certain must never be continued. */
export const validators = [
  'strong',
  'strong',
  'strong',
  'both',
  'both',
  'cased',
  'latin',
  'modified',
  'modified',
  'unquoted-modified',
  'weak',
  'weak-modified',
  'unquoted',
  'undated',
  'fresh',
  'long',
  'none',
] as const;

/** Answers to a request with Range, where If-Range fits or is not heeded. What they say of their bytes is true, or contradicts itself. */
export const rangedKinds = [
  'right',
  'right',
  'right',
  'short',
  'few',
  'early',
  'late',
  'from-zero',
  'total-more',
  'total-less',
  'star',
  'star-short',
  'no-content-range',
  'no-content-range-whole',
  'reversed',
  'unit',
  'multipart',
  'length-more',
  'length-less',
  'chunked',
  'chunked-long',
  'chunked-short',
  'closed',
  'whole-200',
  'whole-206',
  'rest-200',
  'rest-200-bare',
  'weak-206',
  'unquoted-206',
  'bare-206',
  'other-206',
  'encoded-206',
  'two-ranges',
  'blanks',
  'capitals',
  'equals',
  'plus',
  'zeros',
  'huge',
  '416-total',
  '416-held',
  '416-none',
  '416-junk',
  '416-small',
  '416-other',
  '304',
  '204',
  'reset',
  'close',
  'stall',
  'refuse-400',
  'refuse-403',
  'refuse-404',
  'refuse-405',
  'refuse-412',
  'refuse-417',
  'refuse-500',
  'refuse-501',
  'refuse-503',
] as const;

export type RangedKind = (typeof rangedKinds)[number];

/** What happens at one request. */
export interface Step {
  /** Before it the file is replaced. */
  change?: 'same-size' | 'other-size';
  ranged: RangedKind;
  /** A server that does not know If-Range sends a part of what it has now. */
  heedsIfRange: boolean;
  /** A share of what remains, for short answers and for cuts. */
  share: number;
  /** The answer ends there, so. */
  cut?: 'fin' | 'rst' | 'stall';
}

export interface RangeCase {
  size: number;
  validator: (typeof validators)[number];
  framing: 'length' | 'chunked' | 'close';
  /** One for each request, in order; then the server is calm, */
  steps: Step[];
  /** or it begins again. */
  forever?: true;
  /** Each version is at a place of its own, to which a redirect leads, under the same validator. */
  moves?: true;
  /** What a calm server does with ranges. */
  calm: RangedKind;
}

/** What a server may do for ever, so that a client gets the file all the same. */
const calmKinds: readonly RangedKind[] = [
  'right',
  'right',
  'right',
  'whole-200',
  'whole-206',
  'bare-206',
  'rest-200',
  'chunked',
  'closed',
  'star',
  'no-content-range',
  '416-none',
  'multipart',
  'early',
  'refuse-400',
  'refuse-403',
  'refuse-404',
  'refuse-405',
  'refuse-412',
  'refuse-417',
  'refuse-500',
  'refuse-501',
  'refuse-503',
  'reset',
  'close',
  '204',
  '304',
];

export function randomRangeCase(random: Random): RangeCase {
  const steps: Step[] = [];
  for (let groups = random.between(0, 4); groups > 0; groups--) {
    const step = randomStep(random, groups === 1);
    // A server that cuts does so again and again.
    const times = step.cut !== undefined && random.chance(0.2) ? random.between(2, 12) : 1;
    for (let nth = 0; nth < times; nth++) steps.push(step);
  }
  const isForever = random.chance(0.25);
  // Silence takes time, and a loop is a loop without it.
  if (isForever)
    for (const [at, step] of steps.entries()) if (step.cut === 'stall') steps[at] = { ...step, cut: 'fin' };
  return {
    size: sizeOf(random),
    validator: random.pick(validators),
    framing: random.pick(['length', 'length', 'length', 'chunked', 'close']),
    // The first answer is cut, or there is nothing to continue.
    steps:
      steps.length > 0
        ? [
            {
              ...randomStep(random, false),
              share: 0.3 + 0.7 * random.unit(),
              cut: random.pick(isForever ? (['fin', 'rst'] as const) : (['fin', 'rst', 'stall'] as const)),
            },
            ...steps,
          ]
        : [],
    ...(isForever && { forever: true }),
    ...(random.chance(0.15) && { moves: true }),
    calm: random.pick(calmKinds),
  };
}

/** What is worth to be continued is larger than 64 kB, what is streamed larger than 1 MB. */
function sizeOf(random: Random): number {
  const [low, high] = random.pick([
    [1, 60_000],
    [80_000, 300_000],
    [80_000, 300_000],
    [80_000, 300_000],
    [80_000, 300_000],
    [300_000, 1_700_000],
  ] as const);
  return random.between(low, high);
}

function randomStep(random: Random, isRare: boolean): Step {
  return {
    ...(random.chance(0.25) && { change: random.pick(['same-size', 'other-size'] as const) }),
    ranged: random.pick(rangedKinds),
    heedsIfRange: random.chance(0.7),
    share: random.chance(0.1) ? 0 : random.unit(),
    ...(random.chance(isRare ? 0.2 : 0.6) && { cut: random.pick(['fin', 'fin', 'rst', 'rst', 'stall'] as const) }),
  };
}
