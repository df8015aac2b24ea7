/** The options of a run: one table of kinds and defaults, settled once; inside, nothing is optional. */

import { UsageError } from './errors.js';
import { type Parts, parts } from './parts.js';
import {
  bytes,
  duration,
  durationRange,
  flag,
  type Kind,
  line,
  positive,
  rate,
  shard,
  show,
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
  /** Transfers at the same time, in all. Default 8. */
  maxWorkers: option(whole(1, 65_535), 8),
  /** Transfers at the same time to one host: its seats. Default: as many as maxWorkers. */
  perHost: maybe(whole(1, 65_535)),
  /** Each seat of a host rests a random time, uniform in A..B, between two requests: `'1-4'`, `'500ms-2s'`, or `[1, 4]` in seconds. Default 0. */
  delay: option(durationRange, [0, 0]),
  /** Request starts to one host, evenly spaced: `'60/m'` is one a second, `'5/15s'` one each 3 s. Default: off. */
  rate: option(rate, 0),
  /** Bytes per second, in all: `'500k'`, `'2.5M'` (1024-based) or a number. Default: off. */
  limitRate: option(positive(bytes), Number.POSITIVE_INFINITY),
  /** Ask each origin's robots.txt first, obey it and its Crawl-delay. Default false. */
  robots: option(flag, false),
  /** Jobs looked at ahead of the workers, so that other hosts fill a rest. Default 10,000. */
  window: option(whole(1, 10_000_000), 10_000),

  /** Where files go; made if missing. Default `'.'`. */
  dir: option(text, '.'),
  /** Path below `dir`: `{host}` `{path}` `{name}` `{stem}` `{ext}` `{index}` `{index:06}` `{line}` `{hash}` `{hash:8}` and any column. Default `'{name}'`. */
  name: option(text, '{name}'),
  /** Let the server name the file. Default false. */
  contentDisposition: option(flag, false),
  /** A file is there already: keep it (`skip`, the default), fetch anew (`overwrite`), number the new one (`rename`), or ask whether it changed (`refresh`). */
  existing: option(word('skip', 'overwrite', 'rename', 'refresh'), 'skip'),
  /** Never continue a partial file. Default false. */
  noResume: option(flag, false),
  /** File of URLs that are saved: those in it are skipped, new ones are recorded. Default: off. */
  archive: maybe(text),
  /** Give files the server's Last-Modified. Default false. */
  remoteTime: option(flag, false),
  /** Tell each file's SHA-256 in its result and in the journal. Default false. */
  sha256: option(flag, false),
  /** Survive power loss too, not only a killed process. Default false. */
  fsync: option(flag, false),
  /** `'I/N'`: only the hosts whose hash falls in shard I (0..N-1). Default: all. */
  shard: maybe(shard),

  /** Retries after the first try. Default 3. */
  retry: option(whole(0, 1_000_000), 3),
  /** Patience for one line's own requests and backoff, in seconds or as `'10m'`. Default 10 min. */
  retryMaxTime: option(duration, 600_000),
  /** Patience for one host's Retry-After, in seconds or as `'1h'`. Default 1 h. */
  maxRetryAfter: option(duration, 3_600_000),
  /** Connecting, proxy and TLS included, in seconds. Default 10 s. */
  connectTimeout: option(positive(duration), 10_000),
  /** Waiting for the whole header block, then for each next byte, in seconds. Default 60 s. */
  timeout: option(positive(duration), 60_000),
  /** One line, all its requests, in seconds. Default: off. */
  maxTime: option(positive(duration), Number.POSITIVE_INFINITY),
  /** Give up when slower than this many bytes per second for `speedTime`. Default: off. */
  speedLimit: option(bytes, 0),
  /** How long a transfer may be slower than `speedLimit`, in seconds. Default 30 s. */
  speedTime: option(positive(duration), 30_000),
  /** Refuse larger files, in bytes or as `'2.5M'`. Default: off. */
  maxSize: option(bytes, Number.POSITIVE_INFINITY),
  /** Refuse smaller files, in bytes. Default: off. */
  minSize: option(bytes, 0),
  /** Refuse other media types: `'image/*'`, or a list. Default: off. */
  expect: maybe(texts),

  /** Stop the run after this many failed lines. Default: off. */
  maxFailures: option(whole(1), Number.POSITIVE_INFINITY),
  /** Stop the run after this many bytes saved. Default: off. */
  quota: option(positive(bytes), Number.POSITIVE_INFINITY),
  /** Stop the run after this time, in seconds. Default: off. */
  deadline: option(positive(duration), Number.POSITIVE_INFINITY),
  /** Stop the run when the disk has fewer bytes free. Default: off. */
  minFree: option(bytes, 0),

  /** Request headers as `'Name: value'`, one or a list. A job's own `headers` come on top. Default: none. */
  header: option(texts, []),
  /** File of such headers, for those that are secret. Default: none. */
  headerFile: maybe(text),
  /** Default `pdl/VERSION`. */
  userAgent: maybe(line),
  /** Take logins from ~/.netrc. Default false. */
  netrc: option(flag, false),
  /** Take logins from this file. Default: none. */
  netrcFile: maybe(text),
  /** File of cookies (Netscape format) to send. Default: none. */
  cookies: maybe(text),
  /** URL of a proxy for all requests. Default: `http_proxy`, `https_proxy`, `all_proxy` of the environment. */
  proxy: maybe(text),
  /** Hosts that are reached without it, separated by commas. Default: `no_proxy` of the environment. */
  noProxy: maybe(text),
  /** File of certificates (PEM) that are trusted. Default: those of Node. */
  cacert: maybe(text),
  /** Trust any certificate. Default false. */
  insecure: option(flag, false),
  /** Redirects followed for one request. Default 10. */
  maxRedirects: option(whole(0, 1000), 10),
  /** Follow redirects from https to http. Default false. */
  allowDowngrade: option(flag, false),
  /** Refuse private addresses. Default false. */
  noPrivate: option(flag, false),
} as const;

/** The name of an option that a flag can set. */
export type OptionName = keyof typeof options;
type Flags = { readonly [K in OptionName]: (typeof options)[K] extends Option<infer T> ? T : never };

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
export type Options = { readonly [K in keyof typeof options]?: Loose<NonNullable<Flags[K]>> | undefined } & {
  readonly [K in keyof Parts]?: Parts[K] | undefined;
};

/**
 * Settles given options over the defaults.
 * @param spell how an option is called in messages: `delay` for the library, `--delay` for the command.
 * @throws UsageError that names the option, the value and what is allowed.
 */
export function settle(given: Options = {}, spell: (name: string) => string = String): Settings {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new UsageError(`Cannot use options ${show(given, true)}: allowed is an object`);
  const settled: Record<string, unknown> = {};
  for (const [name, { initial }] of Object.entries(options)) settled[name] = initial;
  for (const [name, [, , initial]] of Object.entries(parts)) settled[name] = initial;
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || (value === null && settled[name] === null)) continue;
    settled[name] = settleOne(name, value, spell);
  }
  return settled as unknown as Settings;
}

/** Whose values are told by their kind only: a wrong one may hold a secret all the same. */
const isSecret = /agent|auth|cookie|header|key|pass|secret|token/i;

function settleOne(name: string, value: unknown, spell: (name: string) => string): unknown {
  if (Object.hasOwn(parts, name)) {
    const [test, allowed] = parts[name as keyof Parts];
    if (test(value)) return value;
    throw new UsageError(`Cannot use ${spell(name)} ${show(value)}: allowed is ${allowed}`);
  }
  if (!Object.hasOwn(options, name))
    throw new UsageError(
      `Cannot use ${spell(name)} ${show(value, isSecret.test(name) || typeof value === 'object')}: there is no such option`,
    );
  const { kind } = options[name as OptionName] as Option<unknown>;
  const parsed = kind.parse(value);
  if (parsed === undefined)
    throw new UsageError(`Cannot use ${spell(name)} ${show(value, isSecret.test(name))}: allowed is ${kind.allowed}`);
  return parsed;
}
