/** Makes foreign text fit for a terminal or a log. */

const plain = /^[\x20-\x7e]*$/;

/**
 * Control and format characters (C0, C1, DEL, bidi, zero-width, tags), line separators, lone surrogates, and what is
 * drawn as nothing: what can move a cursor, reorder a name or hide in it (CWE-150, croc #595).
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{DI}]/gu;

/** Visible escapes in place of whatever a terminal would act upon: `\n`, `\x1b`, `\u202e`. */
export function safe(text: string): string {
  return plain.test(text) ? text : text.replace(unsafe, escaped);
}

const short: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  const known = short[character];
  if (known !== undefined) return known;
  const hex = character.codePointAt(0)!.toString(16);
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}

/** The same for a line of JSON: its value stays what it is, since `\uXXXX` is JSON's own spelling. */
export function safeJson(json: string): string {
  return plain.test(json) ? json : json.replace(unsafe, jsonEscaped);
}

function jsonEscaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}
