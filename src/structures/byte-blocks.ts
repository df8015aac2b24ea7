/** A queue of bytes that come in chunks: the memory it takes is bounded by their number, not by how they came. */

/** Chunks of this size and more are kept as they are; smaller ones are copied into blocks. */
const large = 4096;
/** So many small ones are kept, too: most bodies are one or two chunks. */
const few = 4;
/** Bytes that the buffers of kept chunks may have beyond twice the bytes held. */
const slack = 65_536;
/** Size of the first block that chunks are copied into, and of the largest. */
const [smallestBlock, largestBlock] = [4096, 65_536];

/** A million chunks of one byte would be a million objects, each of which pins the buffer it was cut from. */
export class ByteBlocks {
  /** Bytes held. */
  size = 0;
  readonly #blocks: Uint8Array[] = [];
  /** The block that chunks are copied into, behind all others, and how far it is filled. */
  #open: Buffer | null = null;
  #filled = 0;
  #room = smallestBlock;
  /** Bytes of the buffers that the blocks were cut from. */
  #pinned = 0;

  /** May keep the chunk. */
  append(chunk: Uint8Array): void {
    const { length } = chunk;
    if (length === 0) return;
    if (this.#open === null || this.#filled + length > this.#open.length) {
      this.#closeBlock();
      this.#open = this.#mayKeep(chunk) ? null : this.#newBlock(length);
    }
    this.#open?.set(chunk, this.#filled);
    if (this.#open === null) this.#push(chunk);
    else this.#filled += length;
    this.size += length;
  }

  /** All that is held, to look at. */
  get blocks(): readonly Uint8Array[] {
    this.#closeBlock();
    return this.#blocks;
  }

  /** Takes blocks off the front: as many as have `limit` bytes together, but one at least. */
  take(limit = Number.POSITIVE_INFINITY): Uint8Array[] {
    this.#closeBlock();
    let count = 0;
    let bytes = 0;
    while (count < this.#blocks.length && (count === 0 || bytes + this.#blocks[count]!.length <= limit)) {
      const { length, buffer } = this.#blocks[count]!;
      bytes += length;
      count += 1;
      if (buffer !== this.#blocks[count]?.buffer) this.#pinned -= buffer.byteLength;
    }
    this.size -= bytes;
    return this.#blocks.splice(0, count);
  }

  /** Takes all bytes as one buffer; a single chunk is not copied. */
  takeBytes(): Buffer {
    const { size } = this;
    const blocks = this.take();
    if (blocks.length !== 1) return Buffer.concat(blocks, size);
    const [{ buffer, byteOffset }] = blocks as [Uint8Array];
    return Buffer.from(buffer, byteOffset, size);
  }

  #mayKeep({ length, buffer }: Uint8Array): boolean {
    if (this.size === 0) return true;
    if (length < large && this.#blocks.length >= few) return false;
    return this.#pins(buffer) || this.#pinned + buffer.byteLength <= 2 * (this.size + length) + slack;
  }

  #pins(buffer: ArrayBufferLike): boolean {
    return this.#blocks.at(-1)?.buffer === buffer;
  }

  #push(block: Uint8Array): void {
    if (!this.#pins(block.buffer)) this.#pinned += block.buffer.byteLength;
    this.#blocks.push(block);
  }

  #newBlock(length: number): Buffer {
    const block = Buffer.allocUnsafeSlow(Math.max(this.#room, length));
    this.#room = Math.min(2 * this.#room, largestBlock);
    return block;
  }

  /** What is left of its room is less than the chunk that follows it. */
  #closeBlock(): void {
    if (this.#open !== null) this.#push(this.#open.subarray(0, this.#filled));
    this.#open = null;
    this.#filled = 0;
  }
}
