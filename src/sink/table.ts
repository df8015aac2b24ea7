/** Sets and maps of 64-bit hashes in flat typed arrays: ten million lines cost 8 bytes each, not an object each. */

const segments = 256;

/**
 * One of 256 open-addressing tables: a single large one would double all at once, at 10M lines by 160 MB. Its number stands for the
 * first 8 bits of the hash, so that an entry takes 7 bytes; the low half comes alone, since it is what a look-up runs along.
 */
class Segment {
  lows = numbers(first);
  middles = halves(first);
  ends = bytes(first);
  values: Uint32Array<ArrayBuffer> | null;
  /** One bit a slot, there from the first mark on. */
  marks: Uint8Array<ArrayBuffer> | null = null;
  count = 0;

  constructor(valued: boolean) {
    this.values = valued ? numbers(first) : null;
  }

  /** Slot of the hash, or of the free place where it belongs. A low half of 0 marks a free slot. */
  find(high: number, low: number): number {
    const { lows, middles, ends } = this;
    const middle = (high >>> 8) & 0xffff;
    const end = high & 0xff;
    let slot = Math.floor((low / 2 ** 32) * lows.length);
    while (true) {
      const there = lows[slot]!;
      if (there === 0 || (there === low && middles[slot] === middle && ends[slot] === end)) return slot;
      slot = slot + 1 === lows.length ? 0 : slot + 1;
    }
  }

  put(slot: number, high: number, low: number): void {
    this.lows[slot] = low;
    this.middles[slot] = (high >>> 8) & 0xffff;
    this.ends[slot] = high & 0xff;
  }

  /** False when the slot was marked before. */
  mark(slot: number): boolean {
    this.marks ??= bytes(Math.ceil(this.lows.length / 8));
    const before = this.marks[slot >> 3]!;
    const after = before | (1 << (slot & 7));
    this.marks[slot >> 3] = after;
    return after !== before;
  }

  /** Growing by an eighth at 90 % keeps the load above 80 %: at most 8.8 bytes for an entry. What is small doubles. */
  grow(): void {
    const { lows, middles, ends, values, marks } = this;
    const capacity = lows.length < small ? 2 * lows.length : Math.ceil(lows.length * 1.125);
    this.lows = numbers(capacity);
    this.middles = halves(capacity);
    this.ends = bytes(capacity);
    this.values = values && numbers(capacity);
    this.marks = null;
    for (let slot = 0; slot < lows.length; slot += 1) {
      const low = lows[slot]!;
      if (low === 0) continue;
      const high = (middles[slot]! << 8) | ends[slot]!;
      const to = this.find(high, low);
      this.put(to, high, low);
      if (values) this.values![to] = values[slot]!;
      if (marks && marks[slot >> 3]! & (1 << (slot & 7))) this.mark(to);
    }
    for (const old of [lows, middles, ends, values, marks]) if (old?.buffer.resizable) old.buffer.resize(0);
  }
}

/** Slots of an empty segment. */
const first = 16;

/** Slots of a segment that still doubles: a quarter of a million entries in all. */
const small = 1024;

const numbers = (count: number) => new Uint32Array(room(4 * count, count));
const halves = (count: number) => new Uint16Array(room(2 * count, count));
const bytes = (count: number) => new Uint8Array(room(count, count));

/**
 * Memory that can be given back at once (resize(0)): what waited for the collector was 76 MB of 398 at three tables of 10M (measured).
 * Each takes system calls and whole pages: for small ones that was 25 µs a line of a list of 40,000.
 */
function room(size: number, slots: number): ArrayBuffer {
  return slots <= small ? new ArrayBuffer(size) : new ArrayBuffer(size, { maxByteLength: size });
}

/** A map from 64-bit hashes to 32-bit numbers; without `valued` a set. Hashes must be spread evenly. */
export class HashTable {
  size = 0;
  readonly #valued: boolean;
  /** Each made with its first entry: four tables of them, all empty, took 14 of the 211 ms of `pdl URL` (Node 20). */
  readonly #segments: (Segment | undefined)[] = new Array(segments);

  constructor(valued = false) {
    this.#valued = valued;
  }

  has(high: number, low: number): boolean {
    const segment = this.#segments[high >>> 24];
    return segment !== undefined && segment.lows[segment.find(high, low || 1)] !== 0;
  }

  /** True when it was not there before. */
  add(high: number, low: number): boolean {
    return this.set(high, low, 0);
  }

  /** The number, or undefined. */
  get(high: number, low: number): number | undefined {
    const segment = this.#segments[high >>> 24];
    if (segment === undefined) return undefined;
    const slot = segment.find(high, low || 1);
    return segment.lows[slot] === 0 ? undefined : segment.values![slot]!;
  }

  /** True for the first mark on it, false for a further one, null when it is not there. */
  mark(high: number, low: number): boolean | null {
    const segment = this.#segments[high >>> 24];
    if (segment === undefined) return null;
    const slot = segment.find(high, low || 1);
    return segment.lows[slot] === 0 ? null : segment.mark(slot);
  }

  /** True when it was not there before. A low half of 0 is kept as 1. */
  set(high: number, low: number, value: number): boolean {
    this.#segments[high >>> 24] ??= new Segment(this.#valued);
    const segment = this.#segments[high >>> 24]!;
    let slot = segment.find(high, low || 1);
    const fresh = segment.lows[slot] === 0;
    if (fresh) {
      if (segment.count + 1 > segment.lows.length * 0.9) {
        segment.grow();
        slot = segment.find(high, low || 1);
      }
      segment.put(slot, high, low || 1);
      segment.count += 1;
      this.size += 1;
    }
    if (segment.values) segment.values[slot] = value;
    return fresh;
  }
}
