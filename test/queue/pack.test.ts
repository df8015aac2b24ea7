/** What travels through Redis arrives as it was. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readJob } from '../../src/list/job.ts';
import { packChunk, packLine, packResults, unpackChunk, unpackResults } from '../../src/queue/pack.ts';
import type { Job, Result } from '../../src/types.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const texts = fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true });
const jobs = fc
  .record(
    {
      path: fc.webPath(),
      name: text,
      headers: texts,
      columns: texts,
      line: text,
      number: fc.nat(),
      source: fc.constantFrom('a', 'b'),
    },
    { requiredKeys: ['path', 'line', 'number', 'source'] },
  )
  .map(({ path, line, number, source, ...rest }) => {
    const origin = { source, number, text: line };
    const made = readJob({ url: `http://host${path}`, ...rest }, origin) as Job;
    return { job: { ...made, name: made.name ?? 'given' }, isNamed: made.name !== undefined };
  });

test('a chunk gives back the jobs that went in', () => {
  fc.assert(
    fc.property(fc.array(jobs, { minLength: 1, maxLength: 5 }), (all) => {
      const sources = ['a', 'b'];
      const rows = all.map(({ job, isNamed }) => packLine(job, isNamed, sources.indexOf(job.origin.source)));
      assert.deepEqual(
        unpackChunk(packChunk(rows, sources)),
        all.map(({ job }) => job),
      );
    }),
  );
});

test('a failure keeps the words of its causes, and what a layer attached stays behind', () => {
  const inner = Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
  const cause = new Error('no way', { cause: inner });
  const told = {
    seq: 1,
    at: '',
    source: 's',
    line: 1,
    url: 'http://h/',
    attempts: 1,
    queuedMs: 0,
    waitedMs: 0,
    durationMs: 0,
  };
  const failed: Result = {
    ...told,
    status: 'failed',
    error: { code: 'CONNECT', message: 'Cannot connect', cause },
    permanent: false,
    text: 'http://h/',
    data: { live: () => {} },
  };
  const [result] = unpackResults(packResults([failed]));
  assert.ok(result?.status === 'failed' && result.data === undefined);
  const got = result.error.cause as Error & { cause: NodeJS.ErrnoException };
  assert.ok(got instanceof Error && got.cause instanceof Error);
  assert.deepEqual([got.message, got.cause.message, got.cause.code], ['no way', 'connect refused', 'ECONNREFUSED']);
});
