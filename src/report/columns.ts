/** Fits safe text into the columns of a terminal. */

import stringWidth from 'string-width';

const plain = /^[\x20-\x7e]*$/;

/** Columns that a safe text takes. */
export function width(text: string): number {
  return plain.test(text) ? text.length : stringWidth(text);
}

/** UTF-16 units of one column at most: a family of four with skin tones takes 19 for two columns. */
const maxUnits = 16;

let graphemes: Intl.Segmenter | null = null;

/** Safe text cut to at most `columns`, the cut marked with `…`. */
export function cut(text: string, columns: number): string {
  // more than any text of so many columns takes: the segmenter is quadratic in the length of its text
  const head = text.slice(0, Math.max(0, columns) * maxUnits);
  if (head.length === text.length && width(text) <= columns) return text;
  if (columns <= 0) return '';
  if (plain.test(head)) return `${head.slice(0, columns - 1)}…`;
  // made at the first need: it costs 10 ms, and most names are ASCII
  graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(head)) {
    used += stringWidth(segment);
    if (used > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Cut or filled with blanks to exactly `columns`. */
export function fit(text: string, columns: number): string {
  const short = cut(text, columns);
  return short + ' '.repeat(Math.max(0, columns - width(short)));
}
