/** Asks a memory whether a job needs a request at all, and tells it what was saved. */

import type { Layer, Passed, Store, Task, Transfer } from '../types.js';

/** Costs no wait where the store answers at once: of ten million lines most may be known already. */
export function skip(store: Store): Layer {
  return (next) => {
    const fetched = recording(store, next);
    const go = (task: Task, known: Passed | null) => (known === null ? fetched(task) : Promise.resolve(known));
    return (task) => {
      const known = store.skip(task.job);
      return known instanceof Promise ? known.then((late) => go(task, late)) : go(task, known);
    };
  };
}

function recording(store: Store, next: Transfer): Transfer {
  if (store.add === undefined) return next;
  return async (task) => {
    const outcome = await next(task);
    const added = outcome.status === 'saved' ? store.add!(task.job, outcome) : undefined;
    if (added !== undefined) await added;
    return outcome;
  };
}
