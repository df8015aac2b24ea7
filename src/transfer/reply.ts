/** One answer gathered in bounded memory. */

import type { Clock } from '../clock.js';
import { PdlError } from '../errors.js';
import type { Answer, Framing, Moved, RawHead, Receiver } from '../types.js';
import { enough } from './arrival.js';
import { flat, redirectOf, refused, statedLength } from './head.js';
import { checkGrowth } from './limits.js';

/** Statuses that say "later" and not "this is the answer". */
const later = (status: number) => status === 408 || status === 425 || status === 429 || status >= 500;

export class Reply implements Receiver {
  /** Clock time of the header block. */
  headAt = 0;
  readonly #url: string;
  readonly #maxSize: number;
  readonly #clock: Clock;
  readonly #date: () => Date;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #status = 0;
  #headers: Record<string, string> = {};
  #moved: Moved | null = null;

  /** @param url without userinfo. */
  constructor(url: string, maxSize: number, clock: Clock, date: () => Date) {
    this.#url = url;
    this.#maxSize = maxSize;
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
    checkGrowth(this.#stated() ?? 0, this.#url, { maxSize: this.#maxSize });
  }

  onData(chunk: Uint8Array): void {
    this.#size += chunk.byteLength;
    checkGrowth(this.#size, this.#url, { maxSize: this.#maxSize });
    this.#chunks.push(chunk);
  }

  /** Waits for the end of the answer and gives it, or where it leads. */
  async through(sending: Promise<Framing>): Promise<Moved | { status: 'answered'; answer: Answer }> {
    try {
      await sending;
    } catch (error) {
      if (this.#moved === null) throw error;
    }
    if (this.#moved !== null) return this.#moved;
    const total = this.#stated() ?? this.#size;
    if (this.#size !== total) {
      const message = `Cannot fetch ${this.#url}: ${this.#size} of ${total} bytes came`;
      throw new PdlError('TRUNCATED', message, { url: this.#url });
    }
    return { status: 'answered', answer: this.#answer() };
  }

  /** A 204 or 304 may state a length and never has a body (RFC 9110 section 8.6). */
  #stated(): number | undefined {
    return this.#status === 204 || this.#status === 304 ? undefined : statedLength(this.#url, this.#headers);
  }

  #answer(): Answer {
    const body = Buffer.concat(this.#chunks, this.#size);
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
