import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redirectTarget } from '../../src/transfer/location.ts';
import { fails } from './fakes.ts';

const from = 'http://h/a/b?c';
const to = (location: string | string[], status = 302) => redirectTarget(from, { status, headers: { location } });
const utf8 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

test('a Location is read against the URL that sent it (D8)', () => {
  for (const [location, url] of [
    ['http://other/x', 'http://other/x'],
    ['/x', 'http://h/x'],
    ['x', 'http://h/a/x'],
    ['../x', 'http://h/x'],
    ['../../../x', 'http://h/x'],
    ['//other:81/x', 'http://other:81/x'],
    ['?d', 'http://h/a/b?d'],
    ['/with space', 'http://h/with%20space'],
    ['  /trimmed ', 'http://h/trimmed'],
    ['/x#fragment', 'http://h/x'],
    ['#fragment', from],
    ['HTTP://OTHER:80/x', 'http://other/x'],
    ['ftp://other/x', 'ftp://other/x'],
  ] as const) {
    assert.equal(to(location), url, location);
  }
});

test('raw UTF-8 is escaped once, and escapes stay as they are (D9)', () => {
  assert.equal(to(utf8('/é')), 'http://h/%C3%A9');
  assert.equal(to('/%C3%A9'), 'http://h/%C3%A9');
  assert.equal(to(utf8('/日本?q=ü')), 'http://h/%E6%97%A5%E6%9C%AC?q=%C3%BC');
  assert.equal(to(utf8('http://bücher.example/')), 'http://xn--bcher-kva.example/');
});

test('bytes that are no UTF-8 keep their value', () => {
  assert.equal(to('/\xe9'), 'http://h/%E9');
});

test('userinfo of a Location is dropped (D10)', () => {
  assert.equal(to('http://me:secret@other/x'), 'http://other/x');
  assert.equal(to('//me@h/x'), 'http://h/x');
});

test('a host longer than any is refused unparsed, wherever it stands', () => {
  const long = 'a'.repeat(3000);
  for (const location of [`http://${long}/`, `//${long}`, `\\/u@${long}:80/x`, `h\tttp:/\t/${long}`])
    assert.throws(() => to(location), fails('REDIRECT'), location.slice(0, 20));
  assert.equal(to(`http://${long}@other/x`), 'http://other/x');
  assert.equal(to(`/${long}`), `http://h/${long}`);
  assert.equal(to(long), `http://h/a/${long}`);
  assert.equal(to(utf8(`http://${'日'.repeat(60)}.example/x`))?.startsWith('http://xn--'), true);
});

test('every redirect status leads; 304, 305 and 306 do not', () => {
  for (const status of [300, 301, 302, 303, 307, 308, 399]) assert.equal(to('/x', status), 'http://h/x');
  for (const status of [200, 304, 305, 306, 400]) assert.equal(to('/x', status), null);
});

test('a redirect to nowhere, or to two places, is refused; the same place twice is fine (D7)', () => {
  const nowhere = { status: 302, url: from };
  assert.throws(() => redirectTarget(from, { status: 302, headers: {} }), fails('REDIRECT', nowhere));
  assert.throws(() => to(''), fails('REDIRECT', nowhere));
  assert.throws(() => to('  '), fails('REDIRECT'));
  assert.throws(() => to(['/a', '/b']), fails('REDIRECT'));
  assert.throws(() => to('http://'), fails('REDIRECT'));
  assert.equal(to(['/a', '/a']), 'http://h/a');
  assert.equal(redirectTarget(from, { status: 300, headers: {} }), null);
});
