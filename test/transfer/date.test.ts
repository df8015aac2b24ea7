import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { httpDate } from '../../src/transfer/date.ts';

test('the three forms of an HTTP date are one moment', () => {
  for (const text of ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994']) {
    assert.equal(httpDate(text), Date.UTC(1994, 10, 6, 8, 49, 37), text);
  }
});

test('every moment that JavaScript writes as an HTTP date is read back', () => {
  const whole = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true });
  fc.assert(
    fc.property(whole, (moment) => {
      assert.equal(httpDate(moment.toUTCString()), Math.floor(moment.getTime() / 1000) * 1000);
    }),
  );
});

test('two digits of a year are near us', () => {
  assert.equal(httpDate('Wednesday, 20-Nov-26 00:00:00 GMT'), Date.UTC(2026, 10, 20));
  assert.equal(httpDate('Thursday, 01-Jan-70 00:00:00 GMT'), 0);
});

test('what is no HTTP date is none', () => {
  for (const text of [
    undefined,
    '',
    '2',
    '0x10',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 CET',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 29:49:37 GMT',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    '1994-11-06T08:49:37Z',
    `Sun, 06 Nov 1994 08:49:37 GMT${' '.repeat(50)}`,
  ]) {
    assert.equal(httpDate(text), undefined, text);
  }
});
