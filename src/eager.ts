/** What answers at once where it can, and with a promise where it must wait: a promise for each of ten million lines costs more than the line. */

/** A step that is there at once, or a promise for it. */
export type Step<T> = IteratorResult<T, unknown> | Promise<IteratorResult<T, unknown>>;

/** An async iterator that answers at once where it can. `for await` takes both. */
export interface Eager<T> {
  next(): Step<T>;
  return?(): Promise<IteratorResult<T, unknown>>;
}

/** A source that is read by an Eager iterator. */
export interface EagerIterable<T> {
  [Symbol.asyncIterator](): Eager<T>;
}

/** The iterator of any source: a sync one always answers at once. */
export function iteratorOf<T>(source: Iterable<T> | EagerIterable<T>): Eager<T> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  return iterator as Eager<T>;
}

/** True for a promise of any make. */
export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
