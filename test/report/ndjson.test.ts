/** The messages of --json against the pinned fixture: any field more, less or elsewhere is a breaking change. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ndjson, resultMessage, summaryMessage } from '../../src/report/ndjson.ts';
import { failed, saved, skipped } from './results.ts';

const fixture = readFileSync(join(import.meta.dirname, '../../fixtures/results.ndjson'), 'utf8');
const origin = { source: 'urls.tsv', number: 7, text: '' };
const job = { id: 'x', url: 'http://example.org/a.jpg', origin, columns: { title: 'One' } };

const results = [
  saved(),
  saved({ seq: 2, resumedFrom: 1000, contentType: null, sha256: 'ab'.repeat(32), lengthUnknown: true, job, data: {} }),
  skipped({ seq: 3 }),
  skipped({ seq: 4, reason: 'exists', path: 'out/a.jpg' }),
  failed({ seq: 5, finalUrl: 'http://example.org/b.jpg' }),
  failed({ seq: 6, error: { code: 'DNS', message: 'Cannot find h: no such name', cause: new Error('x') } }),
];
delete (results[5] as { httpStatus?: number }).httpStatus;

test('every message is as pinned, byte for byte', () => {
  const summary = { saved: 2, skipped: 2, failed: 2, left: null, bytes: 65_000, durationMs: 1234, stopped: 'quota' };
  const lines = [...results.map(resultMessage), summaryMessage(summary as never, 4)].map(ndjson);
  assert.equal(lines.join(''), fixture);
});

test('no field is undefined, unknown or out of order', () => {
  const fields: Record<string, string> = {
    saved: 'path bytes resumedFrom httpStatus finalUrl contentType ttfbMs sha256? lengthUnknown? columns?',
    skipped: 'reason path?',
    failed: 'error permanent httpStatus? finalUrl?',
  };
  const common = 'v type seq at source line url status attempts queuedMs waitedMs durationMs';
  for (const line of fixture
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text))) {
    const order =
      line.type === 'summary'
        ? 'v type saved skipped failed left bytes durationMs stopped exitCode'
        : `${common} ${fields[line.status]}`;
    const wanted = order.split(' ').filter((name) => !name.endsWith('?') || name.slice(0, -1) in line);
    assert.deepEqual(
      Object.keys(line),
      wanted.map((name) => name.replace('?', '')),
    );
  }
});

test('one message is one line without control bytes, and without passwords', () => {
  const nasty = 'http://me:secret@h/\x1b\n\u2028\u202e\x9b';
  const line = ndjson(resultMessage(failed({ url: nasty, finalUrl: nasty, error: { code: 'RESET', message: nasty } })));
  assert.equal(line.indexOf('\n'), line.length - 1);
  assert.doesNotMatch(line.trimEnd(), /[\p{Cc}\p{Cf}\p{Zl}]|secret/u);
  assert.equal(JSON.parse(line).url, nasty.replace('me:secret@', ''));
});
