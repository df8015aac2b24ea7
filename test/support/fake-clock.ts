/** A clock that stands still until told to go on, with a seeded die. */

import type { Clock } from '../../src/clock.ts';

export interface FakeClock extends Clock {
  /** Moves on by `ms`, firing each timer at its own time; after each, everything that became ready runs first. */
  advance(ms: number): Promise<void>;
  /** Moves from timer to timer until `goal` settles, and passes on how it did. Throws when nothing is left that could settle it. */
  until<T>(goal: Promise<T>): Promise<T>;
  /** Moves from timer to timer until none is pending. */
  runUntilIdle(): Promise<void>;
  /** Timers pending now. */
  readonly pending: number;
}

interface Timer {
  at: number;
  order: number;
  fn: () => void;
}

/** How many turns of the event loop may pass with nothing to do before a run counts as stuck. */
const patience = 200;

export function fakeClock(seed = 1, start = 1_000): FakeClock {
  const timers: Timer[] = [];
  let now = start;
  let order = 0;
  let state = seed >>> 0;

  // mulberry32
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };

  /** Keeps the list sorted, the next timer last; later ones of the same time fire later. */
  const insert = (timer: Timer) => {
    let low = 0;
    let high = timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (timers[middle]!.at > timer.at) low = middle + 1;
      else high = middle;
    }
    timers.splice(low, 0, timer);
  };

  const fireNext = () => {
    const timer = timers.pop()!;
    now = Math.max(now, timer.at);
    timer.fn();
  };

  const advance = async (ms: number) => {
    const end = now + ms;
    await turn();
    while (timers.length > 0 && timers.at(-1)!.at <= end) {
      fireNext();
      await turn();
    }
    now = end;
    await turn();
    await turn();
  };

  const until = async <T>(goal: Promise<T>): Promise<T> => {
    let settled = false;
    const note = () => {
      settled = true;
    };
    goal.then(note, note);
    for (let idle = 0; ; ) {
      await turn();
      if (settled) return goal;
      if (timers.length > 0) {
        idle = 0;
        fireNext();
      } else if (++idle > patience) throw new Error('the fake clock has no timer left, and nothing settles');
    }
  };

  return {
    now: () => now,
    date: () => new Date(Date.UTC(2026, 0, 1) + now),
    random,
    timer(ms, fn) {
      const timer = { at: now + Math.min(Math.max(ms, 0), 2_147_483_647), order: order++, fn };
      insert(timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) timers.splice(index, 1);
      };
    },
    advance,
    until,
    async runUntilIdle() {
      await turn();
      while (timers.length > 0) {
        fireNext();
        await turn();
      }
    },
    get pending() {
      return timers.length;
    },
  };
}

/** Turns of the event loop until nothing put off by setImmediate is left: time must not pass while there is work that takes none. */
async function turn(): Promise<void> {
  for (let turns = 0; turns < 10_000; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!process.getActiveResourcesInfo().includes('Immediate')) return;
  }
}
