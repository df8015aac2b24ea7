/** What a user should know of, and what stops nothing: told on diagnostics_channel `pdl:warning` to whoever listens. */

import { channel } from 'node:diagnostics_channel';

const warnings = channel('pdl:warning');

/** Publishes `{ message }`: a sentence in the form of an error's, without any secret. */
export function warn(message: string): void {
  if (warnings.hasSubscribers) warnings.publish({ message });
}

/** Warns of lines of a file that are passed over: of the first in words, of the others by their number. */
export function warnOfLines(file: string, odd: readonly string[]): void {
  if (odd.length === 0) return;
  const more = odd.length === 1 ? '' : `, and ${odd.length - 1} more like it`;
  warn(`Cannot use all of ${file}: ${odd[0]}${more}`);
}

/** Hears warnings until the returned function is called. */
export function onWarning(hear: (message: string) => void): () => void {
  const listener = (event: unknown) => hear((event as { message: string }).message);
  warnings.subscribe(listener);
  return () => void warnings.unsubscribe(listener);
}
