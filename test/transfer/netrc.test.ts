import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseNetrc } from '../../src/transfer/netrc.ts';
import { onWarning } from '../../src/warnings.ts';

const read = (text: string) => Object.fromEntries(parseNetrc(text, 'my.netrc'));

test('entries on one line or on many', () => {
  assert.deepEqual(read('machine a login me password one\nmachine B\n  login you\n\tpassword two\n'), {
    a: { login: 'me', password: 'one' },
    b: { login: 'you', password: 'two' },
  });
});

test('comments, accounts, macros and quotes', () => {
  const text = [
    '# machine x login x password x',
    'machine a # a comment',
    '  login me account mine password "two words \\" and \\\\"',
    'macdef init',
    '  machine never login never',
    '',
    'machine b login you password #hash',
    'machine c password only',
  ].join('\r\n');
  assert.deepEqual(read(text), {
    a: { login: 'me', password: 'two words " and \\' },
    b: { login: 'you', password: '#hash' },
    c: { login: '', password: 'only' },
  });
});

test('the first entry of a machine counts, and default is for nobody', () => {
  assert.deepEqual(read('machine a login one\nmachine a login two\ndefault login any password secret'), {
    a: { login: 'one', password: '' },
  });
});

test('what is not understood is passed over and named by its line, without the words that stand there', () => {
  for (const [text, warning] of [
    ['machine a\nlogin', 'line 2 says login without a value'],
    ['\npassword secret', 'line 2 says password before any machine'],
    ['machine a login me secret', 'line 1 holds an unknown word'],
    ['machine a login me "secret', 'line 1 holds a quote that does not end'],
    ['machine a protocol https\nport 443', 'line 1 holds an unknown word, and 3 more like it'],
  ] as const) {
    const heard: string[] = [];
    const hush = onWarning((message) => heard.push(message));
    read(text);
    hush();
    assert.deepEqual(heard, [`Cannot use all of netrc file my.netrc: ${warning}`]);
  }
});

test('an entry with unknown words keeps its login, and so do the others', () => {
  const text = 'machine a protocol https port 443 login me password one\nmachine b login you password two';
  assert.deepEqual(read(text), { a: { login: 'me', password: 'one' }, b: { login: 'you', password: 'two' } });
});

test('any text is read', () => {
  const word = fc.constantFrom('machine', 'login', 'password', 'default', 'macdef', '"', '\\', '#', '\n', ' ', 'x');
  fc.assert(fc.property(fc.array(word), (words) => void read(words.join(' '))));
});
