/** curl's ranges in a URL: `[1-17]`, `[001-100]`, `[0-100:10]`, `[a-z]`, `{a,b}`; several multiply, the last varies fastest. */

/** One place of a URL and the texts that stand there in turn. */
interface Place {
  count: number;
  at(index: number): string;
}

/** All URLs of a pattern, made one at a time. */
export interface Ranges extends Iterable<string> {
  count: number;
}

/** @returns null when there is nothing to expand, or what is wrong and in which column (from 1, as curl counts). */
export function readRanges(text: string): Ranges | string | null {
  if (!/[[\]{}]/.test(text)) return null;
  const places: Place[] = [];
  let literal = '';
  for (let at = 0; at < text.length; ) {
    const char = text[at]!;
    if (char === '\\' && /[[\]{}]/.test(text[at + 1] ?? '')) {
      literal += text[at + 1];
      at += 2;
      continue;
    }
    const address = char === '[' ? ipv6.exec(text.slice(at))?.[0] : undefined;
    if (address !== undefined || !/[[\]{}]/.test(char)) {
      literal += address ?? char;
      at += (address ?? char).length;
      continue;
    }
    if (char === ']' || char === '}') return `there is a ${char} without its beginning in column ${at + 1}`;
    const read = char === '[' ? readRange(text, at) : readSet(text, at);
    if (typeof read === 'string') return read;
    places.push(one(literal), read.place);
    literal = '';
    at = read.end;
  }
  places.push(one(literal));
  const count = places.reduce((product, place) => product * place.count, 1);
  if (!Number.isSafeInteger(count)) return 'its ranges make more URLs than can be counted';
  return { count, [Symbol.iterator]: () => products(places, count) };
}

const ipv6 = /^\[[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*(?:%[^\][{}]*)?\]/i;

function* products(places: readonly Place[], count: number): Generator<string, undefined> {
  for (let index = 0; index < count; index++) {
    let rest = index;
    let url = '';
    for (let place = places.length - 1; place >= 0; place--) {
      const { count: here, at } = places[place]!;
      url = at(rest % here) + url;
      rest = Math.floor(rest / here);
    }
    yield url;
  }
}

function one(text: string): Place {
  return { count: 1, at: () => text };
}

type Read = { place: Place; end: number } | string;

const numbers = /^\[(\d+)-(\d+)(?::(\d+))?\]/;
const letters = /^\[([a-z])-([a-z])(?::(\d+))?\]/i;

function readRange(text: string, start: number): Read {
  const rest = text.slice(start);
  const [all, first = '', last = '', by = '1'] = numbers.exec(rest) ?? letters.exec(rest) ?? [];
  if (all === undefined) return `there is no range such as [1-9] in column ${start + 1} (write \\[ for a bracket)`;
  const isNumber = first >= '0' && first <= '9';
  const [from, to, step] = [isNumber ? Number(first) : code(first), isNumber ? Number(last) : code(last), Number(by)];
  // curl refuses a step beyond the range, too: it is a slip of the pen.
  const fits = to > from ? step >= 1 && step <= to - from : to === from && step === 1;
  const isOneCase = isNumber || /^([a-z]{2}|[A-Z]{2})$/.test(first + last);
  if (!fits || !isOneCase || !Number.isSafeInteger(to)) return `there is a bad range in column ${start + 1}`;
  const width = first.startsWith('0') ? first.length : 0;
  const at = (index: number) =>
    isNumber ? String(from + index * step).padStart(width, '0') : String.fromCharCode(from + index * step);
  return { place: { count: Math.floor((to - from) / step) + 1, at }, end: start + all.length };
}

function code(letter: string): number {
  return letter.charCodeAt(0);
}

function readSet(text: string, start: number): Read {
  const words = [''];
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at]!;
    if (char === '}') {
      if (at === start + 1) return `there is nothing within the braces in column ${start + 1}`;
      return { place: { count: words.length, at: (index) => words[index]! }, end: at + 1 };
    }
    if (char === '{' || char === '[' || char === ']') return `there is a ${char} within braces in column ${at + 1}`;
    if (char === ',') {
      words.push('');
      continue;
    }
    if (char === '\\' && at + 1 < text.length) at += 1;
    words.push(words.pop() + text[at]!);
  }
  return `there is a { without its end in column ${start + 1}`;
}
