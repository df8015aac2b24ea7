/** The plain data that travels through pdl, and the ports where its parts meet. */

import type { ErrorCode } from './errors.js';

// ── what comes in ────────────────────────────────────────────────────────────────────────────────

/** One line (or record) of a list, as it stands there. */
export interface Line {
  /** Path as given, `-` for stdin, `argv` for URL arguments, `source` for a library iterable, `added` for task.add. */
  source: string;
  /** From 1. In multi-line formats the line on which the record begins. */
  number: number;
  /** The raw text, without its line end. */
  text: string;
}

/** How a checksum of a list is made. */
export type Algorithm = 'sha256' | 'sha512' | 'sha1' | 'md5';

/** What a list says the file's bytes hash to; others fail with CHECKSUM. */
export interface Checksum {
  algorithm: Algorithm;
  /** Lower case. */
  hex: string;
}

/** One file to fetch. Plain data: `JSON.parse(JSON.stringify(job))` is still a Job. */
export interface Job {
  /** 32 hex digits of SHA-256 over the URL without fragment and, where the list names the file, that name. Stable over reruns; names the part. */
  id: string;
  /** Absolute http(s) URL as the WHATWG parser writes it; may hold userinfo, which never leaves for any output. */
  url: string;
  origin: Line;
  /** Path below DIR with `/`. In the list: the explicit name. After intake: the name that was given. */
  name?: string;
  headers?: Record<string, string>;
  checksum?: Checksum;
  /** Further columns of the list, for templates and results. */
  columns?: Record<string, string>;
}

/** What a source may yield beside a bare URL: a job's fields, or a line that its reader already found bad. */
export interface Entry {
  url: string;
  origin?: Line;
  name?: string;
  headers?: Record<string, string>;
  checksum?: Checksum | string;
  columns?: Record<string, string>;
  /** Set by a list reader: why this line is bad. It becomes a BAD_LINE result. */
  problem?: string;
}

/** What a source yields: a URL, or an entry (every Job is one). */
export type Item = string | Entry;

/** Any (async) iterable of URLs, entries or jobs: an array, a file's lines, a generator that is still growing. */
export type Source = Iterable<Item> | AsyncIterable<Item>;

// ── what goes out ────────────────────────────────────────────────────────────────────────────────

/**
 * Why a line needed no file: it is there already (`exists`), in the archive, a line before was the same (`duplicate`), this DIR's journal has
 * it, the server says it is unchanged, or robots.txt forbids it. A hook that drops a line chooses one.
 */
export type SkipReason = 'exists' | 'archive' | 'duplicate' | 'journal' | 'unchanged' | 'robots';

/** What every result tells. All durations are milliseconds, whole numbers. */
export interface Told {
  /** From 1, in order of completion. */
  seq: number;
  /** ISO 8601, UTC. */
  at: string;
  source: string;
  line: number;
  /** Without userinfo; for a bad line its text, made safe and cut. */
  url: string;
  /** Requests begun for this line's own URL (redirect hops are part of one attempt). */
  attempts: number;
  /** From reading the line to its first request, or to its end when it needed none. */
  queuedMs: number;
  /** Of the time after the first request: rests, parks and backoff. */
  waitedMs: number;
  /** From the first request to the end, waits included. */
  durationMs: number;
  /** The job, unless the line was bad. */
  job?: Job;
  /** What a layer attached. */
  data?: unknown;
  /** Which worker of a queue did it: host name and process id. */
  worker?: string;
}

/** The file is there, whole, under its final name. */
export interface Saved extends Told {
  status: 'saved';
  /** DIR as given + name. */
  path: string;
  /** Size of the whole file. */
  bytes: number;
  /** Bytes that were there from an earlier try. */
  resumedFrom: number;
  httpStatus: number;
  /** Without userinfo. */
  finalUrl: string;
  contentType: string | null;
  /** From sending the last request to its header block. */
  ttfbMs: number;
  sha256?: string;
  /** The server gave no length and ended cleanly: complete by RFC 9112 section 8, yet not verifiable. */
  lengthUnknown?: true;
  /** Only from `memory()`. */
  body?: Uint8Array;
}

/** The line needed no file. */
export interface Skipped extends Told {
  status: 'skipped';
  reason: SkipReason;
  path?: string;
}

/** The line failed for good, its retries included. */
export interface Failed extends Told {
  status: 'failed';
  error: { code: ErrorCode; message: string; cause?: unknown };
  /** True when the same line would fail the same way again. */
  permanent: boolean;
  httpStatus?: number;
  finalUrl?: string;
  /** The line as given. */
  text: string;
}

/** Exactly one for each line begun. */
export type Result = Saved | Skipped | Failed;

/** Why a run ended before its lines did. */
export type StopReason = 'signal' | 'max-failures' | 'quota' | 'deadline' | 'min-free' | 'disk' | 'offline';

/** The return value of `download`: how the run ended. Counts are lines. */
export interface Summary {
  saved: number;
  skipped: number;
  failed: number;
  /** Lines not begun or cut off in the middle; null if the list was not read to its end. */
  left: number | null;
  /** Bytes received over the network into saved files. */
  bytes: number;
  durationMs: number;
  stopped: StopReason | null;
}

/** What `--plan` tells of a run, without network. Plain data. */
export interface Plan {
  /** URL lines, good or bad, of all shards. */
  lines: number;
  bad: number;
  duplicates: number;
  /** Lines that would be fetched: neither bad nor duplicate, of this shard. */
  files: number;
  hosts: number;
  /** Those with the most files, at most 20. */
  top: HostPlan[];
  /** How many names had to be numbered because they were given before, and the first of them. */
  numbered: number;
  numberedExamples: { url: string; name: string }[];
  /** The first bad lines, as sentences. */
  badExamples: { source: string; line: number; message: string }[];
  /** Expected time of the rests alone, of all hosts side by side, in ms. Transfers come on top. */
  restMs: number;
}

/** One host of a plan: how many files, and the time of its rests alone, in ms. */
export interface HostPlan {
  host: string;
  files: number;
  restMs: number;
}

// ── what runs ────────────────────────────────────────────────────────────────────────────────────

/** What an answer's header block says. */
export interface Head {
  status: number;
  /** URL that answered, without userinfo. */
  url: string;
  /** Where the body's first byte belongs in the file. */
  offset: number;
  /** Size of the whole file, if the server said it. */
  total?: number;
  /** What may stand in If-Range: a strong ETag (with its quotes), or a strong Last-Modified where there is no ETag. */
  validator?: string;
  /** Lower-case names; several of one name joined with ", ". */
  headers: Record<string, string>;
}

/** A finished inline request. */
export interface Answer {
  status: number;
  url: string;
  headers: Record<string, string>;
  body: Uint8Array;
  text(): string;
  json(): unknown;
}

/** How an inline request is made. Redirects, retries, proxies and the run's own headers apply as to any request. */
export interface FetchInit {
  headers?: Record<string, string>;
  /** Largest body in bytes; a larger one fails with TOO_LARGE. Default 10 MiB. */
  maxSize?: number;
}

/** The same for pdl's own requests. */
export interface InlineInit extends FetchInit {
  /** A body larger than `maxSize`: `fail` (default) with TOO_LARGE, or `cut` it and end the request there. */
  excess?: 'fail' | 'cut';
}

/** Live figures of one line. Written by the layers, sampled by whoever draws; nobody is called per chunk. */
export interface Meter {
  /** Clock time at which the line was read. */
  readAt: number;
  /** Clock time of its first request; 0 before. */
  startedAt: number;
  /** Requests begun for its own URL. */
  attempts: number;
  waitedMs: number;
  /** True while a request of this line is on the wire. */
  running: boolean;
  /** Bytes of the file so far, those of earlier tries included. */
  received: number;
  /** Size of the whole file; -1 while unknown. */
  total: number;
}

/** What a host or a line waits for. */
export type Wait = 'rest' | 'rate' | 'retry-after' | 'backoff' | 'host-down' | 'offline';

/** What is told while a line is under way. An ending is a Result, never an event. */
export type Event =
  | { type: 'start'; url: string; host: string; attempt: number; restMs: number }
  | { type: 'redirect'; from: string; to: string; status: number }
  | { type: 'retry'; url: string; attempt: number; delayMs: number; code: ErrorCode; message: string }
  | { type: 'wait'; host: string; ms: number; why: Wait };

/**
 * One line under way, as the layers see it. A layer hands it on (`next(task)`), or a changed copy (`next({ ...task, onHead })`).
 * A Task never leaves the process.
 */
export interface Task {
  readonly job: Job;
  /** The run's own signal, one for all tasks: aborted when what runs is to be cut. Give it to what a hook waits for: the run's end waits, too. */
  readonly signal: AbortSignal;
  readonly meter: Meter;
  /** From 1. */
  readonly attempt: number;
  /** URL of this hop: the job's own, or where a redirect led. */
  readonly url: string;
  /** True when this request continues a line (a hop, a retry): it goes first in line at its host. */
  readonly urgent: boolean;
  /** True when the whole file is to be asked for, whatever is held of it. */
  readonly whole?: boolean | undefined;
  /** Clock time at which --max-time cuts this request; Infinity without one. */
  readonly deadline: number;
  tell(event: Event): void;
  /** Between head and body. The connection is held below undici while a promise is pending; a throw refuses the body. */
  onHead?: ((head: Head) => void | Promise<void>) | undefined;
  /**
   * An inline request: a small GET into memory that takes its own turn at its host, first in line there; several may run at once.
   * Any status is an answer but 408, 425, 429 and 5xx, which are retried as a file's would be.
   * Rejects with PdlError: HOOK from within onHead, TOO_LARGE beyond `maxSize`, ROBOTS where robots.txt forbids it, HTTP_STATUS and the
   * failures of any transfer; with UsageError for what is no http(s) URL.
   */
  fetch(url: string, init?: FetchInit): Promise<Answer>;
  /** Adds a line to the run, which ends when its source and all that was added are done. Bad ones and duplicates become results. */
  add(item: Item): void;
}

/** A body has landed. */
export interface Kept {
  status: 'saved';
  path: string;
  bytes: number;
  resumedFrom: number;
  httpStatus: number;
  finalUrl: string;
  contentType: string | null;
  ttfbMs: number;
  sha256?: string;
  lengthUnknown?: true;
  body?: Uint8Array;
  data?: unknown;
}

/** Nothing needed to be fetched. */
export interface Passed {
  status: 'skipped';
  reason: SkipReason;
  path?: string;
  data?: unknown;
}

/** The answer leads elsewhere, or the same URL must be asked again. Seen only below the redirect layer. */
export interface Moved {
  status: 'moved';
  to: string;
  httpStatus: number;
  /** ms that the server asks to wait before the next request is made (Retry-After on a redirect). */
  afterMs?: number;
  /** `anew`: what is held does not fit, ask from zero. `rest`: a part of the range came, ask for what is missing. */
  again?: 'anew' | 'rest';
}

/** The body is whole and on its way to its place: the request needs neither seat nor worker any more. Seen only below the politeness layer. */
export interface Landing {
  status: 'landing';
  landed: Promise<Kept>;
}

/** How a transfer ended well. A failure is thrown, as a PdlError. */
export type Outcome = Kept | Passed | Moved | Landing;

/** Brings one job in, or throws a PdlError. */
export type Transfer = (task: Task) => Promise<Outcome>;

/**
 * One concern around a job: skip, retry, politeness, a user's hook. A layer of the user's stands outside retry and politeness, so code
 * around `next` holds neither seat nor worker, and sees each line once. What it throws fails its own line: as HOOK, or as the PdlError it is.
 * @example const timed: Layer = (next) => async (task) => { console.time(task.job.id); try { return await next(task); } finally { console.timeEnd(task.job.id); } };
 */
export type Layer = (next: Transfer) => Transfer;

// ── ports ────────────────────────────────────────────────────────────────────────────────────────

/** What is there of a job's body before its request. */
export type Held =
  /** `from`: URL that its bytes came from, where that is known: a validator says nothing of another resource. */
  | { kind: 'part'; offset: number; validator: string; total?: number; encoding?: string; from?: string }
  /** `path` (DIR as given + name) is told in the result when the server says it is unchanged. */
  | { kind: 'whole'; etag?: string; lastModified?: string; path?: string };

/** How a body ended, by its framing. */
export interface End {
  lengthUnknown: boolean;
}

/** Where a finished body is. */
export interface Landed {
  path: string;
  bytes: number;
  sha256?: string;
  body?: Uint8Array;
}

/** The place of one body that is coming in. One of `finish` or `abandon` is called, once. */
export interface Part {
  /** Takes the next bytes, which it may keep. A promise means: hold the connection until it resolves. A throw ends the transfer. */
  write(chunk: Uint8Array): void | Promise<void>;
  /** The framing says complete: check and publish. When it resolves, the file is whole under its final name; what a sink records of it besides, it waits for in `Store.add`. */
  finish(end: End): Landed | Promise<Landed>;
  /** The transfer broke: keep what can be continued, drop the rest. Never throws. */
  abandon(): Promise<void>;
}

/**
 * Where bytes land: a directory, memory, a tar. Methods may be async. What they throw fails the line: a PdlError as it is, anything else as
 * HOOK. `pdl/sink-conformance` checks a sink of your own.
 */
export interface Sink {
  /** Asked before each request, and after a body that broke off. */
  held(job: Job): Held | null | Promise<Held | null>;
  /** The header block was accepted: bytes from `head.offset` on follow. Throws NAME, EXISTS or DISK. */
  begin(job: Job, head: Head): Part | Promise<Part>;
  /** What is held turned out to be of no use: drop it. */
  forget(job: Job): void | Promise<void>;
  close(): Promise<void>;
}

/** Who remembers what needs no request: duplicates, an archive, the journal. Asked in list order. */
export interface Store {
  /** Why the job needs no request, or null. */
  skip(job: Job): Passed | null | Promise<Passed | null>;
  /** A file of this job is saved; resolves when that is recorded. */
  add?(job: Job, kept: Kept): void | Promise<void>;
  close?(): Promise<void>;
}

/** Proposes a path below DIR for a job. It is cleaned and numbered afterwards, so it may be any text. */
export type NamePolicy = (job: Job, index: number) => string;

/** One request on the wire. Headers are complete but for Host and Connection. */
export interface Request {
  url: string;
  method: 'GET' | 'HEAD';
  headers: Record<string, string>;
  signal: AbortSignal;
  /** Clock time after which the whole request is cut with TIMEOUT; Infinity for none. */
  deadline: number;
  /** Called when the connection stands, right before the first byte is written; what it throws ends the request. */
  onWrite?(): void;
}

/** A header block as it came: latin1 strings, names in lower case, a list where a name stood twice. */
export interface RawHead {
  status: number;
  headers: Record<string, string | string[]>;
}

/** Takes an answer. A throw (or a rejection) ends the request with that error; a promise holds the connection below undici. */
export interface Receiver {
  onHead(head: RawHead): void | Promise<void>;
  onData(chunk: Uint8Array): void | Promise<void>;
}

/** How the body was delimited. */
export type Framing = 'length' | 'chunked' | 'close' | 'none';

/** Sends requests in place of undici. One that fails is judged as ever: a PdlError by its code, anything else fails the line with HOOK. */
export interface Transport {
  /** Sends one request; resolves when its body is whole by its framing, else throws a PdlError. */
  send(request: Request, receiver: Receiver): Promise<Framing>;
  /** A host has no more lines in sight: close its idle connections. `host`: the lower-case name plus the port, 80 and 443 left out. */
  release?(host: string): void;
  /** A host will be asked soon: its name may be looked up now. */
  expect?(host: string): void;
  close(): Promise<void>;
}
