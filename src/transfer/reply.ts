/** One answer gathered in bounded memory. */

import type { Clock } from '../clock.js';
import { PdlError } from '../errors.js';
import { ByteBlocks } from '../structures/byte-blocks.js';
import type { Answer, Framing, InlineInit, Moved, RawHead, Receiver } from '../types.js';
import { enough } from './arrival.js';
import { flat, redirectOf, refused, statedLength } from './head.js';
import { checkGrowth } from './limits.js';

/** Statuses that say "later" and not "this is the answer". */
const later = (status: number) => status === 408 || status === 425 || status === 429 || status >= 500;

/** How much of a body is taken. */
type Bounds = Required<Pick<InlineInit, 'maxSize' | 'excess'>>;

export class Reply implements Receiver {
  /** Clock time of the header block. */
  headAt = 0;
  readonly #url: string;
  readonly #bounds: Bounds;
  readonly #clock: Clock;
  readonly #date: () => Date;
  readonly #body = new ByteBlocks();
  #status = 0;
  #headers: Record<string, string> = {};
  #moved: Moved | null = null;
  /** All that is wanted has come. */
  #cut = false;

  /** @param url without userinfo. */
  constructor(url: string, bounds: Bounds, clock: Clock, date: () => Date) {
    this.#url = url;
    this.#bounds = bounds;
    this.#clock = clock;
    this.#date = date;
  }

  onHead(raw: RawHead): void {
    this.headAt = this.#clock.now();
    this.#status = raw.status;
    this.#headers = flat(raw.headers);
    if (later(raw.status)) throw refused(this.#url, raw.status, this.#headers, this.#date);
    this.#moved = redirectOf(this.#url, raw, this.#headers, this.#date);
    if (this.#moved !== null) throw enough;
    if (this.#bounds.excess === 'fail') checkGrowth(this.#stated() ?? 0, this.#url, this.#bounds);
  }

  onData(chunk: Uint8Array): void {
    const { maxSize, excess } = this.#bounds;
    const size = this.#body.size + chunk.length;
    if (excess === 'fail') checkGrowth(size, this.#url, this.#bounds);
    this.#body.append(size > maxSize ? chunk.subarray(0, maxSize - this.#body.size) : chunk);
    if (size <= maxSize) return;
    this.#cut = true;
    throw enough;
  }

  /** Waits for the end of the answer and gives it, or where it leads. */
  async through(sending: Promise<Framing>): Promise<Moved | { status: 'answered'; answer: Answer }> {
    try {
      await sending;
    } catch (error) {
      if (this.#moved === null && !this.#cut) throw error;
    }
    if (this.#moved !== null) return this.#moved;
    const { size } = this.#body;
    const total = this.#stated() ?? size;
    if (size !== total && !this.#cut) {
      const message = `Cannot fetch ${this.#url}: ${size} of ${total} bytes came`;
      throw new PdlError('TRUNCATED', message, { url: this.#url });
    }
    return { status: 'answered', answer: this.#answer() };
  }

  /** A 204 or 304 may state a length and never has a body (RFC 9110 section 8.6). */
  #stated(): number | undefined {
    return this.#status === 204 || this.#status === 304 ? undefined : statedLength(this.#url, this.#headers);
  }

  #answer(): Answer {
    const body = this.#body.takeBytes();
    const text = () => new TextDecoder().decode(body);
    return {
      status: this.#status,
      url: this.#url,
      headers: this.#headers,
      body,
      text,
      json: () => JSON.parse(text()),
    };
  }
}
