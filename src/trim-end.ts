/** Trims the end of a text in linear time. */

/** The text without the matching characters at its end; `/[ .]+$/` is quadratic in a run of them. */
export function trimEnd(text: string, character: RegExp): string {
  let end = text.length;
  while (end > 0 && character.test(text[end - 1]!)) end -= 1;
  return text.slice(0, end);
}
