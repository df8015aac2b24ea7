import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judge, retryAfter } from '../../src/transfer/head.ts';
import { fails, home } from './fakes.ts';

const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
const now = () => new Date('1994-11-06T08:49:30Z');

test('Retry-After in seconds (Y2)', () => {
  for (const [text, ms] of [
    ['0', 0],
    ['120', 120_000],
    ['9999999999', 9_999_999_999_000],
  ] as const) {
    assert.equal(retryAfter({ 'retry-after': text }), ms);
  }
});

test('Retry-After as a date counts from the answer’s own Date, never below 0', () => {
  for (const [text, ms] of [
    ['Sun, 06 Nov 1994 08:50:07 GMT', 30_000],
    ['Sunday, 06-Nov-94 08:50:07 GMT', 30_000],
    ['Sun Nov  6 08:50:07 1994', 30_000],
    ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
    ['Fri, 31 Dec 9999 23:59:59 GMT', Date.UTC(9999, 11, 31, 23, 59, 59) - Date.UTC(1994, 10, 6, 8, 49, 37)],
  ] as const) {
    assert.equal(retryAfter({ 'retry-after': text, date }), ms, text);
  }
});

test('only an answer without Date is measured by our clock', () => {
  assert.equal(retryAfter({ 'retry-after': date }), undefined);
  assert.equal(retryAfter({ 'retry-after': date }, now), 7000);
  assert.equal(retryAfter({ 'retry-after': date, date }, now), 0);
});

test('garbage in Retry-After is no wait (Y3)', () => {
  const garbage = ['', '-1', '0x10', '1e400', '1.5', ' 5', '5 ', '5, 5', '10000000000000', 'soon', '1994-11-06', 'NaN'];
  for (const text of garbage) assert.equal(retryAfter({ 'retry-after': text, date }, now), undefined, text);
  assert.equal(retryAfter({}, now), undefined);
});

test('whatever a server sends as Retry-After, the wait is a finite number or none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d.ex+-]{0,14}$/)), (text) => {
      const ms = retryAfter({ 'retry-after': text, date }, now);
      assert.ok(ms === undefined || (Number.isSafeInteger(ms) && ms >= 0), String(ms));
    }),
  );
});

test('any header block is judged without a fault of ours', () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary-ascii' }),
    fc.constantFrom('bytes 5-9/10', 'bytes */5', '"one"', 'W/"one"', '/b', 'http://', '5', date),
  );
  const name = fc.constantFrom(
    'content-range',
    'content-length',
    'etag',
    'last-modified',
    'date',
    'location',
    'content-encoding',
  );
  const headers = fc.dictionary(name, fc.oneof(value, fc.array(value, { minLength: 2, maxLength: 2 })));
  const held = { kind: 'part', offset: 5, validator: '"one"', total: 10 } as const;
  const status = fc.constantFrom(200, 206, 301, 304, 404, 416, 503);
  fc.assert(
    fc.property(status, headers, fc.constantFrom(null, held), (code, given, had) => {
      try {
        const verdict = judge(home, had, { status: code, headers: given }, now);
        if (verdict.does === 'land') assert.ok(verdict.head.offset === 0 || verdict.head.offset === 5);
      } catch (error) {
        const { code: failure } = error as { code: string };
        assert.ok(['HTTP_STATUS', 'REDIRECT', 'BAD_RESPONSE'].includes(failure), String(error));
        fails(failure)(error);
      }
    }),
    { numRuns: 2000 },
  );
});
