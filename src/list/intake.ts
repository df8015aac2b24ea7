/** What a source yields becomes jobs with their names, or endings that need no request, in list order. */

import { type Eager, type EagerIterable, iteratorOf, type Step } from '../eager.js';
import { PdlError, UsageError } from '../errors.js';
import type { Entry, Item, Job, Line, Passed, Source } from '../types.js';
import { badLine, readJob } from './job.js';
import { isLists } from './lists.js';

/** One URL line: to be fetched, ended without a request, or bad. */
export type Intake = { job: Job } | { job: Job; ending: Passed } | { origin: Line; ending: PdlError };

/** Who is asked about each job, in list order. */
export interface Rooms {
  /** Why the job needs no request because an earlier line is the same, or null. */
  twin(job: Job): Passed | null;
  /** The name of job number `index` (from 1; counts URL lines, good or bad). Throws PdlError NAME. */
  name(job: Job, index: number): string;
  /** False for lines of another shard: they take part in numbers and names, and vanish. Of a bad line it sees a job with an empty url. */
  mine(job: Job): boolean;
}

/** Lines between two looks at the event loop: skipping ten million lines must not stop the transfers that run. */
const breath = 512;

export interface Taken extends EagerIterable<Intake> {
  /** Takes in one item from outside the source, in the same numbering; null where another shard has it. */
  add(item: Item): Intake | null;
}

/** Reads lazily, one item for each `next()`; leaving the loop closes the source at once, even while a read is pending. */
export function intake(source: Source, rooms: Rooms): Taken {
  const take = openTake(rooms);
  const isChecked = isLists(source);
  return {
    [Symbol.asyncIterator]: () => open(source, (item) => take(item, isChecked ? 'lists' : 'source')),
    add: (item) => take(item, 'added'),
  };
}

/** @throws UsageError for what is no source. */
export function checkedSource(source: Source): Source {
  const given: unknown = source;
  const isSource =
    typeof given === 'string' ||
    (typeof given === 'object' && given !== null && (Symbol.asyncIterator in given || Symbol.iterator in given));
  if (isSource) return source;
  const shown = typeof given === 'object' && given !== null ? 'an object' : String(given).slice(0, 80);
  throw new UsageError(`Cannot read the source ${shown}: allowed is an iterable or an async iterable of URLs`);
}

function open(source: Source, take: (item: Item) => Intake | null): Eager<Intake> {
  // A text is an iterable of characters; who passes one means one URL.
  const items = iteratorOf<Item>(typeof source === 'string' ? [source as string] : source);
  let looks = 0;
  const later = async (pending: Promise<IteratorResult<Item> | undefined>) => {
    const step = await pending;
    return (step && taken(step)) ?? next();
  };
  const taken = (step: IteratorResult<Item>): IteratorResult<Intake, undefined> | null => {
    if (step.done) return { done: true, value: undefined };
    const value = take(step.value);
    return value && { done: false, value };
  };
  const next = (): Step<Intake> => {
    for (;;) {
      if (++looks % breath === 0) return later(new Promise((resume) => setImmediate(resume, undefined)));
      const step = items.next();
      if ('then' in step) return later(step);
      const value = taken(step);
      if (value !== null) return value;
    }
  };
  return {
    next,
    async return() {
      await items.return?.();
      return { done: true, value: undefined };
    },
  };
}

/** Numbers an item and asks the rooms about it; null where another shard has the line. */
function openTake(rooms: Rooms): (item: Item, from: 'lists' | 'source' | 'added') => Intake | null {
  let index = 0;
  return (item, from) => {
    index += 1;
    const given = typeof item === 'object' && item !== null ? item.origin : undefined;
    const origin = given ?? { source: from, number: index, text: textOf(item) };
    const job = from === 'lists' ? checked(item as Entry) : readJob(item, origin);
    if (typeof job === 'string') {
      const pseudo: Job = { id: '', url: '', origin };
      return rooms.mine(pseudo) ? { origin, ending: badLine(item, origin, job) } : null;
    }
    const ending = rooms.twin(job) ?? named(job, index, rooms);
    if (!rooms.mine(job)) return null;
    if (ending === null) return { job };
    return ending instanceof PdlError ? { origin: job.origin, ending } : { job, ending };
  };
}

function checked(entry: Entry): Job | string {
  return entry.problem ?? (entry as Job);
}

function named(job: Job, index: number, rooms: Rooms): PdlError | null {
  try {
    job.name = rooms.name(job, index);
    return null;
  } catch (error) {
    if (error instanceof PdlError) return error;
    throw error;
  }
}

/** What stands for an item that is not from a list. */
function textOf(item: Item): string {
  const text = typeof item === 'object' && item !== null ? item.url : item;
  return typeof text === 'string' ? text : String(text);
}
