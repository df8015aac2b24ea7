/** One file of a server that bends ranges: its versions, and its answer to each request. */

import { bytesOf } from '../support/bytes.ts';
import type { Exchange } from '../support/exchange.ts';
import { sha256 } from '../support/fickle-server.ts';
import type { RangeCase, RangedKind, Step } from './range-case.ts';

interface Version {
  body: Buffer;
  /** Header lines that name this version. */
  names: Record<string, string>;
  /** What may stand in If-Range. */
  strong: string[];
}

interface Reply {
  status: number;
  headers: Record<string, string | number | string[]>;
  body: Buffer;
  framing?: 'length' | 'chunked' | 'close';
}

/** From here on a file's server is calm for the rest of the run, so that a loop ends. */
const enough = 45;

const calmStep: Step = { ranged: 'right', heedsIfRange: true, share: 1 };

export class RangeFile {
  readonly case: RangeCase;
  /** Of every version there ever was. */
  readonly hashes = new Set<string>();
  /** Strong validators that were ever announced. */
  readonly #announced = new Set<string>();
  /** What the client did that it must not do. */
  readonly sins: string[] = [];
  readonly kinds = new Set<string>();
  version: Version;
  readonly #versions: Version[] = [];
  /** Requests of this run, and those among them that brought nothing that can be kept. */
  requests = 0;
  idle = 0;
  isCalm = false;
  #steps: readonly Step[];

  readonly number: number;

  constructor(from: RangeCase, number: number) {
    this.case = from;
    this.number = number;
    this.#steps = from.steps;
    this.version = this.#next(from.size);
  }

  get current(): string {
    return sha256(this.version.body);
  }

  #next(size: number): Version {
    const count = this.#versions.length;
    const body = bytesOf(size, this.number * 100 + count);
    this.hashes.add(sha256(body));
    // What names a version tells it from others of its own URL alone (RFC 9110 section 8.8).
    const version = { body, ...nameOf(this.case.validator, this.case.moves ? 0 : count) };
    this.#versions.push(version);
    return version;
  }

  #change({ change, share }: Step): void {
    if (change === undefined) return;
    const size = change === 'same-size' ? this.version.body.length : 1 + Math.floor(share * 2 * this.case.size);
    this.version = this.#next(size);
  }

  /** Of a file that moves, `/f/NUMBER` leads to `/f/NUMBER/VERSION`. */
  async answer(exchange: Exchange): Promise<void> {
    const step: Step = (this.isCalm || this.requests >= enough ? undefined : this.#steps[0]) ?? {
      ...calmStep,
      ranged: this.isCalm ? this.case.calm : 'right',
    };
    const at = exchange.rest[1];
    if (!this.case.moves || at === undefined) this.#change(step);
    if (this.case.moves && at === undefined)
      return exchange.answer(302, { Location: `/f/${this.number}/${this.#versions.indexOf(this.version)}` });
    this.requests++;
    this.idle++;
    this.#steps = this.#steps.slice(1);
    if (this.#steps.length === 0 && this.case.forever) this.#steps = this.case.steps;
    await this.#reply(exchange, step, at === undefined ? this.version : this.#versions[Number(at)]!);
  }

  async #reply(exchange: Exchange, { ranged, heedsIfRange, share, cut }: Step, version: Version): Promise<void> {
    const start = this.#startOf(exchange);
    const condition = exchange.headers['if-range'];
    const isSame = condition === undefined || version.strong.includes(condition);
    const isRanged = start !== null && (isSame || !heedsIfRange);
    if (isRanged) this.kinds.add(ranged);
    const isTotalKnown = this.case.framing === 'length';
    const reply = isRanged
      ? rangedReply(ranged, { version, start, share, isSame, isTotalKnown })
      : { ...wholeReply(version), framing: this.case.framing };
    for (const name of version.strong) this.#announced.add(name);
    if (reply === 'stall') return exchange.hang();
    if (reply === 'close') return exchange.close();
    if (reply === 'reset') return exchange.reset();
    await this.#send(exchange, reply, cut, share);
  }

  #startOf(exchange: Exchange): number | null {
    const { range, 'if-range': condition } = exchange.headers;
    if (range === undefined) return null;
    const start = Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? Number.NaN);
    if (!(start > 0)) this.sins.push(`asked for ${range}`);
    if (condition === undefined) this.sins.push('asked for a range without If-Range');
    else if (!this.#announced.has(condition))
      this.sins.push(`asked for a range of ${condition}, which is no strong validator`);
    return start;
  }

  async #send(
    exchange: Exchange,
    { status, headers, body, framing = 'length' }: Reply,
    cut: Step['cut'],
    share: number,
  ): Promise<void> {
    const names: Reply['headers'] = { 'Accept-Ranges': 'bytes', ...headers };
    const now = new Date().toUTCString();
    if (names['Date'] !== undefined) names['Date'] = now;
    if (this.case.validator === 'fresh') names['Last-Modified'] = now;
    if (framing === 'length') names['Content-Length'] ??= body.length;
    if (framing === 'chunked') names['Transfer-Encoding'] = 'chunked';
    await exchange.head(status, names);
    const until = cut === undefined ? body.length : Math.floor(body.length * share * 0.999);
    const sent = body.subarray(0, until);
    if (sent.length > 0 && (status === 200 || status === 206)) this.idle--;
    const size = Buffer.from(`${sent.length.toString(16)}\r\n`);
    if (framing !== 'chunked') await exchange.raw(sent);
    else if (sent.length > 0) await exchange.raw(Buffer.concat([size, sent, Buffer.from('\r\n')]));
    const isLying = Number(names['Content-Length'] ?? body.length) > body.length;
    if (cut === undefined && !isLying) {
      if (framing === 'chunked') await exchange.raw('0\r\n\r\n');
      if (framing === 'close') exchange.close();
    } else if (cut === 'stall') await exchange.hang();
    // A body that its server's end ends is whole for any reader: it is cut by a reset.
    else if (cut === 'rst' || (framing === 'close' && !isLying)) {
      await exchange.wait(5);
      exchange.reset();
    } else exchange.close();
  }
}

/** What a server says of its version number `count`. */
function nameOf(validator: RangeCase['validator'], count: number): Pick<Version, 'names' | 'strong'> {
  const date = new Date().toUTCString();
  const lastModified = new Date(Date.UTC(2024, 0, 1) + count * 60_000).toUTCString();
  const modified = { Date: date, 'Last-Modified': lastModified };
  const cased = [...'abcdefgh'].map((letter, bit) => (count & (1 << bit) ? letter.toUpperCase() : letter)).join('');
  const tags: Record<string, string> = {
    strong: `"v${count}"`,
    both: `"v${count}"`,
    cased: `"${cased}"`,
    latin: `"\xe9,;W/${count}"`,
    long: `"${'v'.repeat(2_000)}${count}"`,
  };
  const tag = tags[validator];
  if (validator === 'both') return { names: { ETag: tag!, ...modified }, strong: [tag!, lastModified] };
  if (tag !== undefined) return { names: { ETag: tag, Date: date }, strong: [tag] };
  if (validator === 'modified') return { names: modified, strong: [lastModified] };
  if (validator === 'unquoted-modified') return { names: { ETag: `v${count}`, ...modified }, strong: [lastModified] };
  const weak: Record<string, Record<string, string>> = {
    weak: { ETag: 'W/"same"' },
    'weak-modified': { ETag: `W/"v${count}"`, ...modified },
    unquoted: { ETag: 'same' },
    // Without a Date nobody knows how old it was then (RFC 9110 section 8.8.2.2).
    undated: { 'Last-Modified': 'Mon, 01 Jan 2024 00:00:00 GMT' },
    // It says that it changed this very second, each time.
    fresh: modified,
  };
  return { names: weak[validator] ?? {}, strong: [] };
}

const wholeReply = ({ names, body }: Version): Reply => ({ status: 200, headers: names, body });

interface Asked {
  version: Version;
  start: number;
  share: number;
  /** If-Range named this version. */
  isSame: boolean;
  isTotalKnown: boolean;
}

function rangedReply(
  kind: RangedKind,
  { version, start, share, isSame, isTotalKnown }: Asked,
): Reply | 'stall' | 'close' | 'reset' {
  const { body, names } = version;
  const total = body.length;
  const last = total - 1;
  const rest = body.subarray(start);
  const unsatisfied = (range?: string, headers = names): Reply => ({
    status: 416,
    headers: { ...headers, ...(range !== undefined && { 'Content-Range': range }) },
    body: Buffer.from('<html>'),
  });
  const refused = /^refuse-(\d+)$/.exec(kind)?.[1];
  if (refused !== undefined) return { status: Number(refused), headers: {}, body: Buffer.from('no') };
  if (kind === 'reset' || kind === 'close' || kind === 'stall') return kind;
  if (kind === '304') return { status: 304, headers: names, body: Buffer.alloc(0), framing: 'close' };
  if (kind === '204') return { status: 204, headers: names, body: Buffer.alloc(0), framing: 'close' };
  if (kind === '416-none') return unsatisfied();
  if (kind === '416-junk') return unsatisfied('bytes 0-4/5');
  if (kind === '416-small') return unsatisfied('bytes */3');
  if (kind === '416-other') return unsatisfied(`bytes */${start}`, { ETag: '"other"' });
  // That what is held is all of it would be a lie, where the client knows no better.
  if (kind === '416-held' && isTotalKnown) return unsatisfied(`bytes */${start}`);
  if (start > last || kind === '416-total' || kind === '416-held') return unsatisfied(`bytes */${total}`);
  if (kind === 'whole-200') return wholeReply(version);
  const part = (
    range: string | string[] | undefined,
    sent = rest,
    more: Record<string, string | number> = names,
  ): Reply => ({
    status: 206,
    headers: { ...more, ...(range !== undefined && { 'Content-Range': range }) },
    body: sent,
  });
  const right = `bytes ${start}-${last}/${total}`;
  const count = Math.max(1, Math.floor(rest.length * share));
  const few = Math.min(3, rest.length);
  const from = (other: number) => part(`bytes ${other}-${last}/${total}`, body.subarray(other));
  const { ETag: tag, 'Last-Modified': modified, ...others } = names;
  const strange: Partial<Record<RangedKind, () => Reply>> = {
    short: () => part(`bytes ${start}-${start + count - 1}/${total}`, rest.subarray(0, count)),
    few: () => part(`bytes ${start}-${start + few - 1}/${total}`, rest.subarray(0, few)),
    early: () => from(Math.max(0, start - 1 - Math.floor(share * 10))),
    late: () => from(Math.min(last, start + 1)),
    'from-zero': () => from(0),
    'total-more': () => part(`bytes ${start}-${last}/${total + 1}`),
    'total-less': () => part(`bytes ${start}-${last}/${last}`),
    star: () => part(`bytes ${start}-${last}/*`),
    'star-short': () => part(`bytes ${start}-${start + count - 1}/*`, rest.subarray(0, count)),
    'no-content-range': () => part(undefined),
    'no-content-range-whole': () => part(undefined, body),
    reversed: () => part(`bytes ${last}-${start - 1}/${total}`),
    unit: () => part(`lines ${start}-${last}/${total}`),
    multipart: () => multipart(version, start),
    'length-more': () => part(right, rest, { ...names, 'Content-Length': rest.length + 5 }),
    'length-less': () => part(right, rest, { ...names, 'Content-Length': Math.max(0, rest.length - 5) }),
    chunked: () => ({ ...part(right), framing: 'chunked' }),
    'chunked-long': () => ({ ...part(right, Buffer.concat([rest, Buffer.from('EXTRA')])), framing: 'chunked' }),
    'chunked-short': () => ({ ...part(right, rest.subarray(0, count)), framing: 'chunked' }),
    closed: () => ({ ...part(right), framing: 'close' }),
    'whole-206': () => from(0),
    'rest-200': () => ({ ...part(right), status: 200 }),
    'rest-200-bare': () => ({ ...part(right, rest, others), status: 200 }),
    'weak-206': () => part(right, rest, { ...names, ...(tag !== undefined && { ETag: `W/${tag}` }) }),
    'unquoted-206': () => part(right, rest, { ...names, ...(tag !== undefined && { ETag: tag.replaceAll('"', '') }) }),
    // Without its names, a part of another version would be a lie.
    'bare-206': () => part(right, rest, isSame ? others : names),
    'other-206': () =>
      part(right, rest, {
        ...others,
        ...(tag !== undefined && { ETag: '"other"' }),
        ...(modified !== undefined && { 'Last-Modified': 'Tue, 02 Jan 2001 00:00:00 GMT' }),
      }),
    'encoded-206': () => part(right, rest, { ...names, 'Content-Encoding': 'gzip' }),
    'two-ranges': () => part([right, `bytes ${start + 1}-${last}/${total}`]),
    blanks: () => part(`bytes  ${start}-${last}/${total}\t`),
    capitals: () => part(`Bytes ${start}-${last}/${total}`),
    equals: () => part(`bytes=${start}-${last}/${total}`),
    plus: () => part(`bytes +${start}-${last}/${total}`),
    zeros: () => part(`bytes 00${start}-00${last}/0${total}`),
    huge: () => part(`bytes ${start}-${'9'.repeat(20)}/${'9'.repeat(21)}`),
  };
  return strange[kind]?.() ?? part(right);
}

function multipart({ names, body }: Version, start: number): Reply {
  const range = `bytes ${start}-${body.length - 1}/${body.length}`;
  const framed = [
    Buffer.from(`--cut\r\nContent-Range: ${range}\r\n\r\n`),
    body.subarray(start),
    Buffer.from('\r\n--cut--\r\n'),
  ];
  return {
    status: 206,
    headers: { ...names, 'Content-Type': 'multipart/byteranges; boundary=cut' },
    body: Buffer.concat(framed),
  };
}
