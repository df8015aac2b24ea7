import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { cleanName, numbered } from '../../src/sink/clean.ts';

/** failure-cases.md section N, row by row: text, what it becomes, why. */
const table: readonly [text: string, name: string, why: string][] = [
  ['a.jpg', 'a.jpg', 'a plain name stays'],
  ['Ünïcode – file (1).tar.gz', 'Ünïcode – file (1).tar.gz', 'text of any script stays'],
  ['../../etc/passwd', 'passwd', 'N1 directories'],
  ['/etc/passwd', 'passwd', 'N1 absolute'],
  ['..\\..\\evil.exe', 'evil.exe', 'N1 the other slash'],
  ['C:\\Windows\\x.dll', 'x.dll', 'N1 drive'],
  ['C:x.dll', 'C_x.dll', 'N1 drive without slash'],
  ['..', '', 'N1 nothing left'],
  ['.', '', 'N1 nothing left'],
  ['', '', 'N1 empty'],
  ['dir/', '', 'N1 a directory is no name'],
  ['..%2fx', '_%2fx', 'N2 an escaped slash stays escaped'],
  ['a\u0000b', 'ab', 'N3 NUL'],
  ['a\u001b[31mred\u0007', 'a[31mred', 'N3 escape'],
  ['a\r\nb', 'ab', 'N3 line ends'],
  ['a\u0085\u009bb', 'ab', 'N3 C1'],
  ['a\u007fb', 'ab', 'N3 DEL'],
  ['.bashrc', '_bashrc', 'N4'],
  ['..bashrc', '_bashrc', 'N4 two dots'],
  ['. .ssh', '_ssh', 'N4 with a blank between'],
  ['\u200b.bashrc', '_bashrc', 'N4 behind a zero-width character'],
  ['CON', '_CON', 'N5'],
  ['con.txt', '_con.txt', 'N5 under any ending'],
  ['aux.tar.gz', '_aux.tar.gz', 'N5 under two'],
  ['NUL .txt', '_NUL .txt', 'N5 with a blank'],
  ['COM1', '_COM1', 'N5'],
  ['LPT¹.log', '_LPT¹.log', 'N5 superscripts'],
  ['CONIN$', '_CONIN$', 'N5'],
  ['console.log', 'console.log', 'N5 only begins like a device'],
  ['com10', 'com10', 'N5 no such device'],
  ['file.', 'file', 'N5 dot at the end'],
  ['file. . ', 'file', 'N5 dots and blanks at the end'],
  ['a:b', 'a_b', 'N5 alternate data stream'],
  ['a<b>c"d|e?f*g', 'a_b_c_d_e_f_g', 'N5 what Windows refuses'],
  ['x.desktop', 'x.desktop', 'N6 the ending stays'],
  ['e\u0301.txt', 'é.txt', 'N8 NFC'],
  ['e\u200b\u0301.txt', 'é.txt', 'N8 NFC after the invisible is gone'],
  ['-rf', '_-rf', 'N11 minus'],
  ['~root', '_~root', 'N11 tilde'],
  ['  a b  ', 'a b', 'N11 blanks'],
  ['\u00a0a', 'a', 'N11 no-break space'],
  ['\u202egpj.exe', 'gpj.exe', 'N14 bidi override'],
  ['a\u2066b\u2069', 'ab', 'N14 isolates'],
  ['\ufeffa', 'a', 'N14 BOM'],
  ['a\u2028b', 'ab', 'N14 line separator'],
  ['a\ud800b', 'a_b', 'a lone surrogate is no UTF-8'],
];

for (const [text, name, why] of table) {
  test(`cleans ${JSON.stringify(text)} to ${JSON.stringify(name)}: ${why}`, () => {
    assert.equal(cleanName(text), name);
  });
}

test('shortens at a code point to 255 bytes, keeps the ending and adds a hash of the URL (N7)', () => {
  const name = cleanName(`${'é'.repeat(200)}.jpeg`, 'http://h/a');
  assert.match(name, /^é+-[0-9a-f]{8}\.jpeg$/);
  assert.ok(Buffer.byteLength(name) <= 255 && Buffer.byteLength(name) > 250);
  assert.notEqual(name, cleanName(`${'é'.repeat(200)}.jpeg`, 'http://h/b'));
  assert.equal(cleanName('a'.repeat(255)), 'a'.repeat(255));
});

test('of a name far too long, the beginning and the ending count', () => {
  assert.equal(cleanName(`${'.'.repeat(9000)}a.txt`), '_a.txt');
  assert.equal(cleanName(`a.txt${' .'.repeat(9000)}`), 'a.txt');
  assert.match(cleanName(`${'a'.repeat(9000)}.jpeg`), /^a{241}-[0-9a-f]{8}\.jpeg$/);
});

test('a number counts against the 255 bytes too', () => {
  assert.equal(numbered('a.jpg', 2), 'a-2.jpg');
  assert.equal(numbered('a', 12), 'a-12');
  assert.equal(Buffer.byteLength(numbered(`${'x'.repeat(251)}.jpg`, 12_345)), 255);
  assert.ok(Buffer.byteLength(numbered('€'.repeat(85), 10)) <= 255);
});

const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff/\\<>:"|?*]|^[.~\s-]|[.\s]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc
    .array(
      fc.constantFrom('.', '..', '/', '\\', ' ', '-', '~', 'con', 'NUL', 'é', 'e\u0301', '\u202e', '\0', 'a', '€€'),
      { maxLength: 40 },
    )
    .map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme', minLength: 240, maxLength: 270 }),
);

test('whatever the text, the name is safe, NFC, at most 255 bytes, and stays when cleaned again', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const name = cleanName(text);
      assert.doesNotMatch(name, unsafe);
      assert.ok(Buffer.byteLength(name) <= 255);
      assert.equal(Buffer.from(name).toString(), name);
      assert.equal(name.normalize('NFC'), name);
      assert.equal(cleanName(name), name);
    }),
    { numRuns: 3000 },
  );
});
