/** Asks a memory whether a job needs a request at all, and tells it what was saved. */

import type { Layer, Outcome, Passed, Store, Task, Transfer } from '../types.js';

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
  return async (task): Promise<Outcome> => {
    const outcome = await next(task);
    if (outcome.status === 'saved') await store.add!(task.job, outcome);
    return outcome;
  };
}
