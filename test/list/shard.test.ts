/** Shards are disjoint, together complete, and the same on every machine. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inShard, shardOf } from '../../src/list/shard.ts';
import type { Job } from '../../src/types.ts';

const job = (url: string): Job => ({ id: '0', url, origin: { source: 'source', number: 1, text: url } });

test('a host always falls in the same shard', () => {
  // Pinned: machines with different versions of pdl must agree on who owns a host.
  assert.deepEqual(
    ['example.org', 'example.com', '127.0.0.1:8080'].map((host) => shardOf(host, 1000)),
    [862, 309, 382],
  );
});

test('of N shards exactly one owns a host, whatever its path, port 80 or 443, or userinfo', () => {
  for (let index = 0; index < 200; index++) {
    const url = `http://h${index}.example/`;
    const owners = [0, 1, 2, 3, 4].filter((own) => inShard({ index: own, count: 5 })(job(url)));
    assert.equal(owners.length, 1);
    const same = inShard({ index: owners[0]!, count: 5 });
    assert.ok(same(job(`https://h${index}.example/other?x#y`)) && same(job(`http://me:secret@h${index}.example/z`)));
  }
});

test('without a shard every job is ours', () => {
  assert.equal(inShard(null)(job('http://anything.example/')), true);
});
