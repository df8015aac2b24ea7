/** How option values are written: durations, sizes, rates, ranges. Each kind parses text or the ready value, and says what it allows. */

import { withoutUserinfo } from './url.js';

/** Parses one option's value; `undefined` means "not allowed". */
export interface Kind<T> {
  readonly allowed: string;
  parse(value: unknown): T | undefined;
}

/**
 * A value as its user would recognise it, on one line.
 * @param hidden only the kind of it where it may hold a secret: `headers: { Authorization: '…' }` is a likely slip.
 */
export function show(value: unknown, hidden = false): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'string') return hidden ? 'a text' : JSON.stringify(withoutUserinfo(value)).slice(0, 80);
  if (typeof value !== 'object' || value === null) return String(value);
  if (hidden) return Array.isArray(value) ? 'a list' : 'an object';
  try {
    return JSON.stringify(value).slice(0, 80);
  } catch {
    return 'an object';
  }
}

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const number = /^(?:\d+(?:\.\d*)?|\.\d+)$/;

function decimal(text: string): number | undefined {
  return number.test(text) ? Number(text) : undefined;
}

/** Milliseconds. Text takes `ms s m h`; bare numbers are seconds. */
function durationMs(value: unknown): number | undefined {
  if (typeof value === 'number') return value >= 0 && Number.isFinite(value) ? value * 1000 : undefined;
  const [, amount = '', unit = 's'] = /^([\d.]+)\s*(ms|s|m|h)?$/.exec(String(value)) ?? [];
  const count = decimal(amount);
  return count === undefined ? undefined : count * unitMs[unit]!;
}

export const duration: Kind<number> = {
  allowed: 'a time such as 500ms, 30, 1.5m or 2h (bare numbers are seconds)',
  parse: durationMs,
};

/** `A-B` or `A` as [min, max] in ms. In `1-4m` the unit is for both; `[1, 4]` is in seconds. */
export const durationRange: Kind<readonly [number, number]> = {
  allowed: 'A or A-B with A <= B, such as 2, 1-4, 500ms-2s or 1-4m (units ms s m h, bare numbers are seconds)',
  parse(value) {
    const ends = Array.isArray(value) ? value : String(value).split('-');
    const [first, last = first] = ends;
    if (ends.length > 2 || first === undefined) return undefined;
    const unit = /[a-z]+$/.exec(String(last))?.[0] ?? '';
    const from = durationMs(typeof first === 'string' && decimal(first) !== undefined ? first + unit : first);
    const to = durationMs(last);
    return from !== undefined && to !== undefined && from <= to ? [from, to] : undefined;
  },
};

const unitBytes: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Bytes; suffixes k M G T are powers of 1024 as in curl and wget. */
export const bytes: Kind<number> = {
  allowed: 'a size such as 500k, 2.5M or 1G (1024-based)',
  parse(value) {
    if (typeof value === 'number') return value >= 0 && Number.isFinite(value) ? Math.floor(value) : undefined;
    const [, amount = '', unit = ''] = /^([\d.]+)([kmgt]?)(?:i?b)?$/i.exec(String(value)) ?? [];
    const count = decimal(amount);
    return count === undefined ? undefined : Math.floor(count * unitBytes[unit.toLowerCase()]!);
  },
};

/** More than nothing: a limit of 0 would mean "never". */
export function positive(kind: Kind<number>): Kind<number> {
  return {
    allowed: `${kind.allowed}, more than 0`,
    parse(value) {
      const amount = kind.parse(value);
      return amount !== undefined && amount > 0 ? amount : undefined;
    },
  };
}

/** `N/UNIT` as curl writes it (`60/m`, `5/15s`): milliseconds from one start to the next. */
export const rate: Kind<number> = {
  allowed: 'N/UNIT with N >= 1, such as 2/s, 60/m or 5/15s (units s m h d)',
  parse(value) {
    const [, count = '', times = '', unit = 's'] = /^(\d+(?:\.\d+)?)(?:\/(\d*)([smhd]))$/.exec(String(value)) ?? [];
    const starts = Number(count);
    const span = (times === '' ? 1 : Number(times)) * unitMs[unit]!;
    return count !== '' && starts > 0 && span > 0 ? span / starts : undefined;
  },
};

/** A whole number from `min` to `max`. */
export function whole(min: number, max = Number.MAX_SAFE_INTEGER): Kind<number> {
  return {
    allowed: max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`,
    parse(value) {
      const count = typeof value === 'number' ? value : /^\d+$/.test(String(value)) ? Number(value) : Number.NaN;
      return Number.isSafeInteger(count) && count >= min && count <= max ? count : undefined;
    },
  };
}

/** One of a few words. */
export function word<const W extends string>(...words: W[]): Kind<W> {
  return { allowed: words.join(', '), parse: (value) => words.find((known) => known === value) };
}

export const flag: Kind<boolean> = {
  allowed: 'true or false',
  parse: (value) => (typeof value === 'boolean' ? value : undefined),
};

export const text: Kind<string> = {
  allowed: 'a text that is not empty',
  parse: (value) => (typeof value === 'string' && value !== '' && !value.includes('\0') ? value : undefined),
};

/** The value of a header field. */
export const line: Kind<string> = {
  allowed: 'a text that is not empty, without line ends and other control characters',
  parse: (value) => (/[\x00-\x08\x0a-\x1f\x7f]/.test(String(value)) ? undefined : text.parse(value)),
};

/** One text or a list of texts. */
export const texts: Kind<string[]> = {
  allowed: 'a text or a list of texts',
  parse(value) {
    const all = Array.isArray(value) ? value : [value];
    return all.every((one) => text.parse(one) !== undefined) ? all : undefined;
  },
};

/** `I/N`: shard I (from 0) of N. */
export const shard: Kind<{ index: number; count: number }> = {
  allowed: 'I/N with 0 <= I < N, such as 0/4',
  parse(value) {
    const [, index = '', count = ''] = /^(\d{1,9})\/(\d{1,9})$/.exec(String(value)) ?? [];
    return count !== '' && Number(index) < Number(count) ? { index: Number(index), count: Number(count) } : undefined;
  },
};
