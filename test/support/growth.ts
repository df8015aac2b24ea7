/** Measures how the work of a function grows with its text. */

import { systemClock } from '../../src/clock.ts';

/** A text of any size: one unit again and again between a beginning and an end. */
export type Shape = readonly [before: string, unit: string, after: string];

export type Work = (text: string) => unknown;

/** ms that are more than noise. */
const measurable = 2;
const smallest = 2048;
/** Twice the text must take less than this many times the work: 2 is linear, 4 is quadratic. */
const allowed = 3;
/** Below this, larger texts are not worth a look. */
const unsuspicious = 2.5;
/** ms a character may take at most: what is quadratic up to a bound is linear beyond it. */
const dearest = 0.02;
const samples = 2;
const attempts = 5;

/**
 * How the work grows too fast over texts of this shape, or null. Texts are doubled until one takes some ms. A single
 * step (a garbage collection, a full cache) is not growth: three doublings in a row must cost too much.
 */
export async function growthFault(work: Work, shape: Shape, largest: number): Promise<string | null> {
  const times = new Map<number, number>();
  const least = async (size: number, runs: number) => {
    const text = textOf(shape, size);
    for (let run = 0; run < runs; run++) {
      times.set(size, Math.min(times.get(size) ?? Number.POSITIVE_INFINITY, await msOf(work, text)));
    }
    return times.get(size)!;
  };
  let size = smallest;
  while ((await least(size, 1)) < measurable || (await least(size, 1)) < measurable) {
    size *= 2;
    if (size > largest) return null;
  }
  await least(size / 2, samples);
  for (let steep = 0; size <= 2 * largest; size *= 2) {
    if ((await least(size, samples)) > dearest * size) return told(shape, times);
    const ratio = times.get(size)! / times.get(size / 2)!;
    if (ratio < unsuspicious) return null;
    steep = ratio < allowed ? 0 : steep + 1;
    if (steep === 3 && (await isSteep([size / 8, size / 4, size / 2, size], least))) return told(shape, times);
  }
  return null;
}

async function isSteep(sizes: number[], least: (size: number, runs: number) => Promise<number>): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const times: number[] = [];
    for (const size of sizes) times.push(await least(size, 1));
    if (times.some((ms, at) => at > 0 && ms < allowed * times[at - 1]!)) return false;
  }
  return true;
}

function told(shape: Shape, times: Map<number, number>): string {
  const each = [...times].sort(([one], [other]) => one - other).map(([size, ms]) => `${size}: ${ms.toFixed(1)} ms`);
  return `characters of ${JSON.stringify(shape)} take ${each.slice(-4).join(', ')}`;
}

function textOf([before, unit, after]: Shape, size: number): string {
  return before + unit.repeat(Math.ceil(size / unit.length)) + after;
}

/** A refusal is an answer, too. */
async function msOf(work: Work, text: string): Promise<number> {
  const begin = systemClock.now();
  try {
    await work(text);
  } catch {}
  return systemClock.now() - begin;
}
