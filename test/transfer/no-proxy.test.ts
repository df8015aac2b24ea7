import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exemptions } from '../../src/transfer/no-proxy.ts';

const rows: [list: string, direct: string[], proxied: string[]][] = [
  ['', [], ['a', '127.0.0.1']],
  ['*', ['a', '127.0.0.1', '::1'], []],
  [
    'example.com',
    ['example.com', 'www.example.com', 'EXAMPLE.com', 'example.com.'],
    ['notexample.com', 'example.com.evil'],
  ],
  ['.example.com', ['example.com', 'www.example.com'], ['notexample.com']],
  ['*.example.com', ['example.com', 'www.example.com'], ['notexample.com']],
  ['a, b  c,,d', ['a', 'b', 'c', 'd', 'x.d'], ['e']],
  ['example.com:8080', ['example.com:8080'], ['example.com', 'example.com:80']],
  ['10.0.0.1', ['10.0.0.1'], ['10.0.0.10', '110.0.0.1']],
  ['10.0.0.1:81', ['10.0.0.1:81'], ['10.0.0.1']],
  ['10.0.0.0/8', ['10.255.0.1'], ['11.0.0.1', 'ten.example']],
  ['192.168.1.0/25', ['192.168.1.127'], ['192.168.1.128']],
  ['0.0.0.0/0', ['8.8.8.8'], ['name.example']],
  ['::1', ['::1'], ['::2']],
  ['[::1]', ['::1'], ['::2']],
  ['[::1]:81', ['::1:81'], []],
  ['fd00::/8', ['fd12::1'], ['fe80::1']],
  ['10.0.0.0/33', [], ['10.0.0.0']],
  ['localhost', ['localhost', 'x.localhost'], ['127.0.0.1']],
];

test('no_proxy: suffixes at dots, ports, addresses, IPv6 in and out of brackets, networks', () => {
  for (const [list, direct, proxied] of rows) {
    const exempt = exemptions(list);
    const ask = (place: string) => {
      const [, host, port] = /^(.*?)(?::(8\d+))?$/.exec(place)!;
      return exempt(host!, Number(port ?? 443));
    };
    for (const place of direct) assert.equal(ask(place), true, `${list}: ${place} goes direct`);
    for (const place of proxied) assert.equal(ask(place), false, `${list}: ${place} goes through the proxy`);
  }
});
