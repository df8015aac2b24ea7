import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseNetrc } from '../../src/transfer/netrc.ts';

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

test('a fault is named by its line, without the words that stand there', () => {
  for (const [text, message] of [
    ['machine a\nlogin', 'Cannot read netrc file my.netrc: line 2 says login without a value'],
    ['\npassword secret', 'Cannot read netrc file my.netrc: line 2 says password before any machine'],
    ['machine a login me secret', 'Cannot read netrc file my.netrc: line 1 holds an unknown word'],
    ['machine a password "secret', 'Cannot read netrc file my.netrc: line 1 holds a quote that does not end'],
  ] as const) {
    assert.throws(() => read(text), { name: 'UsageError', message });
  }
});

test('any text is read or refused', () => {
  const word = fc.constantFrom('machine', 'login', 'password', 'default', 'macdef', '"', '\\', '#', '\n', ' ', 'x');
  fc.assert(
    fc.property(fc.array(word), (words) => {
      try {
        read(words.join(' '));
      } catch (error) {
        assert.equal((error as Error).name, 'UsageError');
      }
    }),
  );
});
