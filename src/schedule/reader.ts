/** Reads a source, sync or async, one item at a time, and knows whether it was read to its end. */

import { type EagerIterable, iteratorOf } from '../eager.js';

export interface Reader<T> {
  /** The next item, null at the end; a promise only where the source is asynchronous. */
  next(): { value: T } | null | Promise<{ value: T } | null>;
  /** True when the source was read to its end. */
  readonly ended: boolean;
  /** Tells a source that was not read to its end that nobody will ask again. */
  close(): Promise<void>;
}

export function openReader<T>(source: Iterable<T> | EagerIterable<T>): Reader<T> {
  const iterator = iteratorOf(source);
  let ended = false;
  let over = false;
  let asked = false;
  const read = (step: IteratorResult<T>) => {
    asked = false;
    if (!step.done) return step as { value: T };
    ended = true;
    over = true;
    return null;
  };
  const fail = (error: unknown) => {
    asked = false;
    over = true;
    throw error;
  };
  return {
    next() {
      asked = true;
      try {
        const step = iterator.next();
        return 'then' in step ? Promise.resolve(step).then(read, fail) : read(step);
      } catch (error) {
        return fail(error);
      }
    },
    get ended() {
      return ended;
    },
    async close() {
      if (over) return;
      over = true;
      try {
        const closed = iterator.return?.();
        // A generator that still waits for its own input queues our `return` behind it, perhaps for ever.
        if (!asked) await closed;
        else Promise.resolve(closed).catch(() => {});
      } catch {
        // Whatever a source says while it is sent away, its lines are told already.
      }
    },
  };
}
