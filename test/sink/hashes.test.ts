import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { duplicates } from '../../src/sink/duplicates.ts';
import { KeyedHash } from '../../src/sink/hashes.ts';
import { HashTable } from '../../src/sink/table.ts';
import { listed } from './support.ts';

test('a table is a Map of 64-bit hashes, zeros among them, through many growths', () => {
  const numbers = fc.oneof(fc.constantFrom(0, 1, 2 ** 32 - 1), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(numbers, numbers, numbers), { maxLength: 500, size: 'max' }), (entries) => {
      const table = new HashTable(true);
      const model = new Map<string, number>();
      for (const [high, low, value] of entries) {
        const key = `${high},${low || 1}`;
        assert.equal(table.has(high, low), model.has(key));
        assert.equal(table.get(high, low), model.get(key));
        assert.equal(table.set(high, low, value), !model.has(key));
        model.set(key, value);
        assert.equal(table.get(high, low), value);
      }
      assert.equal(table.size, model.size);
      for (const [key, value] of model) {
        const [high, low] = key.split(',').map(Number);
        assert.equal(table.get(high!, low!), value);
      }
    }),
  );
});

test('each entry of a table carries a mark of its own, through many growths', () => {
  const number = fc.integer({ min: 0, max: 40 });
  const step = fc.tuple(fc.boolean(), number, fc.integer({ min: 0, max: 2 ** 32 - 1 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600, size: 'max' }), fc.boolean(), (steps, valued) => {
      const table = new HashTable(valued);
      const marked = new Map<string, boolean>();
      const before: [high: number, low: number][] = [];
      for (const [marks, nth, low] of steps) {
        const entry = marks ? (before.at(-1 - nth) ?? ([0, low] as const)) : ([nth & 1, low] as const);
        const key = `${entry[0]},${entry[1] || 1}`;
        if (marks) {
          assert.equal(table.mark(...entry), marked.has(key) ? !marked.get(key) : null);
          if (marked.has(key)) marked.set(key, true);
        } else if (table.add(...entry)) {
          marked.set(key, false);
          before.push([...entry]);
        }
      }
      for (const [high, low] of before) assert.equal(table.mark(high, low), !marked.get(`${high},${low || 1}`));
      assert.equal(table.size, marked.size);
    }),
  );
});

test('200,000 texts are 200,000 hashes, spread evenly', () => {
  const hash = new KeyedHash();
  const table = new HashTable();
  const buckets = new Uint32Array(16);
  for (let at = 0; at < 200_000; at += 1) {
    const { high, low } = hash.text(`http://example.org/${at}`);
    assert.ok(table.add(high, low));
    buckets[low >>> 28] = buckets[low >>> 28]! + 1;
  }
  for (const count of buckets) assert.ok(Math.abs(count - 12_500) < 600, String(count));
});

test('the hash of bytes is the hash of their latin1 text', () => {
  const hash = new KeyedHash();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const { high, low } = hash.text(Buffer.from(bytes).toString('latin1'));
      hash.bytes(Buffer.from([0, ...bytes, 0]), 1, bytes.length + 1);
      assert.deepEqual([hash.high, hash.low], [high, low]);
    }),
  );
});

test('another process has another key', () => {
  const [one, other] = [new KeyedHash().text('a').low, new KeyedHash().text('a').low];
  assert.notEqual(one, other);
});

test('the same URL with the same explicit name is a duplicate, with another it is not', () => {
  const seen = duplicates();
  assert.equal(seen.skip(listed('http://h/a')), null);
  assert.equal(seen.skip(listed('http://h/a', { name: 'b' })), null);
  assert.deepEqual(seen.skip(listed('http://h/a')), { status: 'skipped', reason: 'duplicate' });
  assert.deepEqual(seen.skip(listed('http://h/a', { name: 'b' })), { status: 'skipped', reason: 'duplicate' });
});
