/** A chunked body with its framing written anew: blanks and extensions behind a size go, and so does the trailer, which says nothing here. */

/** Bytes of one line, and of all the framing beside the body's, that are read at most: extensions could go on without end (T7). */
const maxLine = 65_536;
/** Bytes of framing for each byte of the body; in chunks of one byte there are five. */
const maxRatio = 16;

const crlf = Buffer.from('\r\n');

type State = 'size' | 'data' | 'data-end' | 'trailer' | 'over';

/** How a chunk begins, as far as its first bytes show. */
const chunkStart = /^[0-9a-f]+(?:[ \t]*[;\r\n]|$)/i;

export class CanonicalChunks {
  /** Why the body cannot be read; null while it can. */
  refusal: string | null = null;
  #state: State = 'size';
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

  /** What the parser shall see of the next bytes. */
  pass(chunk: Buffer): Buffer {
    const bytes = this.#held === null ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = null;
    const out: Buffer[] = [];
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === 'over') {
        out.push(bytes.subarray(at));
        break;
      }
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#left);
        if (this.#once && chunkStart.test(bytes.toString('latin1', at, Math.min(end, at + 20)))) {
          this.refusal = 'its body may be chunked twice';
          break;
        }
        this.#once = false;
        out.push(bytes.subarray(at, end));
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
      const canonical = line === null ? null : this.#line(line);
      if (canonical === null) {
        this.refusal = 'the framing of its chunks cannot be read';
        break;
      }
      if (canonical.length > 0) out.push(canonical);
      at = lf + 1;
    }
    return out.length === 1 ? out[0]! : Buffer.concat(out);
  }

  /** What stands for a line of the framing; null for one that cannot be read. */
  #line(line: string): Buffer | null {
    this.#framing += line.length;
    if (this.#framing > maxLine + maxRatio * this.#body) return null;
    if (this.#state === 'size') return this.#size(line);
    if (this.#state === 'data-end') {
      this.#state = 'size';
      return line === '' ? crlf : null;
    }
    if (line !== '') return Buffer.of();
    this.#state = 'over';
    return crlf;
  }

  /** RFC 9112 section 7.1.1: extensions that are not understood are ignored. */
  #size(line: string): Buffer | null {
    const digits = /^0*([0-9a-f]{1,16})[ \t]*(?:;|$)/i.exec(line)?.[1];
    if (digits === undefined) return null;
    // Beyond 2^53 it is not exact, and nobody will ever send as much.
    const size = Number.parseInt(digits, 16);
    this.#left = size;
    this.#body += size;
    this.#state = size === 0 ? 'trailer' : 'data';
    return Buffer.from(`${digits}\r\n`, 'latin1');
  }
}
