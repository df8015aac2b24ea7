import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PdlError } from '../../src/errors.ts';
import { type Intake, intake, type Rooms } from '../../src/list/intake.ts';
import { openLists } from '../../src/list/lists.ts';
import type { Source } from '../../src/types.ts';

const rooms: Rooms = { twin: () => null, name: (_, index) => `${index}`, mine: () => true };

async function all(source: Source, given: Partial<Rooms> = {}): Promise<Intake[]> {
  const taken: Intake[] = [];
  for await (const one of intake(source, { ...rooms, ...given })) taken.push(one);
  return taken;
}

const brief = (taken: Intake[]) =>
  taken.map((one) => ('origin' in one ? one.ending.code : 'ending' in one ? one.ending.reason : one.job.name));

test('each URL line has its number, bad ones and duplicates too', async () => {
  const seen = new Set<string>();
  const twin: Rooms['twin'] = ({ id }) => {
    if (seen.has(id)) return { status: 'skipped', reason: 'duplicate' };
    seen.add(id);
    return null;
  };
  const source = ['http://h/a', 'nonsense', 'http://h/a#b', { url: 'http://h/a', name: 'x' }, 'http://h/b'];
  assert.deepEqual(brief(await all(source, { twin })), ['1', 'BAD_LINE', 'duplicate', '4', '5']);
});

test('comments and blank lines of lists take no number', async () => {
  const stream = (await import('node:stream')).Readable.from(['# a\n\nhttp://h/a\nx\n# b\nhttp://h/b\n']);
  const lists = await openLists([{ kind: 'stdin', stream }], { format: 'auto', glob: 'arguments', warn() {} });
  const taken = await all(lists);
  assert.deepEqual(brief(taken), ['1', 'BAD_LINE', '3']);
  assert.deepEqual(
    taken.map((one) => ('job' in one ? one.job.origin : one.origin).number),
    [3, 4, 6],
  );
});

test('items of a library source stand in "source", by their position', async () => {
  const [first, second] = await all(['http://h/a', { url: 'x' }]);
  assert.ok(first !== undefined && 'job' in first && second !== undefined && 'origin' in second);
  assert.deepEqual(first.job.origin, { source: 'source', number: 1, text: 'http://h/a' });
  assert.deepEqual(second.origin, { source: 'source', number: 2, text: 'x' });
});

test('arrays, generators and async generators are sources alike; one text is one URL', async () => {
  const urls = ['http://h/a', 'http://h/b'];
  const sources: Source[] = [
    urls,
    (function* () {
      yield* urls;
    })(),
    (async function* () {
      yield* urls;
    })(),
    new Set(urls),
  ];
  for (const source of sources) assert.deepEqual(brief(await all(source)), ['1', '2']);
  assert.deepEqual(brief(await all('http://h/a')), ['1']);
});

test('lines of other shards vanish, and take part in numbers and names', async () => {
  const named: string[] = [];
  const mine: Rooms['mine'] = ({ url }) => url.includes('mine');
  const name: Rooms['name'] = ({ url }, index) => {
    named.push(url);
    return `${index}`;
  };
  const taken = await all(['http://other/', 'bad', 'http://mine/'], { mine, name });
  assert.deepEqual(brief(taken), ['3']);
  assert.deepEqual(named, ['http://other/', 'http://mine/']);
});

test('a bad line belongs to exactly one shard', async () => {
  const { inShard } = await import('../../src/list/shard.ts');
  const shares = [0, 1, 2].map((index) => all(['bad', 'worse'], { mine: inShard({ index, count: 3 }) }));
  assert.deepEqual((await Promise.all(shares)).map((share) => share.length).sort(), [0, 0, 2]);
});

test('a name that cannot be made is an ending; another throw is a bug and passes through', async () => {
  const name = () => {
    throw new PdlError('NAME', 'Cannot name it: nothing is left');
  };
  assert.deepEqual(brief(await all(['http://h/'], { name })), ['NAME']);
  const bug = () => {
    throw new RangeError('oh');
  };
  await assert.rejects(all(['http://h/'], { name: bug }), RangeError);
});

test('leaving closes the source, even while it is silent', async () => {
  let closed = 0;
  const silent: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: async () => ({ done: true, value: ++closed && undefined }),
    }),
  };
  const taken = intake(silent, rooms)[Symbol.asyncIterator]();
  void taken.next();
  await taken.return?.();
  const endless = (function* () {
    try {
      for (;;) yield 'http://h/';
    } finally {
      closed += 1;
    }
  })();
  for await (const _ of intake(endless, rooms)) break;
  assert.equal(closed, 2);
});

test('a source is pulled one item at a time', async () => {
  let pulled = 0;
  const source = (function* () {
    for (;;) yield `http://h/${++pulled}`;
  })();
  const taken = intake(source, rooms)[Symbol.asyncIterator]();
  await taken.next();
  await taken.next();
  assert.equal(pulled, 2);
});

test('a long row of lines that need nothing lets the event loop turn', async () => {
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await all(
    Array.from({ length: 10_000 }, () => 'http://h/'),
    { mine: () => false },
  );
  isOver = true;
  assert.ok(turns >= 15, String(turns));
});
