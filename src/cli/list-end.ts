/** Tells when the lists were read to their end, which is when the number of their lines is known. */

import type { Entry } from '../types.js';
import type { Lists } from './programs.js';

/** Changes `lists` in place: the library knows its own lists by identity and need not check their entries again. */
export function tellListEnd(lists: Lists, ended: () => void): void {
  const open = lists[Symbol.asyncIterator].bind(lists);
  lists[Symbol.asyncIterator] = () => {
    const inner = open();
    return {
      async next(): Promise<IteratorResult<Entry, undefined>> {
        const step = await inner.next();
        if (step.done) ended();
        return step;
      },
      async return(): Promise<IteratorResult<Entry, undefined>> {
        await inner.return?.();
        return { done: true, value: undefined };
      },
    };
  };
}
