/** A chunked body with its framing written anew: blanks and extensions behind a size go, and so does the trailer, which says nothing here. */

/** Bytes of one line, and of all the framing beside the body's, that are read at most: extensions could go on without end (T7). */
const maxLine = 65_536;
/** Bytes of framing for each byte of the body; in chunks of one byte there are five. */
const maxRatio = 16;

/** Most bytes that a size line written here takes, and an end of the body. */
const [sizeRoom, endRoom] = [18, 7];
const nothing = Buffer.alloc(0);

type State = 'size' | 'data' | 'data-end' | 'trailer';

/** How a chunk begins, as far as its first bytes show. */
const chunkStart = /^[0-9a-f]+(?:[ \t]*[;\r\n]|$)/i;

export class CanonicalChunks {
  /** Why the body cannot be read; null while it can. */
  refusal: string | null = null;
  #state: State = 'size';
  /** The body has ended. */
  #over = false;
  /** What is in the chunks must not be chunks again. */
  #once: boolean;
  /** The start of a line that has not ended. */
  #held: Buffer | null = null;
  /** Bytes of the chunk that are still to come. */
  #left = 0;
  /** Bytes of the framing, and of the body. */
  #framing = 0;
  #body = 0;

  constructor(once: boolean) {
    this.#once = once;
  }

  /** What the parser shall see of the next bytes: their chunks as one, for a million of one byte would be a million calls. */
  pass(chunk: Buffer): Buffer {
    if (this.#over) return chunk;
    const bytes = this.#held === null ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = null;
    const out = Buffer.allocUnsafe(sizeRoom + bytes.length + endRoom);
    let filled = sizeRoom;
    let at = 0;
    while (at < bytes.length && !this.#over) {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#left);
        if (this.#once && chunkStart.test(bytes.toString('latin1', at, Math.min(end, at + 20))))
          return this.#refuse('its body may be chunked twice');
        this.#once = false;
        filled += bytes.copy(out, filled, at, end);
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#state = 'data-end';
        continue;
      }
      const lf = bytes.indexOf(0x0a, at);
      if (lf === -1 && bytes.length - at <= maxLine) {
        this.#held = bytes.subarray(at);
        break;
      }
      const line = lf === -1 ? null : bytes.toString('latin1', at, bytes[lf - 1] === 0x0d && lf > at ? lf - 1 : lf);
      if (line === null || !this.#read(line)) return this.#refuse('the framing of its chunks cannot be read');
      at = lf + 1;
    }
    return this.#framed(out, filled, bytes.subarray(at));
  }

  /** @param out holds the body's bytes from `sizeRoom` to `filled`. */
  #framed(out: Buffer, filled: number, rest: Buffer): Buffer {
    const size = filled - sizeRoom;
    const sizeLine = size === 0 ? '' : `${size.toString(16)}\r\n`;
    const start = sizeRoom - sizeLine.length;
    out.write(sizeLine, start, 'latin1');
    let end = filled + out.write(size === 0 ? '' : '\r\n', filled, 'latin1');
    if (this.#over) {
      end += out.write('0\r\n\r\n', end, 'latin1');
      end += rest.copy(out, end);
    }
    return out.subarray(start, end);
  }

  #refuse(reason: string): Buffer {
    this.refusal = reason;
    return nothing;
  }

  /** Takes a line of the framing; false for one that cannot be read. */
  #read(line: string): boolean {
    this.#framing += line.length;
    if (this.#framing > maxLine + maxRatio * this.#body) return false;
    if (this.#state === 'size') return this.#readSize(line);
    if (this.#state === 'data-end') {
      this.#state = 'size';
      return line === '';
    }
    this.#over = line === '';
    return true;
  }

  /** RFC 9112 section 7.1.1: extensions that are not understood are ignored. */
  #readSize(line: string): boolean {
    const digits = /^0*([0-9a-f]{1,16})[ \t]*(?:;|$)/i.exec(line)?.[1];
    if (digits === undefined) return false;
    // Beyond 2^53 it is not exact, and nobody will ever send as much.
    this.#left = Number.parseInt(digits, 16);
    this.#body += this.#left;
    this.#state = this.#left === 0 ? 'trailer' : 'data';
    return true;
  }
}
