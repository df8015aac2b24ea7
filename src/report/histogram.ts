/** Counts durations in buckets that grow by a quarter, so that a share of all can be told without keeping any. */

export interface Bucket {
  /** Durations of `from` up to, not with, `to` ms. */
  from: number;
  to: number;
  count: number;
}

export interface Histogram {
  readonly count: number;
  add(ms: number): void;
  /** Upper end in ms of the bucket below which a share (0..1) of all lies; null without any. */
  share(share: number): number | null;
  /** From the first to the last that is not empty, in steps of a factor 2. */
  buckets(): Bucket[];
}

const growth = 2 ** 0.25;

export function openHistogram(): Histogram {
  const counts: number[] = [];
  let count = 0;
  // bucket 0 is 0..1 ms, bucket n ends at growth^n ms
  const end = (index: number) => growth ** index;
  return {
    get count() {
      return count;
    },
    add(ms) {
      const index = ms < 1 ? 0 : Math.floor(Math.log(ms) / Math.log(growth) + 1e-9) + 1;
      counts[index] = (counts[index] ?? 0) + 1;
      count += 1;
    },
    share(share) {
      let seen = 0;
      for (let index = 0; index < counts.length; index += 1) {
        seen += counts[index] ?? 0;
        if (seen > 0 && seen >= share * count) return Math.round(end(index));
      }
      return null;
    },
    buckets() {
      const doubled: Bucket[] = [];
      for (let index = 0; index < counts.length; index += 1) {
        const exponent = Math.max(0, Math.ceil(index / 4));
        doubled[exponent] ??= { from: exponent === 0 ? 0 : 2 ** (exponent - 1), to: 2 ** exponent, count: 0 };
        doubled[exponent].count += counts[index] ?? 0;
      }
      const first = doubled.findIndex((bucket) => bucket.count > 0);
      return first === -1 ? [] : doubled.slice(first);
    },
  };
}
