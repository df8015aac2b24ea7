/** Keyed 64-bit hashes of texts, by which ten million lines are told apart without keeping one of them. */

import { randomBytes } from 'node:crypto';

/**
 * HalfSipHash-2-4 with 64 bits of result, over the UTF-16 units of a text, two to a word. The key is drawn anew in each
 * process, so that no list can be written to collide. The result stands in `high` and `low` until the next call:
 * returning an object would cost more than the hash.
 */
export class KeyedHash {
  high = 0;
  low = 0;
  readonly #key0: number;
  readonly #key1: number;
  #v0 = 0;
  #v1 = 0;
  #v2 = 0;
  #v3 = 0;

  constructor() {
    const key = randomBytes(8);
    this.#key0 = key.readInt32LE(0);
    this.#key1 = key.readInt32LE(4);
  }

  text(text: string): this {
    this.#open();
    const { length } = text;
    let at = 0;
    for (; at + 1 < length; at += 2) this.#word(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16));
    return this.#end(length, at < length ? text.charCodeAt(at) : 0);
  }

  /** The same as `text` over those bytes read as latin1. */
  bytes(bytes: Uint8Array, start: number, end: number): this {
    this.#open();
    let at = start;
    for (; at + 1 < end; at += 2) this.#word(bytes[at]! | (bytes[at + 1]! << 16));
    return this.#end(end - start, at < end ? bytes[at]! : 0);
  }

  #open(): void {
    this.#v0 = this.#key0;
    this.#v1 = this.#key1 ^ 0xee;
    this.#v2 = 0x6c796765 ^ this.#key0;
    this.#v3 = 0x74656462 ^ this.#key1;
  }

  #word(word: number): void {
    this.#v3 ^= word;
    this.#rounds(2);
    this.#v0 ^= word;
  }

  #end(length: number, rest: number): this {
    this.#word((length << 24) | rest);
    this.#v2 ^= 0xee;
    this.#rounds(4);
    this.low = (this.#v1 ^ this.#v3) >>> 0;
    this.#v1 ^= 0xdd;
    this.#rounds(4);
    this.high = (this.#v1 ^ this.#v3) >>> 0;
    return this;
  }

  #rounds(count: number): void {
    let v0 = this.#v0;
    let v1 = this.#v1;
    let v2 = this.#v2;
    let v3 = this.#v3;
    for (let round = 0; round < count; round += 1) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    this.#v0 = v0;
    this.#v1 = v1;
    this.#v2 = v2;
    this.#v3 = v3;
  }
}
