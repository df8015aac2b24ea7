import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type Fate, Giver, newShared, type Order, Taker } from '../../src/sink/ring.ts';
import { bytes } from './support.ts';

/** What one slot takes: its paths as if each UTF-16 unit had 3 bytes, its three lengths, and the body. */
const slotSize = 128 * 1024;
const room = (part: string, final: string) => slotSize - 12 - 3 * (part.length + final.length);
const pool = bytes(slotSize, 7);

function ends() {
  const shared = newShared();
  return { giver: new Giver(shared), taker: new Taker(shared) };
}

/** A body of `size` bytes in pieces that end at `cuts` (parts of a whole), some of them empty. */
function pieces(size: number, from: number, cuts: readonly number[]): Uint8Array[] {
  const body = pool.subarray(from % (slotSize - size + 1), (from % (slotSize - size + 1)) + size);
  const places = [0, ...cuts.map((cut) => Math.floor(cut * size)).sort((a, b) => a - b), size];
  return places.slice(1).map((end, at) => body.subarray(places[at], end));
}

/** The bytes of an order outlive its slot only in a copy. */
const copied = ({ part, final, body }: Order) => ({ part, final, body: Buffer.from(body).toString('latin1') });

const text = fc.oneof(
  fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
  fc.constantFrom('/d/ä.jpg', '/d/日本語/写真', '/d/👩‍👩‍👧', `/${'€'.repeat(300)}`),
);
const put = fc.record({
  does: fc.constant('put' as const),
  part: text,
  final: text,
  /** Over the room that the paths leave: 1 is the first that does not fit. */
  size: fc.oneof(
    fc.constant(0),
    fc.integer({ min: 1, max: 3_000 }),
    fc.constantFrom('full', 'over') as fc.Arbitrary<'full' | 'over'>,
  ),
  from: fc.nat(slotSize),
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
});
const take = fc.record({
  does: fc.constant('take' as const),
  fate: fc.constantFrom<Fate>('nothing', 'written', 'published'),
});
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: put },
    { weight: 3, arbitrary: take },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('next' as const) }) },
  ),
  { maxLength: 160, size: 'max' },
);

test('whatever is put and taken in any order comes out in the order of the puts, byte for byte, and so does every fate', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const { giver, taker } = ends();
      const waiting: ReturnType<typeof copied>[] = [];
      const fates: Fate[] = [];
      let underWay = 0;
      for (const step of all) {
        if (step.does === 'put') {
          const { part, final } = step;
          const limit = room(part, final);
          const size = step.size === 'full' ? limit : step.size === 'over' ? limit + 1 : step.size;
          const chunks = pieces(size, step.from, step.cuts);
          const fits = underWay < 8 && size <= limit;
          assert.equal(giver.put(part, final, chunks, size), fits);
          if (!fits) continue;
          underWay += 1;
          waiting.push({ part, final, body: Buffer.concat(chunks).toString('latin1') });
        } else if (step.does === 'take' && waiting.length > 0) {
          assert.deepEqual(copied(taker.take()), waiting.shift());
          taker.end(step.fate);
          fates.push(step.fate);
        } else if (step.does === 'next') {
          const fate = fates.shift() ?? null;
          assert.equal(giver.next(), fate);
          if (fate !== null) underWay -= 1;
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('8 are under way at most, the one taken among them: nothing is written over before its fate was asked for', () => {
  const { giver, taker } = ends();
  const give = (at: number) => giver.put(`/p/${at}`, `/f/${at}`, [Buffer.from(`body ${at}`)], `body ${at}`.length);
  for (let at = 0; at < 8; at += 1) assert.equal(give(at), true);
  assert.equal(give(8), false);
  const first = taker.take();
  assert.equal(give(8), false);
  assert.equal(Buffer.from(first.body).toString(), 'body 0');
  taker.end('published');
  assert.equal(give(8), false, 'its fate has not been asked for yet');
  assert.equal(giver.next(), 'published');
  assert.equal(give(8), true);
  for (let at = 1; at <= 8; at += 1) {
    assert.deepEqual(copied(taker.take()), { part: `/p/${at}`, final: `/f/${at}`, body: `body ${at}` });
    taker.end(at % 2 === 0 ? 'written' : 'nothing');
  }
  const fates = Array.from({ length: 9 }, () => giver.next());
  assert.deepEqual(fates, [...Array.from({ length: 8 }, (_, at) => (at % 2 === 0 ? 'nothing' : 'written')), null]);
});

test('a path is as long in memory as its UTF-8, and the longest of them leaves its body whole', () => {
  const { giver, taker } = ends();
  for (const path of ['/x'.repeat(2_000), `/${'€'.repeat(1_365)}`, `/${'👩'.repeat(1_000)}`]) {
    const size = room(path, path);
    assert.equal(giver.put(path, path, [pool.subarray(0, size + 1)], size + 1), false);
    assert.equal(giver.put(path, path, [pool.subarray(0, size)], size), true);
    const { part, final, body } = taker.take();
    assert.deepEqual([part, final], [path, path]);
    assert.equal(pool.subarray(0, size).equals(body), true);
    taker.end('published');
    assert.equal(giver.next(), 'published');
  }
});

/** One move of either side; `listen` and `collect` are two, for the taker may end something in between. */
const moves = fc.array(fc.constantFrom('put', 'end', 'end', 'listen', 'collect'), { maxLength: 120, size: 'max' });

test('no wake-up is lost: what has ended and was not collected has a message under way, or a giver about to look', () => {
  fc.assert(
    fc.property(moves, (all) => {
      const { giver, taker } = ends();
      let [orders, ended, messages, told] = [0, 0, 0, 0];
      let looking = false;
      const collect = () => {
        while (giver.next() !== null) ended -= 1;
      };
      for (const move of all) {
        if (move === 'put') {
          // As Writer.write does: what is there is collected without having listened.
          collect();
          if (giver.put('/p', '/f', [], 0)) orders += 1;
        } else if (move === 'end' && orders > 0) {
          taker.take();
          orders -= 1;
          ended += 1;
          if (taker.end('published')) {
            messages += 1;
            told += 1;
          }
        } else if (move === 'listen' && messages > 0 && !looking) {
          messages -= 1;
          giver.listen();
          looking = true;
        } else if (move === 'collect' && looking) {
          collect();
          looking = false;
        }
        assert.ok(ended === 0 || messages > 0 || looking, `${ended} ended and nobody will look`);
        assert.ok(messages <= 1, 'one message at a time is enough');
      }
      assert.ok(told <= all.length);
    }),
    { numRuns: 2_000 },
  );
});

test('the giver is told once until it listens, however much has ended', () => {
  const { giver, taker } = ends();
  const end = () => {
    giver.put('/p', '/f', [], 0);
    taker.take();
    return taker.end('published');
  };
  assert.deepEqual([end(), end(), end()], [true, false, false]);
  while (giver.next() !== null);
  assert.equal(end(), false, 'to collect is not to listen');
  giver.listen();
  assert.deepEqual([end(), end()], [true, false]);
});
