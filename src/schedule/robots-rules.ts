/** What a robots.txt asks of one crawler (RFC 9309): which paths it may fetch, and how slowly. */

/** Comparisons for one path, about 10 ms. No site comes near; one whose rules need more forbids it. */
const maxSteps = 2_000_000;

export class RobotsRules {
  /** Seconds between requests, 0 when it does not say. */
  readonly crawlDelay: number;
  readonly #rules: Uint8Array;
  #steps = 0;

  /** @param rules as a group packs them. */
  constructor(rules: Uint8Array, crawlDelay: number) {
    this.#rules = rules;
    this.crawlDelay = crawlDelay;
  }

  /** Bytes held. */
  get size(): number {
    return this.#rules.length;
  }

  /** Whether a path with its query may be fetched: the longest rule that matches decides, and `Allow` among equals. */
  allows(path: string): boolean {
    const rules = this.#rules;
    const asked = comparable(path.replaceAll('*', '%2A') + pathEnd);
    this.#steps = maxSteps;
    let longest = 0;
    let isAllowed = true;
    for (let start = 0, end = 0; start < rules.length; start = end + 1) {
      end = start;
      while (rules[end] !== lineEnd) end += 1;
      const isAllow = rules[start] === letterA;
      const length = end - start;
      if (length < longest || (length === longest && !isAllow) || !this.#matches(start + 1, end, asked)) continue;
      longest = length;
      isAllowed = isAllow;
    }
    return isAllowed && this.#steps > 0;
  }

  /**
   * Whether the pattern from `start` to `end` matches the beginning of the path. After a mismatch only
   * the last `*` takes one byte more: the piece before it matched at the first place, the best there is.
   */
  #matches(start: number, end: number, asked: Uint8Array): boolean {
    const rules = this.#rules;
    let steps = this.#steps;
    let rule = start;
    let at = 0;
    let behindStar = -1;
    let retry = 0;
    for (; rule < end && steps > 0; steps -= 1) {
      const byte = rules[rule];
      if (byte === asterisk) {
        rule += 1;
        behindStar = rule;
        retry = at;
      } else if (byte === asked[at]) {
        rule += 1;
        at += 1;
      } else if (behindStar === -1 || retry === asked.length) {
        break;
      } else {
        rule = behindStar;
        retry += 1;
        at = retry;
      }
    }
    this.#steps = steps;
    return rule === end;
  }
}

/** What a site without rules says. */
export const anything = new RobotsRules(new Uint8Array(0), 0);

/** Written for a `$` at the end of a pattern, and behind each path; neither can hold it. */
export const pathEnd = '\r';

const codes = (text: string) => new Set(Buffer.from(text));
const unreserved = codes('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~');
const delimiters = codes('/?=&*%\r\n');
const [lineEnd, percent, asterisk, slash, query, letterA] = [0x0a, 0x25, 0x2a, 0x2f, 0x3f, 0x41];
const digits = Buffer.from('0123456789ABCDEF');

/**
 * The one spelling in which paths are compared (section 2.2.2): unreserved characters as they are, all
 * others escaped but for delimiters of path and query. An escaped slash in a query delimits nothing.
 */
export function comparable(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  const spelt = Buffer.allocUnsafe(3 * bytes.length);
  let length = 0;
  let isQuery = false;
  for (let at = 0; at < bytes.length; at++) {
    const octet = bytes[at] === percent ? octetOf(bytes[at + 1], bytes[at + 2]) : -1;
    const byte = octet === -1 ? bytes[at]! : octet;
    if (octet !== -1) at += 2;
    else if (byte === query) isQuery = true;
    else if (byte === lineEnd) isQuery = false;
    if (unreserved.has(byte) || (octet === -1 ? delimiters.has(byte) : isQuery && byte === slash)) {
      spelt[length++] = byte;
    } else {
      spelt[length++] = percent;
      spelt[length++] = digits[byte >> 4]!;
      spelt[length++] = digits[byte & 15]!;
    }
  }
  return spelt.subarray(0, length);
}

/** The octet that two hex digits stand for, or -1. */
function octetOf(high = 0, low = 0): number {
  const octet = 16 * digitOf(high) + digitOf(low);
  return Number.isNaN(octet) ? -1 : octet;
}

function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  // Lower case is upper case with this bit.
  const letter = code & ~0x20;
  return letter >= 0x41 && letter <= 0x46 ? letter - 0x37 : Number.NaN;
}
