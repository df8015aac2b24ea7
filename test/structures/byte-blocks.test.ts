import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBlocks } from '../../src/structures/byte-blocks.ts';

/** A chunk within a larger buffer, as a parser cuts it out of what it read. */
function cut(length: number, around = 0, fill = 1): Uint8Array {
  return new Uint8Array(length + around).fill(fill).subarray(0, length);
}

/** Bytes that the blocks keep in memory. */
function pinned(blocks: Uint8Array[]): number {
  return [...new Set(blocks.map(({ buffer }) => buffer))].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

test('one chunk is not copied', () => {
  const blocks = new ByteBlocks();
  const chunk = cut(1000, 300);
  blocks.append(chunk);
  assert.equal(blocks.size, 1000);
  assert.equal(blocks.blocks[0], chunk);
  const bytes = blocks.takeBytes();
  assert.ok(Buffer.isBuffer(bytes) && bytes.buffer === chunk.buffer && bytes.equals(chunk));
  assert.equal(blocks.size, 0);
  assert.equal(blocks.takeBytes().length, 0);
});

test('large chunks are not copied', () => {
  const blocks = new ByteBlocks();
  const chunks = Array.from({ length: 100 }, () => cut(65_536));
  for (const chunk of chunks) blocks.append(chunk);
  assert.deepEqual(blocks.take(), chunks);
});

test('a megabyte in single bytes is a megabyte', () => {
  const blocks = new ByteBlocks();
  for (let at = 0; at < 2 ** 20; at++) blocks.append(cut(1, 100, at & 255));
  const held = blocks.take();
  assert.ok(held.length < 32, `${held.length} blocks`);
  assert.ok(pinned(held) < 1.2 * 2 ** 20 + 131_072, `${pinned(held)} bytes`);
  const bytes = Buffer.concat(held);
  assert.equal(bytes.length, 2 ** 20);
  assert.ok(bytes.every((byte, at) => byte === (at & 255)));
});

test('blocks are taken up to a limit, one at least, and more may follow', () => {
  const blocks = new ByteBlocks();
  for (const length of [5000, 6000, 7000]) blocks.append(cut(length));
  const lengths = (limit: number) => blocks.take(limit).map(({ length }) => length);
  assert.deepEqual(lengths(11_000), [5000, 6000]);
  blocks.append(cut(8000));
  assert.deepEqual(lengths(1), [7000]);
  assert.equal(blocks.size, 8000);
  assert.deepEqual(lengths(1e9), [8000]);
  assert.deepEqual(lengths(1e9), []);
});

test('whatever comes is held in order, in few blocks and little more memory than its bytes', () => {
  const chunk = fc.record({
    length: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 70_000 })),
    around: fc.constantFrom(0, 10, 65_536, 131_072),
    take: fc.constantFrom(0, 0, 0, 1, 50_000),
  });
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 300 }), (chunks) => {
      const blocks = new ByteBlocks();
      const given: Uint8Array[] = [];
      const taken: Uint8Array[] = [];
      for (const [at, { length, around, take }] of chunks.entries()) {
        given.push(cut(length, around, at & 255));
        blocks.append(given.at(-1)!);
        if (take > 0) taken.push(...blocks.take(take));
      }
      const { size } = blocks;
      const held = blocks.take();
      assert.equal(Buffer.concat(held).length, size);
      assert.ok(pinned(held) <= 4 * size + 400_000, `${pinned(held)} for ${size} bytes`);
      assert.ok(held.length <= size / 2048 + 8, `${held.length} blocks for ${size} bytes`);
      assert.ok(Buffer.concat([...taken, ...held]).equals(Buffer.concat(given)));
    }),
  );
});
