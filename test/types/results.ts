/** Compiled, never run: results are told apart by their status, and none can be forgotten. */

import { download, type ErrorCode, errorCodes, type Result, type Summary } from '../../src/index.ts';

function unreachable(nothing: never): never {
  throw new Error(`no result is ${JSON.stringify(nothing)}`);
}

export function told(result: Result): string {
  switch (result.status) {
    case 'saved':
      return `${result.path} ${result.bytes} ${result.httpStatus}`;
    case 'skipped':
      return result.reason;
    case 'failed':
      return `${result.error.code} ${result.error.message} ${result.permanent}`;
    default:
      return unreachable(result);
  }
}

export function forgotten(result: Result): string {
  switch (result.status) {
    case 'saved':
      return result.path;
    case 'skipped':
      return result.reason;
    default:
      // @ts-expect-error: failed results are not handled
      return unreachable(result);
  }
}

// @ts-expect-error: with every path through it returning a text, one status is missing
export function incomplete(result: Result): string {
  switch (result.status) {
    case 'saved':
      return result.path;
    case 'failed':
      return result.error.code;
  }
}

export function careless(result: Result): unknown[] {
  return [
    // @ts-expect-error: only a saved result has bytes
    result.bytes,
    // @ts-expect-error: only a failed result has an error
    result.error,
    // @ts-expect-error: there is no such status
    result.status === 'done',
    // @ts-expect-error: there is no such code
    result.status === 'failed' && result.error.code === 'TEAPOT',
    // @ts-expect-error: what a layer attached is unknown until it is looked at
    result.data.title,
  ];
}

export async function summed(): Promise<Summary> {
  const results = download(['https://archive.example/a.mp3']);
  for (;;) {
    const step = await results.next();
    if (step.done) return step.value;
    told(step.value);
  }
}

/** A table over all codes: a missing or an additional one does not compile. */
export const sentences: Record<ErrorCode, string> = errorCodes;
// @ts-expect-error: there is no such code
sentences.TEAPOT satisfies string;
