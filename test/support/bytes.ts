/** Deterministic bodies: the same size and seed always give the same bytes, and a smaller size gives a prefix of a larger. */

const kept = new Map<string, Buffer>();
const keepUpTo = 64 * 1024 * 1024;
let keptBytes = 0;

/** @param size bytes. @param seed any number; different seeds differ from the first word on. Do not write into the result. */
export function bytesOf(size: number, seed = 0): Buffer {
  const key = `${size}/${seed}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = make(size, seed);
  if (keptBytes + size > keepUpTo) {
    kept.clear();
    keptBytes = 0;
  }
  if (size <= keepUpTo) {
    kept.set(key, made);
    keptBytes += size;
  }
  return made;
}

// xorshift32 (Marsaglia 2003): fast enough for hundreds of MB, and not compressible.
function make(size: number, seed: number): Buffer {
  const words = new Uint32Array(Math.ceil(size / 4));
  let state = (Math.imul(seed + 1, 2_654_435_761) ^ 0x9e37_79b9) >>> 0 || 1;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return Buffer.from(words.buffer, 0, size);
}
