/** A source that grows while it is read: the given one, and what the work on its items adds. */

import { type EagerIterable, iteratorOf, type Step } from '../eager.js';
import { Fifo } from './fifo.js';
import type { Run } from './run.js';

export interface Growing<T> {
  readonly source: EagerIterable<T>;
  /** Adds an item; null is none. After the run's end it is ignored: nobody would hear of it. */
  add(item: T | null): void;
}

/**
 * Ends when the given source has ended and no line is under way that could add more.
 * Added items come first, so that they do not pile up. A given source that throws does so after all that was added.
 */
export function growing<T>(given: Iterable<T> | EagerIterable<T>, run: Run): Growing<T> {
  const added = new Fifo<T>();
  const iterator = iteratorOf(given);
  let ended = false;
  let failure: { error: unknown } | null = null;
  let pulling = false;
  let arrived: { value: T } | null = null;
  let change: (() => void) | null = null;

  const notify = () => {
    change?.();
    change = null;
  };
  const arrive = (step: IteratorResult<T>) => {
    pulling = false;
    if (step.done) ended = true;
    else arrived = { value: step.value };
    notify();
  };
  const fail = (error: unknown) => {
    pulling = false;
    ended = true;
    failure = { error };
    notify();
  };
  const pull = () => {
    pulling = true;
    try {
      const step = iterator.next();
      if ('then' in step) step.then(arrive, fail);
      else arrive(step);
    } catch (error) {
      fail(error);
    }
  };

  const next = (): Step<T> => {
    if (added.size > 0) return { done: false, value: added.shift()! };
    if (!ended && !pulling && arrived === null) pull();
    if (arrived !== null) {
      const { value } = arrived as { value: T };
      arrived = null;
      return { done: false, value };
    }
    if (ended && (run.running === 0 || run.ending)) {
      if (failure === null) return { done: true, value: undefined };
      const { error } = failure as { error: unknown };
      failure = null;
      throw error;
    }
    return new Promise<void>((resolve) => {
      change = resolve;
    }).then(next);
  };

  run.on('idle', notify);
  run.on('stop', notify);
  return {
    source: {
      [Symbol.asyncIterator]: () => ({
        next,
        async return() {
          ended = true;
          const closed = iterator.return?.();
          if (pulling) Promise.resolve(closed).catch(() => {});
          else await closed;
          return { done: true, value: undefined };
        },
      }),
    },
    add(item) {
      if (item === null) return;
      added.push(item);
      notify();
    },
  };
}
