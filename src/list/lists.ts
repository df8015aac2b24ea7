/** All lists of a run, opened together and read one after the other. */

import type { Eager } from '../eager.js';
import type { Entry, Job } from '../types.js';
import { type Counts, openJudge } from './judge.js';
import { type Input, type ListOptions, openInput, type Reading } from './source.js';

export type { Format } from './formats/format.js';
export type { Counts, Input, ListOptions };

/** Entries in the order of the lists. Those without `problem` are Jobs already: `intake` need not parse them again. */
export interface Lists extends AsyncIterable<Entry> {
  readonly counts: Readonly<Counts>;
  /** Called when all is read: from then on the counts are those of all lists. */
  onEnd: (() => void) | null;
  /** Lets go of all files and stops reading; a pending read ends. */
  close(): Promise<void>;
}

const opened = new WeakSet<object>();

/** True when the source yields jobs that are checked already. */
export function isLists(source: object): source is Lists {
  return opened.has(source);
}

/** Vouches that a source yields jobs that `intake` need not parse again, nor give a new id. */
export function checked<T extends object>(source: T): T {
  opened.add(source);
  return source;
}

/**
 * Opens all inputs before any is read.
 * @throws UsageError for a file that cannot be opened or a malformed range in a URL argument. While reading: PdlError
 * LIST for a list that breaks, is UTF-16, has no usable header, or begins with 100 bad lines.
 * @example
 * const lists = await openLists([{ kind: 'file', path: 'urls.txt' }], { format: 'auto', glob: 'never', warn: console.warn });
 * for await (const result of download(lists)) console.log(result.line, result.status);
 */
export async function openLists(inputs: readonly Input[], options: ListOptions): Promise<Lists> {
  const counts: Counts = { lines: 0, urls: 0, bad: 0 };
  const readings: Reading[] = [];
  let isClosed = false;
  let nth = 0;

  const close = async () => {
    isClosed = true;
    for (const reading of readings) reading.close();
  };

  async function* batches(): AsyncGenerator<Iterable<Job | Entry>, undefined> {
    for (const reading of readings) {
      const judged = openJudge(reading.name, counts, options.glob === 'everywhere');
      for await (const entries of reading.batches()) yield judged(entries);
    }
    if (!isClosed) lists.onEnd?.();
  }

  try {
    for (const input of inputs) {
      if (input.kind === 'url') nth += 1;
      readings.push(await openInput(input, nth, options, (lines) => (counts.lines += lines)));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const iterate = () => flat(batches(), () => isClosed, close);
  const lists: Lists = { counts, onEnd: null, close, [Symbol.asyncIterator]: iterate };
  opened.add(lists);
  return lists;
}

const done = { done: true, value: undefined } as const;

/** Batches as single entries. By hand, because a generator's return() would queue behind a read that may never end. */
function flat(
  batches: AsyncIterator<Iterable<Entry>, undefined>,
  isClosed: () => boolean,
  close: () => Promise<void>,
): AsyncIterator<Entry, undefined> {
  let batch: Iterator<Entry, undefined> = [][Symbol.iterator]();
  const more = async (): Promise<IteratorResult<Entry, undefined>> => {
    try {
      for (;;) {
        const next = await batches.next();
        if (next.done || isClosed()) return done;
        batch = next.value[Symbol.iterator]();
        const step = batch.next();
        if (!step.done) return step;
      }
    } catch (error) {
      return fail(error);
    }
  };
  const fail = async (error: unknown) => {
    await close();
    throw error;
  };
  const eager: Eager<Entry> = {
    next() {
      if (isClosed()) return done;
      try {
        const step = batch.next();
        return step.done ? more() : step;
      } catch (error) {
        return fail(error);
      }
    },
    async return() {
      await close();
      return done;
    },
  };
  return eager as AsyncIterator<Entry, undefined>;
}
