/** Small layers made from one function each: before the request, on the response, on an error, after the file. */

import { PdlError, UsageError } from '../errors.js';
import type { Head, Job, Kept, Layer, Outcome, Passed, Task } from '../types.js';
import { parseUrl, withoutUserinfo } from '../url.js';

type Later<T> = T | Promise<T>;

/**
 * A layer that runs before the job asks for its turn. It is awaited while it holds neither seat nor worker, so a hook that sleeps delays
 * its own line only.
 * @param hook returns a changed job to fetch that instead (other headers, another URL; `id`, `name` and `origin` are best kept), a
 * `Passed` to drop the line, or nothing to go on. A throw fails the line with HOOK and the hook's name.
 * @throws UsageError at once, when `hook` is no function.
 * @example
 * const dated = before((job) => ({ ...job, headers: { ...job.headers, 'X-Day': 'monday' } }));
 * const draftless = before((job) => (job.url.includes('/draft/') ? { status: 'skipped', reason: 'archive' } : undefined));
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks returns nothing at all
export function before(hook: (job: Job, task: Task) => Later<Job | Passed | undefined | void>): Layer {
  return named('before', hook, (next) => async (task) => {
    const said = await hook(task.job, task);
    if (said === undefined) return next(task);
    if (typeof said !== 'object' || said === null)
      throw new TypeError(`it returned ${String(said)} (allowed is a job, a Passed or nothing)`);
    return 'status' in said ? said : next(redirected(task, said));
  });
}

/** A URL that a hook writes is read as one of a list would be; only what changed is worth that. */
function redirected(task: Task, job: Job): Task {
  if (job.url === task.job.url) return { ...task, job };
  const url = parseUrl(String(job.url)) ?? '';
  if (!/^https?:/.test(url)) throw new TypeError(`its job has the url ${JSON.stringify(shown(job.url))}`);
  return { ...task, job: { ...job, url }, url };
}

function shown(url: unknown): string {
  return withoutUserinfo(String(url)).slice(0, 80);
}

/**
 * A layer that runs between head and body of the answer that is about to be saved: not for redirects, refused answers, or a file that
 * turned out to be whole already. The connection is held meanwhile, so `task.fetch` fails here with HOOK.
 * @param hook a throw refuses the body before a byte of it is read, and fails the line: with HOOK, or as the PdlError that was thrown.
 * @throws UsageError at once, when `hook` is no function.
 * @example onResponse((head) => { if (head.headers['x-draft'] !== undefined) throw new Error('a draft'); })
 */
export function onResponse(hook: (head: Head, task: Task) => Later<void>): Layer {
  return named('onResponse', hook, (next) => (task) => next(listening(task, (head) => hook(head, task))));
}

/** The task with one more listener to its head, after those of the layers outside. */
function listening(task: Task, hear: (head: Head) => Later<void>): Task {
  const outer = task.onHead;
  if (outer === undefined) return { ...task, onHead: hear };
  return {
    ...task,
    async onHead(head) {
      await outer(head);
      await hear(head);
    },
  };
}

/**
 * A layer that runs when the line has failed for good, its retries included; not when it was cut off because the run was stopped (ABORTED).
 * @param hook returns an outcome in place of the error, or `again()` to try once more (with new retries, first in line at its host), or
 * throws: the same error, or another PdlError to replace it; anything else becomes HOOK.
 * @throws UsageError at once, when `hook` is no function.
 * @example onError((error, task, again) => { if (error.code === 'RESET') return again(); throw error; })
 */
export function onError(hook: (error: PdlError, task: Task, again: () => Promise<Outcome>) => Later<Outcome>): Layer {
  return named('onError', hook, (next) => async (task) => {
    try {
      return await next(task);
    } catch (error) {
      if (!(error instanceof PdlError) || error.code === 'ABORTED') throw error;
      return hook(error, task, () => next({ ...task, attempt: task.meter.attempts + 1, urgent: true }));
    }
  });
}

/**
 * A layer that runs after a file has landed, with neither seat nor worker held. Lines that were skipped or failed pass by.
 * @param hook what it returns (or resolves to) becomes `result.data`; `task.add` adds further lines, `task.fetch` makes inline requests.
 * `head` is that of the answer; undefined when the file was whole without one. A throw fails the line with HOOK; the file stays.
 * @throws UsageError at once, when `hook` is no function.
 * @example after(async (kept, task, head) => parse(await readFile(kept.path, 'utf8'), head?.headers['content-language']))
 */
export function after(hook: (kept: Kept, task: Task, head: Head | undefined) => unknown): Layer {
  return named('after', hook, (next) => async (task) => {
    let answered: Head | undefined;
    const outcome = await next(
      listening(task, (head) => {
        answered = head;
      }),
    );
    if (outcome.status !== 'saved') return outcome;
    const data = await hook(outcome, task, answered);
    return data === undefined ? outcome : { ...outcome, data };
  });
}

/** A layer called by its hook's own name, so that a HOOK error can say whose it is. */
function named(kind: string, hook: unknown, layer: Layer): Layer {
  if (typeof hook !== 'function') throw new UsageError(`Cannot use ${kind}(${String(hook)}): allowed is a function`);
  return Object.defineProperty(layer, 'name', { value: hook.name || kind });
}
