/** Memory that two threads share: small files go through it in order, and how each ended comes back. */

/** `published`: whole under its name. `written`: whole, but only as a part. `nothing`: what is there is of no use. */
export type Fate = 'nothing' | 'written' | 'published';
const fates: readonly Fate[] = ['nothing', 'written', 'published'];

/** A small file on its way to the disk. */
export interface Order {
  /** Where it is written, and the name that it then gets: absolute paths. */
  part: string;
  final: string;
  body: Uint8Array;
}

/**
 * Orders under way at most. With 32 of them the main thread, which may have no more files landing than transfers running, slept for half of
 * a run on two cores while the other thread and the server shared the second one; what does not fit it writes itself (6 to 8 %).
 */
const slots = 8;
const slotSize = 128 * 1024;
/** Of a slot before its texts: the bytes of the two paths and of the body. */
const front = 12;

/** The shared counters: orders put, orders done, whether the taker sleeps, whether the giver was told and has not looked yet. */
const [putAt, doneAt, asleepAt, toldAt] = [0, 1, 2, 3];
const [countersEnd, fatesEnd] = [16, 16 + slots];

export function newShared(): SharedArrayBuffer {
  return new SharedArrayBuffer(fatesEnd + slots * slotSize);
}

function open(shared: SharedArrayBuffer) {
  return {
    counters: new Int32Array(shared, 0, 4),
    fates: new Uint8Array(shared, countersEnd, slots),
    bytes: Buffer.from(shared, fatesEnd),
  };
}

/** The end of the thread that has files to write. */
export class Giver {
  readonly #memory: ReturnType<typeof open>;
  #put = 0;
  #seen = 0;

  constructor(shared: SharedArrayBuffer) {
    this.#memory = open(shared);
  }

  /** False where there is no room for it: then the file is the caller's to write. */
  put(part: string, final: string, chunks: readonly Uint8Array[], size: number): boolean {
    // A UTF-16 unit has at most 3 bytes of UTF-8.
    if (this.#put - this.#seen === slots || front + 3 * (part.length + final.length) + size > slotSize) return false;
    const { bytes, counters } = this.#memory;
    const start = (this.#put % slots) * slotSize;
    const partSize = bytes.write(part, start + front);
    const finalSize = bytes.write(final, start + front + partSize);
    bytes.writeInt32LE(partSize, start);
    bytes.writeInt32LE(finalSize, start + 4);
    bytes.writeInt32LE(size, start + 8);
    let at = start + front + partSize + finalSize;
    for (const chunk of chunks) {
      // Not `set`: V8 copies into shared memory byte by byte unless both ends happen to be aligned alike (42 µs for 33 kB).
      if (chunk.length > 0) bytes.fill(chunk, at, at + chunk.length);
      at += chunk.length;
    }
    this.#put += 1;
    Atomics.store(counters, putAt, this.#put);
    if (Atomics.load(counters, asleepAt) === 1) Atomics.notify(counters, putAt);
    return true;
  }

  /** To be called when the taker tells of something done, before `next`: it tells again of what comes after. */
  listen(): void {
    Atomics.store(this.#memory.counters, toldAt, 0);
  }

  /** How the oldest order ended that was not asked for yet; null while none has. */
  next(): Fate | null {
    const { counters, fates: ended } = this.#memory;
    if (this.#seen === Atomics.load(counters, doneAt)) return null;
    const fate = fates[ended[this.#seen % slots]!]!;
    this.#seen += 1;
    return fate;
  }
}

/** The end of the thread that writes them. */
export class Taker {
  readonly #memory: ReturnType<typeof open>;
  #done = 0;

  constructor(shared: SharedArrayBuffer) {
    this.#memory = open(shared);
  }

  /** The next order, good until `end`; sleeps while there is none. */
  take(): Order {
    const { counters, bytes } = this.#memory;
    while (Atomics.load(counters, putAt) === this.#done) {
      Atomics.store(counters, asleepAt, 1);
      Atomics.wait(counters, putAt, this.#done);
      Atomics.store(counters, asleepAt, 0);
    }
    const start = (this.#done % slots) * slotSize;
    const finalAt = start + front + bytes.readInt32LE(start);
    const bodyAt = finalAt + bytes.readInt32LE(start + 4);
    return {
      part: bytes.toString('utf8', start + front, finalAt),
      final: bytes.toString('utf8', finalAt, bodyAt),
      body: bytes.subarray(bodyAt, bodyAt + bytes.readInt32LE(start + 8)),
    };
  }

  /** The order taken last has ended. True when the giver is to be told: it has not been since it last listened. */
  end(fate: Fate): boolean {
    const { counters, fates: ended } = this.#memory;
    ended[this.#done % slots] = fates.indexOf(fate);
    this.#done += 1;
    Atomics.store(counters, doneAt, this.#done);
    return Atomics.exchange(counters, toldAt, 1) === 0;
  }
}
