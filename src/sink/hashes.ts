/** Sets and maps of 64-bit keyed hashes in flat typed arrays: ten million lines cost 8 bytes each, not an object each. */

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

  /** `kind` tells apart equal texts of different meaning. */
  text(text: string, kind = 0): this {
    this.#open(kind);
    const { length } = text;
    let at = 0;
    for (; at + 1 < length; at += 2) this.#word(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16));
    return this.#end(length, at < length ? text.charCodeAt(at) : 0);
  }

  /** The same as `text` over those bytes read as latin1. */
  bytes(bytes: Uint8Array, start: number, end: number, kind = 0): this {
    this.#open(kind);
    let at = start;
    for (; at + 1 < end; at += 2) this.#word(bytes[at]! | (bytes[at + 1]! << 16));
    return this.#end(end - start, at < end ? bytes[at]! : 0);
  }

  #open(kind: number): void {
    this.#v0 = this.#key0;
    this.#v1 = this.#key1 ^ 0xee;
    this.#v2 = 0x6c796765 ^ this.#key0;
    this.#v3 = 0x74656462 ^ this.#key1;
    if (kind !== 0) this.#word(kind);
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

const segments = 256;

/** One of 256 open-addressing tables: a single large one would double all at once, at 10M lines by 160 MB. */
class Segment {
  slots = numbers(2 * 16);
  values: Uint32Array<ArrayBuffer> | null;
  count = 0;

  constructor(valued: boolean) {
    this.values = valued ? numbers(16) : null;
  }

  /** Slot of the hash, or of the free place where it belongs. */
  find(high: number, low: number): number {
    const { slots } = this;
    const capacity = slots.length / 2;
    let slot = Math.floor((low / 2 ** 32) * capacity);
    while (true) {
      const there = slots[2 * slot]!;
      if (there === high && slots[2 * slot + 1] === low) return slot;
      if (there === 0 && slots[2 * slot + 1] === 0) return slot;
      slot = slot + 1 === capacity ? 0 : slot + 1;
    }
  }

  /** Growing by an eighth at 90 % keeps the load above 80 %: at most 10 bytes for an entry of 8, at 100 ns more for each. */
  grow(): void {
    const { slots, values } = this;
    const capacity = Math.ceil((slots.length / 2) * 1.125);
    this.slots = numbers(2 * capacity);
    this.values = values && numbers(capacity);
    for (let slot = 0; slot < slots.length / 2; slot += 1) {
      const high = slots[2 * slot]!;
      const low = slots[2 * slot + 1]!;
      if (high === 0 && low === 0) continue;
      const to = this.find(high, low);
      this.slots[2 * to] = high;
      this.slots[2 * to + 1] = low;
      if (values) this.values![to] = values[slot]!;
    }
    release(slots);
    if (values) release(values);
  }
}

/** Numbers whose memory can be given back at once: what waits for the collector was 76 MB of 398 at three tables of 10M (measured). */
function numbers(count: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(new ArrayBuffer(4 * count, { maxByteLength: 4 * count }));
}

function release(numbers: Uint32Array<ArrayBuffer>): void {
  numbers.buffer.resize(0);
}

/** A map from 64-bit hashes to 32-bit numbers; without `valued` a set. Hashes must be spread evenly. */
export class HashTable {
  size = 0;
  readonly #segments: Segment[];

  constructor(valued = false) {
    this.#segments = Array.from({ length: segments }, () => new Segment(valued));
  }

  has(high: number, low: number): boolean {
    const segment = this.#segments[high >>> 24]!;
    const slot = segment.find(high, low || 1);
    return segment.slots[2 * slot + 1] !== 0;
  }

  /** True when it was not there before. */
  add(high: number, low: number): boolean {
    return this.set(high, low, 0);
  }

  /** The number, or undefined. */
  get(high: number, low: number): number | undefined {
    const segment = this.#segments[high >>> 24]!;
    const slot = segment.find(high, low || 1);
    return segment.slots[2 * slot + 1] === 0 ? undefined : segment.values![slot]!;
  }

  /** True when it was not there before. A low half of 0 is kept as 1, so that a slot of two zeros is a free one. */
  set(high: number, low: number, value: number): boolean {
    const segment = this.#segments[high >>> 24]!;
    let slot = segment.find(high, low || 1);
    const fresh = segment.slots[2 * slot + 1] === 0;
    if (fresh) {
      if ((segment.count + 1) * 2 > segment.slots.length * 0.9) {
        segment.grow();
        slot = segment.find(high, low || 1);
      }
      segment.slots[2 * slot] = high;
      segment.slots[2 * slot + 1] = low || 1;
      segment.count += 1;
      this.size += 1;
    }
    if (segment.values) segment.values[slot] = value;
    return fresh;
  }
}
