import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cookieHeader, parseCookies } from '../../src/transfer/cookies.ts';
import { onWarning } from '../../src/warnings.ts';

const now = 1_000_000_000_000;
const soon = String(now / 1000 + 60);
const line = (...fields: string[]) => fields.join('\t');
const jar = (...lines: string[]) => parseCookies(['# Netscape HTTP Cookie File', '', ...lines].join('\n'), 'c.txt');
const sent = (cookies: ReturnType<typeof jar>, url: string) => cookieHeader(cookies, url, now);

test('a cookie goes to its host, and below it only if the file says so', () => {
  const own = jar(line('h.example', 'FALSE', '/', 'FALSE', soon, 'a', '1'));
  const all = jar(line('.H.example', 'TRUE', '/', 'FALSE', soon, 'a', '1'));
  assert.equal(sent(own, 'http://h.example/x'), 'a=1');
  assert.equal(sent(own, 'http://www.h.example/x'), undefined);
  assert.equal(sent(all, 'http://h.example:8080/x'), 'a=1');
  assert.equal(sent(all, 'http://www.h.example/x'), 'a=1');
  for (const other of ['http://evilh.example/', 'http://example/', 'http://h.example.evil/']) {
    assert.equal(sent(all, other), undefined, other);
  }
});

test('an address lies under no domain', () => {
  const cookies = jar(
    line('0.0.1', 'TRUE', '/', 'FALSE', soon, 'a', '1'),
    line('127.0.0.1', 'TRUE', '/', 'FALSE', soon, 'b', '2'),
  );
  assert.equal(sent(cookies, 'http://127.0.0.1/'), 'b=2');
});

test('a path covers what lies below it', () => {
  const cookies = jar(
    line('h', 'FALSE', '/a', 'FALSE', soon, 'a', '1'),
    line('h', 'FALSE', '/b/', 'FALSE', soon, 'b', '2'),
  );
  for (const [path, header] of [
    ['/a', 'a=1'],
    ['/a/x?q', 'a=1'],
    ['/a?q', 'a=1'],
    ['/ab', undefined],
    ['/b/x', 'b=2'],
    ['/b', undefined],
    ['/', undefined],
  ] as const) {
    assert.equal(sent(cookies, `http://h${path}`), header, path);
  }
});

test('a secure cookie goes over TLS only', () => {
  const cookies = jar(line('h', 'FALSE', '/', 'TRUE', soon, 'a', '1'));
  assert.equal(sent(cookies, 'http://h/'), undefined);
  assert.equal(sent(cookies, 'https://h/'), 'a=1');
});

test('an expired cookie stays at home; 0 is a session’s', () => {
  const cookies = jar(
    line('h', 'FALSE', '/', 'FALSE', String(now / 1000), 'old', '1'),
    line('h', 'FALSE', '/', 'FALSE', '0', 'session', '2'),
  );
  assert.equal(sent(cookies, 'http://h/'), 'session=2');
});

test('longer paths come first, else the order of the file; HttpOnly lines count; a value may be empty', () => {
  const cookies = jar(
    line('h', 'FALSE', '/', 'FALSE', soon, 'a', '1'),
    `#HttpOnly_${line('h', 'FALSE', '/x', 'FALSE', soon, 'b', '2=3')}`,
    `${line('h', 'FALSE', '/', 'FALSE', soon, 'c')}\r`,
    '',
  );
  assert.equal(sent(cookies, 'http://h/x'), 'b=2=3; a=1; c=');
});

test('a fault is named by its line, without the value', () => {
  const good = ['h', 'FALSE', '/', 'FALSE', soon, 'name', 'secret'];
  const faults: [number, string][] = [
    [0, 'a/b'],
    [1, 'maybe'],
    [3, '1'],
    [4, 'tomorrow'],
    [5, 'a;b'],
    [6, 'secret\0'],
    [6, 'secret\tmore'],
  ];
  for (const [at, bad] of faults) {
    const message = /^Cannot read cookies file c\.txt: line 3 (?!.*secret)/;
    assert.throws(() => jar(line(...good.with(at, bad))), { name: 'UsageError', message });
    const heard: string[] = [];
    const hush = onWarning((warning) => heard.push(warning));
    const others = jar(`${line(...good.with(at, bad))}\n${line(...good)}`);
    hush();
    assert.equal(sent(others, 'http://h/x'), 'name=secret', 'the others are sent');
    assert.equal(heard.length, 1);
    assert.match(heard[0]!, /^Cannot use all of cookies file c\.txt: line 3 (?!.*secret)/);
  }
  assert.throws(() => jar('{"cookies": []}'), /line 3 has not seven fields/);
});

test('a cookie without an expiry is a session’s, as Python writes them', () => {
  assert.equal(sent(jar(line('h', 'FALSE', '/', 'FALSE', '', 'a', '1')), 'http://h/x'), 'a=1');
});
