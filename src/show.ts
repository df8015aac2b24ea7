/** A piece of a list made fit for a message: cut, on one line, without control characters, userinfo or credentials. */

const longest = 80;

// What a terminal or a log would act upon: C0, DEL, C1, zero-width and bidi characters, BOM, line and paragraph separators (failure-cases N14).
const unsafe = /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const userinfo = /^([a-z][a-z0-9+.-]*:[/\\]*)?[^/?#\\]*@/i;
// A password with a slash in it makes the line bad, and still is a password: `http://me:pa/ss@host/`.
const brokenUserinfo = /^([a-z][a-z0-9+.-]*:[/\\]+)?[^/?#\\:]*:(?!\d{0,5}[/?#\\]).*@/i;
const credentials = /(authorization|cookie|bearer|basic|digest)\b.*$/is;

/** At most `length` characters of `text`; a cut is shown by `…`. */
export function show(text: string, length = longest): string {
  // Far more than is shown, so that a 64 kB line costs no more than a short one.
  const head = text.slice(0, 4 * length + 1024).trim();
  const safe = head
    .replace(userinfo, '$1')
    .replace(brokenUserinfo, '$1')
    .replace(credentials, '$1…')
    .replace(unsafe, escaped);
  return safe.length > length ? `${safe.slice(0, length).replace(/[\ud800-\udbff]$/, '')}…` : safe;
}

function escaped(char: string): string {
  const code = char.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
