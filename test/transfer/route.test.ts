import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { proxies } from '../../src/transfer/proxy.ts';
import { routes } from '../../src/transfer/route.ts';

test('a URL is cut into origin and path as the WHATWG parser sees it', () => {
  const direct = routes(null);
  fc.assert(
    fc.property(
      fc.webUrl({
        withQueryParameters: true,
        withFragments: true,
        authoritySettings: { withPort: true, withUserInfo: true, withIPv4: true, withIPv6: true },
      }),
      (text) => {
        const url = new URL(text);
        const { key, base, path, way } = direct(url.href);
        assert.deepEqual([key, base], [url.origin, url.origin]);
        url.hash = url.username = url.password = '';
        assert.equal(base + path, url.href);
        assert.equal(way().secure, url.protocol === 'https:');
        assert.equal(`[${way().hostname}]`.includes(':') ? `[${way().hostname}]` : way().hostname, url.hostname);
      },
    ),
  );
});

test('behind an HTTP proxy http URLs share its connections and https URLs have their own', () => {
  const route = routes(proxies('http://user:pw@proxy:3128', 'direct.example', {}));
  const plain = route('http://a.example/x?y');
  assert.deepEqual([plain.key, plain.path], ['via http://proxy:3128', 'http://a.example/x?y']);
  assert.deepEqual(plain.fields, ['host', 'a.example', 'proxy-authorization', `Basic ${btoa('user:pw')}`]);
  assert.equal(route('http://b.example/').key, plain.key);
  const secure = route('https://a.example/x?y');
  assert.deepEqual([secure.key, secure.path, secure.fields], ['https://a.example', '/x?y', []]);
  assert.equal(secure.way().proxy?.hostname, 'proxy');
  assert.equal(route('http://direct.example/').way().proxy, null);
});

test('behind SOCKS every origin has its own connections', () => {
  const route = routes(proxies('socks5://proxy', null, {}));
  assert.equal(route('http://a.example/x').key, 'http://a.example');
  assert.equal(route('http://a.example/x').path, '/x');
});
