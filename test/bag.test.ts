import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Bag, type Member } from '../src/bag.ts';

type Step = { does: 'add' | 'delete'; which: number };

const steps = fc.array(fc.record<Step>({ does: fc.constantFrom('add', 'delete'), which: fc.nat({ max: 11 }) }), {
  maxLength: 200,
});

test('a bag holds what a Set of the same additions and deletions holds', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const members = Array.from({ length: 12 }, (): Member => ({ slot: -1 }));
      const bag = new Bag<Member>();
      const set = new Set<Member>();
      for (const { does, which } of all) {
        const member = members[which]!;
        // What is in it already is not added again: that is the caller's word.
        if (does === 'add' && set.has(member)) continue;
        bag[does](member);
        set[does](member);
        assert.equal(bag.size, set.size);
        assert.deepEqual(new Set(bag.members), set);
        assert.equal(bag.members.length, set.size, 'none twice');
        for (const one of members) assert.equal(one.slot, bag.members.indexOf(one), 'each knows its place');
      }
    }),
    { numRuns: 500 },
  );
});

test('a member of one bag is not taken out of another by its slot', () => {
  const [one, other] = [new Bag<Member>(), new Bag<Member>()];
  const [a, b] = [{ slot: -1 }, { slot: -1 }];
  one.add(a);
  other.add(b);
  one.delete(b);
  assert.deepEqual([one.size, other.size, b.slot], [1, 1, 0]);
});

test('to delete what was never in it, or is no longer, changes nothing', () => {
  const bag = new Bag<Member>();
  const [a, b] = [{ slot: -1 }, { slot: -1 }];
  bag.delete(a);
  bag.add(a);
  bag.add(b);
  bag.delete(a);
  bag.delete(a);
  assert.deepEqual(bag.members, [b]);
});
