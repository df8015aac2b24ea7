/** The bytes of one reply on their way from the socket to the parser: who decides how a body ends is who reads it, so both read the same. */

import { CanonicalChunks } from './canonical-chunks.js';
import { canonicalHead, cleanHead, maxHeadSize } from './canonical-head.js';

const nothing = Buffer.alloc(0);
const blankLine = Buffer.from('\r\n\r\n');

export class CanonicalReply {
  #inHead = true;
  /** The start of a header block that came in pieces. */
  #block: Buffer = nothing;
  #size = 0;
  #chunks: CanonicalChunks | null = null;
  #refusal: string | null = null;
  /** Bytes of interim replies. */
  #interim = 0;

  /** A request is sent: the next bytes are those of its reply. */
  begin(): void {
    this.#inHead = true;
    this.#block = nothing;
    this.#size = 0;
    this.#chunks = null;
    this.#refusal = null;
    this.#interim = 0;
  }

  /** What the parser shall see of the next bytes; empty while a header block is incomplete, or when the reply is refused. */
  pass(chunk: Buffer): Buffer {
    if (!this.#inHead) return this.#chunks === null ? chunk : this.#chunks.pass(chunk);
    if (this.#size === 0) return this.#wholeHead(chunk) ?? this.#heads(chunk, 0);
    const looked = Math.max(0, this.#size - 2);
    return this.#heads(this.#append(chunk), looked);
  }

  /** Why nothing of the reply can be read; null while it can. */
  get refusal(): string | null {
    return this.#refusal ?? this.#chunks?.refusal ?? null;
  }

  /** The usual reply: its head comes in one piece, and nothing needs mending. */
  #wholeHead(chunk: Buffer): Buffer | null {
    const end = chunk.indexOf(blankLine) + blankLine.length;
    if (end < blankLine.length) return null;
    const head = cleanHead(chunk.toString('latin1', 0, end));
    if (head === null) return null;
    this.#inHead = false;
    if (!head.chunked) return chunk;
    this.#chunks = new CanonicalChunks(head.once);
    return Buffer.concat([chunk.subarray(0, end), this.#chunks.pass(chunk.subarray(end))]);
  }

  /** @param looked where the look for an empty line may begin. */
  #heads(bytes: Buffer, looked: number): Buffer {
    let rest = bytes;
    for (let from = looked; ; from = 0) {
      const start = blankBefore(rest);
      if (!isHttp(rest, start)) return this.#refuse(otherProtocol(rest.toString('latin1', start, start + 16)));
      const end = endOfHead(rest, Math.max(start, from));
      if (end === -1 && rest.length > maxHeadSize) return this.#refuse('its header block is larger than 64 kB');
      if (end === -1) {
        if (this.#size === 0 || rest !== bytes) this.#keep(rest);
        return nothing;
      }
      const text = rest.toString('latin1', start, end);
      const head = cleanHead(text) ?? canonicalHead(text);
      if (typeof head === 'string') return this.#refuse(head);
      rest = rest.subarray(end);
      // Empty: an interim reply. A server could send them without end (failure-cases T3).
      if (head.text === '') {
        this.#interim += end;
        if (this.#interim > maxHeadSize) return this.#refuse('its interim replies take more than 64 kB');
        continue;
      }
      this.#inHead = false;
      if (head.chunked) this.#chunks = new CanonicalChunks(head.once);
      return Buffer.concat([Buffer.from(head.text, 'latin1'), this.#chunks?.pass(rest) ?? rest]);
    }
  }

  #refuse(reason: string): Buffer {
    this.#refusal = reason;
    return nothing;
  }

  #keep(bytes: Buffer): void {
    this.#block = nothing;
    this.#size = 0;
    this.#append(bytes);
  }

  /** Doubles what it needs, so that a block of single bytes costs no more than one that comes whole. */
  #append(chunk: Buffer): Buffer {
    const size = this.#size + chunk.length;
    if (size > this.#block.length) {
      const larger = Buffer.allocUnsafeSlow(2 * size);
      this.#block.copy(larger, 0, 0, this.#size);
      this.#block = larger;
    }
    chunk.copy(this.#block, this.#size);
    this.#size = size;
    return this.#block.subarray(0, size);
  }
}

/** Empty lines before the status line are passed over (RFC 9112 section 2.2 asks servers to; undici's parser does, too). */
function blankBefore(bytes: Buffer): number {
  let start = 0;
  while (bytes[start] === 0x0d || bytes[start] === 0x0a) start++;
  return start;
}

function isHttp(bytes: Buffer, start: number): boolean {
  return 'HTTP/'.startsWith(bytes.toString('latin1', start, start + 5));
}

/** What a server speaks that does not answer in HTTP/1.1, by its first bytes. */
function otherProtocol(start: string): string {
  // A SETTINGS frame, as which each HTTP/2 connection begins (RFC 9113 section 3.4).
  if (/^\0[\s\S]{2}\x04/.test(start)) return 'it speaks HTTP/2, and pdl only HTTP/1.1';
  if (/^\x15\x03/.test(start)) return 'it speaks TLS on this port: is it https://?';
  return 'it does not begin with HTTP/1.1';
}

/** Where the body begins, behind an empty line that ends in CRLF or in LF alone; -1 when it has not come yet. */
function endOfHead(bytes: Buffer, from: number): number {
  for (let lf = bytes.indexOf(0x0a, from); lf !== -1; lf = bytes.indexOf(0x0a, lf + 1)) {
    if (bytes[lf + 1] === 0x0a) return lf + 2;
    if (bytes[lf + 1] === 0x0d && bytes[lf + 2] === 0x0a) return lf + 3;
  }
  return -1;
}
