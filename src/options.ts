/** The options of a run: one table of kinds and defaults, settled once; inside, nothing is optional. */

import type { Clock } from './clock.js';
import { systemClock } from './clock.js';
import { UsageError } from './errors.js';
import type { Layer, NamePolicy, Sink, Store, Transport } from './types.js';
import {
  bytes,
  duration,
  durationRange,
  flag,
  type Kind,
  positive,
  rate,
  shard,
  text,
  texts,
  whole,
  word,
} from './units.js';

interface Option<T> {
  readonly kind: Kind<T>;
  readonly initial: T;
}

function option<T>(kind: Kind<T>, initial: NoInfer<T>): Option<T> {
  return { kind, initial };
}

function maybe<T>(kind: Kind<T>): Option<T | null> {
  return { kind, initial: null };
}

/** Every option a flag can set, in camelCase, with its default. Times are milliseconds inside, sizes bytes. */
export const options = {
  maxWorkers: option(whole(1, 65_535), 8),
  /** Seats per host; null means as many as maxWorkers. */
  perHost: maybe(whole(1, 65_535)),
  delay: option(durationRange, [0, 0]),
  /** ms from one request start to the next at one host; 0 is off. */
  rate: option(rate, 0),
  limitRate: option(positive(bytes), Number.POSITIVE_INFINITY),
  robots: option(flag, false),
  window: option(whole(1, 10_000_000), 10_000),

  dir: option(text, '.'),
  name: option(text, '{name}'),
  contentDisposition: option(flag, false),
  existing: option(word('skip', 'overwrite', 'rename', 'refresh'), 'skip'),
  noResume: option(flag, false),
  archive: maybe(text),
  remoteTime: option(flag, false),
  sha256: option(flag, false),
  fsync: option(flag, false),
  shard: maybe(shard),

  retry: option(whole(0, 1_000_000), 3),
  retryMaxTime: option(duration, 600_000),
  maxRetryAfter: option(duration, 3_600_000),
  connectTimeout: option(positive(duration), 10_000),
  timeout: option(positive(duration), 60_000),
  maxTime: option(positive(duration), Number.POSITIVE_INFINITY),
  speedLimit: option(bytes, 0),
  speedTime: option(positive(duration), 30_000),
  maxSize: option(bytes, Number.POSITIVE_INFINITY),
  minSize: option(bytes, 0),
  expect: maybe(texts),

  maxFailures: option(whole(1), Number.POSITIVE_INFINITY),
  quota: option(positive(bytes), Number.POSITIVE_INFINITY),
  deadline: option(positive(duration), Number.POSITIVE_INFINITY),
  minFree: option(bytes, 0),

  header: option(texts, []),
  headerFile: maybe(text),
  userAgent: maybe(text),
  netrc: option(flag, false),
  netrcFile: maybe(text),
  cookies: maybe(text),
  proxy: maybe(text),
  noProxy: maybe(text),
  cacert: maybe(text),
  insecure: option(flag, false),
  maxRedirects: option(whole(0, 1000), 10),
  allowDowngrade: option(flag, false),
  noPrivate: option(flag, false),
} as const;

export type OptionName = keyof typeof options;
type Flags = { readonly [K in OptionName]: (typeof options)[K] extends Option<infer T> ? T : never };

/** The parts that a library user may replace. */
export interface Parts {
  /** Layers around each job, outermost first; outside retry and politeness. */
  layers: readonly Layer[];
  /** Where bodies land; default: the directory `dir` with its journal. */
  sink: Sink | null;
  /** Proposes names in place of the `name` template. */
  names: NamePolicy | null;
  /** A further memory of what needs no request. */
  store: Store | null;
  /** Sends requests in place of undici. */
  transport: Transport | null;
  clock: Clock;
  /** Aborted: nothing new starts, what runs may end within 2 s, then it is cut. */
  signal: AbortSignal | null;
}

/** All options, settled. */
export type Settings = Flags & Parts;

type Loose<T> = T extends readonly [number, number]
  ? string | number | readonly [number, number]
  : T extends string[]
    ? string | readonly string[]
    : T extends number
      ? number | string
      : T extends { index: number; count: number }
        ? string
        : T;

/** What `download` takes: flags in camelCase, as typed at a shell or as numbers (seconds, bytes), and the replaceable parts. */
export type Options = { readonly [K in OptionName]?: Loose<NonNullable<Flags[K]>> | undefined } & {
  readonly [K in keyof Parts]?: Parts[K] | undefined;
};

const isFunction = (value: unknown) => typeof value === 'function';
const has = (value: unknown, ...methods: string[]) =>
  typeof value === 'object' && value !== null && methods.every((name) => isFunction((value as never)[name]));

/** Kind of each part: a test and what it allows. */
const parts: Record<keyof Parts, [test: (value: unknown) => boolean, allowed: string, initial: unknown]> = {
  layers: [
    (value) => Array.isArray(value) && value.every(isFunction),
    'a list of functions (next) => (task) => outcome',
    [],
  ],
  sink: [
    (value) => has(value, 'held', 'begin', 'forget', 'close'),
    'an object with held, begin, forget and close',
    null,
  ],
  names: [isFunction, 'a function (job, index) => path', null],
  store: [(value) => has(value, 'skip'), 'an object with skip', null],
  transport: [(value) => has(value, 'send', 'close'), 'an object with send and close', null],
  clock: [
    (value) => has(value, 'now', 'date', 'random', 'timer'),
    'an object with now, date, random and timer',
    systemClock,
  ],
  signal: [(value) => value instanceof AbortSignal, 'an AbortSignal', null],
};

/**
 * Settles given options over the defaults.
 * @param spell how an option is called in messages: `delay` for the library, `--delay` for the command.
 * @throws UsageError that names the option, the value and what is allowed.
 */
export function settle(given: Options = {}, spell: (name: string) => string = String): Settings {
  const settled: Record<string, unknown> = {};
  for (const [name, { initial }] of Object.entries(options)) settled[name] = initial;
  for (const [name, [, , initial]] of Object.entries(parts)) settled[name] = initial;
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || (value === null && settled[name] === null)) continue;
    settled[name] = settleOne(name, value, spell);
  }
  return settled as unknown as Settings;
}

function settleOne(name: string, value: unknown, spell: (name: string) => string): unknown {
  if (Object.hasOwn(parts, name)) {
    const [test, allowed] = parts[name as keyof Parts];
    if (test(value)) return value;
    throw new UsageError(`Cannot use ${spell(name)} ${show(value)}: allowed is ${allowed}`);
  }
  if (!Object.hasOwn(options, name)) throw new UsageError(`Cannot use ${spell(name)}: there is no such option`);
  const { kind } = options[name as OptionName] as Option<unknown>;
  const parsed = kind.parse(value);
  if (parsed === undefined)
    throw new UsageError(`Cannot use ${spell(name)} ${show(value)}: allowed is ${kind.allowed}`);
  return parsed;
}

/** A value as its user would recognise it, on one line. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value).slice(0, 80);
  if (typeof value === 'function') return 'a function';
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, 80);
  } catch {
    return typeof value;
  }
}
