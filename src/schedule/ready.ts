/** Small layers made from one function each: before the request, on the response, on an error, after the file. */

import { PdlError, UsageError } from '../errors.js';
import type { Head, Job, Kept, Layer, Outcome, Passed, Task } from '../types.js';

type Later<T> = T | Promise<T>;

/**
 * Runs before the job asks for its turn. Return a changed job to fetch that instead (other headers, another URL), a `Passed` to drop it,
 * nothing to go on. Awaited: a hook that sleeps delays its own line only.
 * @example before((job) => ({ ...job, headers: { ...job.headers, 'X-Day': 'monday' } }))
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks returns nothing at all
export function before(hook: (job: Job, task: Task) => Later<Job | Passed | undefined | void>): Layer {
  return named('before', hook, (next) => async (task) => {
    const said = await hook(task.job, task);
    if (said === undefined) return next(task);
    return 'status' in said ? said : next({ ...task, job: said, url: said.url });
  });
}

/**
 * Runs between head and body of every answer that is about to be saved; the connection is held meanwhile. A throw refuses the body and
 * fails the line with HOOK. `task.fetch` is not possible here.
 * @example onResponse((head) => { if (head.headers['x-draft']) throw new Error('a draft'); })
 */
export function onResponse(hook: (head: Head, task: Task) => Later<void>): Layer {
  return named('onResponse', hook, (next) => (task) => {
    const inner = task.onHead;
    const onHead =
      inner === undefined ? hook : (head: Head) => Promise.resolve(inner(head)).then(() => hook(head, task));
    return next({ ...task, onHead: (head) => onHead(head, task) });
  });
}

/**
 * Runs when the line has failed for good, its retries included. Return an outcome to swallow the error, `again()` to try once more, or
 * throw: the same error, or another PdlError to replace it.
 * @example onError((error, task, again) => { if (error.code === 'RESET') return again(); throw error; })
 */
export function onError(hook: (error: PdlError, task: Task, again: () => Promise<Outcome>) => Later<Outcome>): Layer {
  return named('onError', hook, (next) => async (task) => {
    try {
      return await next(task);
    } catch (error) {
      if (!(error instanceof PdlError)) throw error;
      return hook(error, task, () => next(task));
    }
  });
}

/**
 * Runs after a file has landed. What it returns becomes `result.data`; `task.add` adds further lines. A throw fails the line with HOOK; the file stays.
 * @example after(async (kept) => parse(await readFile(kept.path, 'utf8')))
 */
export function after(hook: (kept: Kept, task: Task) => unknown): Layer {
  return named('after', hook, (next) => async (task) => {
    const outcome = await next(task);
    if (outcome.status !== 'saved') return outcome;
    const data = await hook(outcome, task);
    return data === undefined ? outcome : { ...outcome, data };
  });
}

/** A layer called by its hook's own name, so that a HOOK error can say whose it is. */
function named(kind: string, hook: unknown, layer: Layer): Layer {
  if (typeof hook !== 'function') throw new UsageError(`Cannot use ${kind}(${String(hook)}): allowed is a function`);
  return Object.defineProperty(layer, 'name', { value: (hook as { name: string }).name || kind });
}
