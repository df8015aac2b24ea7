/** Foreign text on its way to a terminal. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cut, fit, width } from '../../src/report/columns.ts';
import { safe, safeJson } from '../../src/report/safe.ts';
import { withoutPasswords } from '../../src/report/secrets.ts';

const foreign = fc.string({ unit: 'binary', maxLength: 60 });
const dangerous = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

test('control, escape, bidi and zero-width characters become visible', () => {
  const table: [string, string][] = [
    ['a b~', 'a b~'],
    ['\x1b[2J', '\\x1b[2J'],
    ['a\r\nb\tc\0', 'a\\r\\nb\\tc\\x00'],
    ['\x7f\x9b31m', '\\x7f\\x9b31m'],
    ['gpj.\u202eexe', 'gpj.\\u202eexe'],
    ['a\u200bb\ufeff', 'a\\u200bb\\ufeff'],
    ['\u2028\u2029', '\\u2028\\u2029'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\ud800', '\\ud800'],
    ['Ünïcödé 漢字 🎉', 'Ünïcödé 漢字 🎉'],
  ];
  for (const [given, wanted] of table) assert.equal(safe(given), wanted);
});

test('whatever comes in, nothing dangerous comes out', () => {
  fc.assert(fc.property(foreign, (text) => !dangerous.test(safe(text))));
});

test('JSON made safe holds nothing dangerous and still says the same', () => {
  fc.assert(
    fc.property(foreign, (text) => {
      const json = safeJson(JSON.stringify({ text }));
      assert.ok(!dangerous.test(json));
      assert.deepEqual(JSON.parse(json), { text });
    }),
  );
});

test('a cut text never takes more columns than it may, and says that it was cut', () => {
  fc.assert(
    fc.property(foreign, fc.nat(50), (text, columns) => {
      const short = cut(safe(text), columns);
      assert.ok(width(short) <= columns, `${width(short)} > ${columns}`);
      assert.ok(short === safe(text) || short === '' || short.endsWith('…'));
      assert.equal(width(fit(safe(text), columns)), columns);
    }),
  );
});

test('wide characters count twice and are never cut in half', () => {
  assert.equal(cut('漢字漢字', 6), '漢字…');
  assert.equal(cut('👨🏽‍💻👨🏽‍💻', 3), '👨🏽‍💻…');
});

test('userinfo leaves every URL in a text', () => {
  const table: [string, string][] = [
    ['see http://me:secret@h/a and https://x@y/z', 'see http://h/a and https://y/z'],
    ['socks5h://u:p@proxy:1080', 'socks5h://proxy:1080'],
    ['http://me:p@ss@h/a', 'http://h/a'],
    ['http://h/a@b', 'http://h/a@b'],
    ['mail me@h', 'mail me@h'],
  ];
  for (const [given, wanted] of table) assert.equal(withoutPasswords(given), wanted);
});
