/** Files whose ranges were once handled wrongly: each is a case as a fuzzer prints it. */

import type { RangeCase, RangedKind } from './range-case.ts';

export interface KeptRange {
  name: string;
  case: RangeCase;
}

/** Every whole body is cut at the same place, and every answer to a range is of this kind. */
const cutFor = (ranged: RangedKind): RangeCase => ({
  size: 200_000,
  validator: 'strong',
  framing: 'length',
  steps: [
    { ranged: 'right', heedsIfRange: true, share: 0.6, cut: 'fin' },
    { ranged, heedsIfRange: true, share: 0.6 },
  ],
  forever: true,
  calm: 'right',
});

export const rangeCorpus: readonly KeptRange[] = [
  ...(['416-small', 'encoded-206', 'other-206', 'rest-200', 'no-content-range'] as const).map((ranged) => ({
    name: `a body that is cut for ever ends, where ranges are answered by ${ranged}`,
    case: cutFor(ranged),
  })),
  {
    name: 'a part of one URL is not continued at another, though the validator is the same (RFC 9110 section 8.8.3)',
    case: {
      size: 200_000,
      validator: 'strong',
      framing: 'length',
      steps: [
        { ranged: 'right', heedsIfRange: true, share: 0.6, cut: 'fin' },
        { change: 'same-size', ranged: 'right', heedsIfRange: true, share: 0.6 },
      ],
      moves: true,
      calm: 'right',
    },
  },
  {
    name: 'a server that cuts each connection and serves ranges rightly gets everything through',
    case: {
      size: 1_500_000,
      validator: 'modified',
      framing: 'chunked',
      steps: Array.from({ length: 12 }, () => ({ ranged: 'right', heedsIfRange: false, share: 0.3, cut: 'rst' })),
      calm: 'right',
    },
  },
];
