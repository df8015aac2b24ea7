/** The door through which time and chance come in. Tests bring a fake one. */

/** Longest delay a timer takes: 2^31 - 1 ms; Node fires longer ones at once. */
export const longestTimer = 2_147_483_647;

/** Where time and chance of a run come from. `{ ...systemClock, random }` is a clock with another die. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start. Never jumps with the wall clock. */
  now(): number;
  /** Wall-clock time, only for stamps and HTTP dates. */
  date(): Date;
  /** Uniform in [0, 1). */
  random(): number;
  /** Calls `fn` once, not before `ms` have passed; `ms` is clamped to 0..2^31-1. Returns its cancellation. */
  timer(ms: number, fn: () => void): () => void;
}

/** The machine's own clock. Timers hold the process alive: a pending one is work. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  random: () => Math.random(),
  timer(ms, fn) {
    const handle = setTimeout(fn, Math.min(Math.max(ms, 0), longestTimer));
    return () => clearTimeout(handle);
  },
};

/** Resolves after `ms`, or rejects with the signal's reason as soon as it aborts. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.timer(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
