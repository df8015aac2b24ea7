/** Keeps a user's layer from hurting any line but its own: what its code throws becomes HOOK, with its name. */

import { PdlError, UsageError } from '../errors.js';
import type { FetchInit, Layer, Meter, Outcome, Task, Transfer } from '../types.js';

/** Lines whose onHead is running: their connection is held, so an inline request could wait for itself. */
const inHead = new WeakSet<Meter>();
/** What came out of pdl itself and is no PdlError: a bug, which a user's layer only passes on. */
const bugs = new WeakSet<object>();
/** onHead functions that are wrapped already, by an outer layer's turn. */
const guarded = new WeakSet<NonNullable<Task['onHead']>>();

/** @throws UsageError when the layer does not return a function. */
export function hooked(layer: Layer): Layer {
  const name = layer.name === '' ? 'without a name' : layer.name;
  return (next) => {
    const transfer: unknown = layer((task) => inside(next, task, name));
    if (typeof transfer !== 'function')
      throw new UsageError(`Cannot use the layer ${name}: allowed is a function (next) => (task) => outcome`);
    return (task) => outside(transfer as Transfer, task, name);
  };
}

async function outside(transfer: Transfer, task: Task, name: string): Promise<Outcome> {
  try {
    const outcome: unknown = await transfer({ ...task, fetch: (url, init) => fetchBeside(task, name, url, init) });
    if (isOutcome(outcome)) return outcome;
  } catch (error) {
    throw isOurs(error) ? error : hookError(name, error);
  }
  throw hookError(name, 'it returned no outcome (is a `return next(task)` missing?)');
}

/** What a layer hands on. Its own onHead is wrapped, so that what it throws is told from what pdl throws. */
async function inside(next: Transfer, task: Task, name: string): Promise<Outcome> {
  const { onHead, meter } = task;
  let handed = task;
  if (onHead !== undefined && !guarded.has(onHead)) {
    const wrapped: NonNullable<Task['onHead']> = async (head) => {
      const within = inHead.has(meter);
      inHead.add(meter);
      try {
        await onHead(head);
      } catch (error) {
        throw error instanceof PdlError ? error : hookError(`${name} (onHead)`, error);
      } finally {
        if (!within) inHead.delete(meter);
      }
    };
    guarded.add(wrapped);
    handed = { ...task, onHead: wrapped };
  }
  try {
    return await next(handed);
  } catch (error) {
    if (!(error instanceof PdlError) && typeof error === 'object' && error !== null) bugs.add(error);
    throw error;
  }
}

async function fetchBeside(task: Task, name: string, url: string, init?: FetchInit) {
  if (inHead.has(task.meter))
    throw hookError(`${name} (onHead)`, 'it called task.fetch while the answer is held (call it around next)');
  return task.fetch(url, init);
}

function isOurs(error: unknown): boolean {
  return error instanceof PdlError || (typeof error === 'object' && error !== null && bugs.has(error));
}

function isOutcome(value: unknown): value is Outcome {
  const status = (value as Partial<Outcome> | null | undefined)?.status;
  // `moved` is known below the redirect layer only, which stands within all of the user's.
  return status === 'saved' || status === 'skipped';
}

/** @param name of the hook, or of the replaced part and its method. */
export function hookError(name: string, cause: unknown): PdlError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new PdlError('HOOK', `Cannot run the hook ${name}: ${message}`, { cause });
}
