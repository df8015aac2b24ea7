/** One answer on its way into the sink: judged by its head, counted by its bytes, checked at its end. */

import type { Clock } from '../clock.js';
import { isPromise } from '../eager.js';
import { PdlError } from '../errors.js';
import type { Framing, Head, Held, Part, RawHead, Receiver, Sink, Task } from '../types.js';
import { judge, type Verdict } from './head.js';
import { checkGrowth, checkHead, checkSmallest, type Limits } from './limits.js';
import { brokenAfter } from './why.js';

/** Thrown at the transport to say that the head was all that was wanted. Made once: a stack for each redirect costs. */
export const enough = new PdlError('ABORTED', 'Cannot use this body: its head said all');

/** Receives one answer. At its end `verdict` says what it was; `part` is full where it was a body. */
export class Arrival implements Receiver {
  part: Part | null = null;
  /** Clock time of the header block. */
  headAt = 0;
  readonly #task: Task;
  /** Without userinfo. */
  readonly #url: string;
  readonly #held: Held | null;
  readonly #sink: Sink;
  readonly #limits: Limits;
  readonly #clock: Clock;
  #verdict: Verdict | null = null;
  /** The sink's answer, while it is under way. */
  #opening: Promise<void> | null = null;
  /** Bytes of the file: those held before and those handed to the part. */
  #size = 0;
  /** Where the body must end. */
  #end = Number.POSITIVE_INFINITY;
  #over = false;

  constructor(task: Task, url: string, held: Held | null, sink: Sink, limits: Limits, clock: Clock) {
    this.#task = task;
    this.#url = url;
    this.#held = held;
    this.#sink = sink;
    this.#limits = limits;
    this.#clock = clock;
  }

  get verdict(): Verdict {
    if (this.#verdict !== null) return this.#verdict;
    throw new PdlError('BAD_RESPONSE', `Cannot fetch ${this.#url}: there was no answer`, { url: this.#url });
  }

  onHead(raw: RawHead): void | Promise<void> {
    this.headAt = this.#clock.now();
    const verdict = judge(this.#url, this.#held, raw, () => this.#clock.date());
    if (verdict.does !== 'end') checkHead(verdict.head, this.#limits);
    this.#verdict = verdict;
    if (verdict.does !== 'land') throw enough;
    this.#end = verdict.until ?? verdict.head.total ?? Number.POSITIVE_INFINITY;
    return this.#open(verdict.head);
  }

  onData(chunk: Uint8Array): void | Promise<void> {
    const size = this.#size + chunk.byteLength;
    if (size > this.#end) throw this.#overlong();
    checkGrowth(size, this.#url, this.#limits);
    const written = this.part!.write(chunk);
    this.#size = size;
    this.#task.meter.received = size;
    return written;
  }

  /** The answer broke off with `error`: where nothing of its body was wanted, that is its end; else the body is abandoned and the error thrown. */
  async broken(error: unknown): Promise<Framing> {
    if (this.#verdict !== null && this.#verdict.does !== 'land') return 'none';
    await this.#abandon(error);
    if (this.part === null) throw error;
    throw brokenAfter(error, this.#size, this.#task.meter.total);
  }

  #open(head: Head): void | Promise<void> {
    const asked = this.#task.onHead?.(head);
    return isPromise(asked) ? asked.then(() => this.#begin(head)) : this.#begin(head);
  }

  #begin(head: Head): void | Promise<void> {
    // The transfer was cut while a hook was thinking: a part begun now would never be closed.
    if (this.#over) return;
    const part = this.#sink.begin(this.#task.job, head);
    if (!isPromise(part)) return this.#take(part, head);
    this.#opening = part.then((opened) => this.#take(opened, head));
    return this.#opening;
  }

  #take(part: Part, head: Head): void {
    this.part = part;
    this.#size = head.offset;
    this.#task.meter.received = head.offset;
    this.#task.meter.total = head.total ?? -1;
  }

  /** The framing says that the body is whole. @throws PdlError for one that is not as long as its head said, or too small. */
  checkEnd(): void {
    const { verdict } = this;
    if (verdict.does !== 'land') return;
    if (this.#size < this.#end && this.#end !== Number.POSITIVE_INFINITY) throw this.#truncated();
    if (verdict.until === undefined) checkSmallest(this.#size, this.#url, this.#limits);
  }

  /** What came is kept, and is too little. */
  tooShort(): PdlError {
    return brokenAfter(this.#truncated(), this.#size, this.#task.meter.total);
  }

  #truncated(): PdlError {
    return new PdlError('TRUNCATED', `Cannot fetch ${this.#url}: the body ended early`, { url: this.#url });
  }

  /** Chunks may bring more than Content-Range said: of which bytes they are is not known then. */
  #overlong(): PdlError {
    const message = `Cannot fetch ${this.#url}: more bytes came than the ${this.#end} that its head announced`;
    return new PdlError('BAD_RESPONSE', message, { url: this.#url, reason: 'overlong' });
  }

  async #abandon(error: unknown): Promise<void> {
    this.#over = true;
    await this.#opening?.catch(() => {});
    if (this.part === null) return;
    await this.part.abandon();
    if (error instanceof PdlError && isOfWrongSize(error)) {
      await this.#sink.forget(this.#task.job);
    }
  }
}

/** A body of the wrong size will not become right by being continued. */
function isOfWrongSize({ code, facts }: PdlError): boolean {
  return code === 'TOO_LARGE' || code === 'TOO_SMALL' || facts.reason === 'overlong';
}
