import assert from 'node:assert/strict';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { createServer } from 'node:tls';
import { UsageError } from '../../src/errors.ts';
import { verdictOf } from '../../src/schedule/verdict.ts';
import { proxies } from '../../src/transfer/proxy.ts';
import { onWarning } from '../../src/warnings.ts';
import { certificate } from '../support/certificates.ts';
import { type ProxyOptions, startHttpProxy, startSocksProxy, type TinyProxy } from '../support/proxies.ts';
import { bytesOf, type Server, startServer } from '../support/server.ts';
import { failure, get, open, type Some } from '../support/wire.ts';

let server: Server;
let secure: Server;

before(async () => {
  server = await startServer();
  secure = await startServer({ tls: true });
});

after(async () => {
  await server.close();
  await secure.close();
});

const makers = { http: startHttpProxy, socks5h: startSocksProxy };

/** Runs `work` behind a proxy of this kind. */
async function behind(
  kind: keyof typeof makers,
  options: ProxyOptions,
  work: (wire: ReturnType<typeof open>, proxy: TinyProxy) => Promise<void>,
  { login = '', ...settings }: Some & { login?: string } = {},
): Promise<void> {
  const proxy = await makers[kind](options);
  const at = login === '' ? '' : `${login}@`;
  const wire = open({ proxy: `${kind}://${at}127.0.0.1:${proxy.port}`, insecure: true, ...settings });
  try {
    await work(wire, proxy);
  } finally {
    await wire.close();
    await proxy.close();
  }
}

test('an HTTP proxy is asked for the absolute URL of http, and by CONNECT for https', () =>
  behind('http', {}, async (wire, proxy) => {
    const plain = server.url('/file/a?size=5000', 'files.example');
    assert.ok((await get(wire, plain)).body.equals(bytesOf(5000)));
    assert.equal(server.log.at(-1)!.headers['host'], `files.example:${server.port}`);
    assert.ok((await get(wire, secure.url('/file/a?size=5000', 'files.example'))).body.equals(bytesOf(5000)));
    assert.deepEqual(proxy.asked, [`GET ${plain}`, `CONNECT files.example:${secure.port}`]);
  }));

test('one connection to an HTTP proxy serves http requests to many hosts', async () => {
  const origin = await startServer({
    routes: { '*': (exchange) => exchange.answer(200, {}, exchange.headers['host']!) },
  });
  const wire = open({ proxy: `127.0.0.1:${origin.port}` });
  for (const host of ['a.example', 'b.example', 'c.example:8080'])
    assert.equal((await get(wire, `http://${host}/x?y`)).body.toString(), host);
  assert.deepEqual(
    origin.log.map(({ path }) => path),
    ['http://a.example/x?y', 'http://b.example/x?y', 'http://c.example:8080/x?y'],
  );
  assert.equal(origin.connections(), 1);
  await wire.close();
  await origin.close();
});

test('a SOCKS5 proxy gets names as they are, and addresses as addresses', () =>
  behind('socks5h', {}, async (wire, proxy) => {
    for (const origin of [server, secure])
      assert.ok((await get(wire, origin.url('/file/a?size=5000', 'files.example'))).body.equals(bytesOf(5000)));
    await get(wire, server.url('/file/a'));
    await failure('PROXY', get(wire, `http://[::1]:1/`));
    assert.deepEqual(proxy.asked.slice(0, 3), [
      `files.example:${server.port}`,
      `files.example:${secure.port}`,
      `127.0.0.1:${server.port}`,
    ]);
    assert.equal(proxy.asked[3], `${'0'.repeat(31)}1:1`);
  }));

test('user and password are sent to the proxy, and to nobody else', async () => {
  for (const [kind, seen] of [
    ['http', `Basic ${Buffer.from('me:pass:wörd').toString('base64')}`],
    ['socks5h', 'me:pass:wörd'],
  ] as const) {
    await behind(
      kind,
      { login: 'me:pass:wörd' },
      async (wire, proxy) => {
        for (const origin of [server, secure]) await get(wire, origin.url('/file/a'));
        assert.deepEqual(proxy.logins, [seen, seen]);
        assert.equal(server.log.at(-1)!.headers['proxy-authorization'], undefined);
      },
      { login: 'me:pass%3Aw%C3%B6rd' },
    );
  }
});

test('407 is PROXY with its status, and no message shows the password', async () => {
  await behind(
    'http',
    { login: 'right:one' },
    async (wire) => {
      for (const origin of [server, secure]) {
        const error = await failure('PROXY', get(wire, origin.url('/file/a')));
        assert.equal(error.facts.status, 407);
        assert.doesNotMatch(error.message, /secret/);
      }
    },
    { login: 'wrong:secret' },
  );
  const refused = async (wire: ReturnType<typeof open>) => {
    const error = await failure('PROXY', get(wire, server.url('/file/a')));
    assert.doesNotMatch(error.message, /secret/);
  };
  await behind('socks5h', { login: 'right:one' }, refused, { login: 'wrong:secret' });
  await behind('socks5h', { login: 'right:one' }, refused);
});

test('a proxy that refuses is PROXY', async () => {
  await behind('http', { refuse: 502 }, async (wire) => {
    assert.equal((await failure('PROXY', get(wire, secure.url('/file/a')))).facts.status, 502);
    assert.equal((await get(wire, server.url('/file/a'))).status, 502);
  });
  await behind('socks5h', { refuse: 5 }, async (wire) => {
    assert.match((await failure('PROXY', get(wire, server.url('/file/a')))).message, /connection refused/);
  });
});

test('a proxy that closes, speaks another protocol or is not there is PROXY after one connect', async () => {
  for (const kind of ['http', 'socks5h'] as const) {
    for (const behaviour of ['closing', 'junk'] as const) {
      await behind(kind, { behaviour }, async (wire, proxy) => {
        await failure('PROXY', get(wire, secure.url('/file/a')));
        assert.equal(proxy.connections(), 1);
      });
    }
  }
  await behind('http', { behaviour: 'closing' }, async (wire, proxy) => {
    await failure('PROXY', get(wire, server.url('/file/a')));
    assert.equal(proxy.connections(), 1);
  });
  const wire = open({ proxy: 'socks5://127.0.0.1:1' });
  assert.equal((await failure('PROXY', get(wire, server.url('/file/a')))).facts.reason, 'ECONNREFUSED');
  await wire.close();
});

test('a silent proxy ends by the connect deadline, in absolute-form by that of the head', async () => {
  for (const kind of ['http', 'socks5h'] as const) {
    await behind(
      kind,
      { behaviour: 'silent' },
      async (wire, proxy) => {
        const error = await failure('TIMEOUT', get(wire, secure.url('/file/a')));
        assert.equal(error.facts.reason, 'handshake');
        assert.equal(proxy.connections(), 1);
        const other = await failure('TIMEOUT', get(wire, server.url('/file/a')));
        assert.equal(other.facts.reason, kind === 'http' ? 'head' : 'handshake');
      },
      { connectTimeout: 200, timeout: 300 },
    );
  }
});

test('--no-private refuses private addresses behind a proxy too', () =>
  behind(
    'http',
    {},
    async (wire, proxy) => {
      for (const url of [server.url('/file/a'), secure.url('/file/a'), server.url('/file/a', 'localhost')])
        await failure('PRIVATE_ADDRESS', get(wire, url));
      await get(wire, server.url('/file/a', 'files.example'));
      await failure('PRIVATE_ADDRESS', get(wire, 'http://10.1.2.3/'));
      assert.equal(proxy.asked.length, 1);
    },
    { noPrivate: true },
  ));

/** Which proxy is chosen, as a label. */
function chosen(url: string, env: Record<string, string>, proxy: string | null = null, noProxy: string | null = null) {
  const { protocol, hostname, port } = new URL(url);
  const scheme = protocol === 'https:' ? 'https:' : 'http:';
  const number = Number(port || (scheme === 'https:' ? 443 : 80));
  return proxies(proxy, noProxy, env)?.(scheme, hostname.replace(/^\[|\]$/g, ''), number)?.label ?? 'direct';
}

test('the environment is read as curl reads it', () => {
  const cases: [url: string, env: Record<string, string>, expected: string][] = [
    ['http://a/', {}, 'direct'],
    ['http://a/', { http_proxy: 'http://p:1' }, 'http://p:1'],
    ['https://a/', { http_proxy: 'http://p:1' }, 'direct'],
    ['https://a/', { https_proxy: 'http://p:1' }, 'http://p:1'],
    ['https://a/', { HTTPS_PROXY: 'http://p:1' }, 'http://p:1'],
    ['http://a/', { HTTP_PROXY: 'http://p:1' }, 'http://p:1'],
    ['http://a/', { HTTP_PROXY: 'http://evil:1', REQUEST_METHOD: 'GET' }, 'direct'],
    ['http://a/', { http_proxy: 'http://p:1', HTTP_PROXY: 'http://q:1' }, 'http://p:1'],
    ['http://a/', { all_proxy: 'socks5://p' }, 'socks5://p'],
    ['https://a/', { ALL_PROXY: 'socks5h://p:9' }, 'socks5h://p:9'],
    ['http://a/', { all_proxy: 'socks5://p', http_proxy: 'q:3128' }, 'http://q:3128'],
    ['http://a/', { http_proxy: '' }, 'direct'],
    ['http://a.b.c/', { http_proxy: 'p:1', no_proxy: 'b.c' }, 'direct'],
    ['http://a.b.c/', { http_proxy: 'p:1', NO_PROXY: 'b.c' }, 'direct'],
  ];
  for (const [url, env, expected] of cases) assert.equal(chosen(url, env), expected, `${url} ${JSON.stringify(env)}`);
});

test('options win over the environment, and no_proxy holds for --proxy too', () => {
  assert.equal(chosen('http://a/', { http_proxy: 'p:1' }, 'q:2'), 'http://q:2');
  assert.equal(chosen('https://a/', {}, 'q:2'), 'http://q:2');
  assert.equal(chosen('http://a/', { no_proxy: 'a' }, 'q:2'), 'direct');
  assert.equal(chosen('http://a/', { no_proxy: 'a' }, 'q:2', 'b'), 'http://q:2');
});

test('a schemeless proxy is an http one; userinfo never reaches its label', () => {
  assert.equal(chosen('http://a/', {}, 'user:secret@proxy.example:3128'), 'http://proxy.example:3128');
  assert.equal(chosen('http://a/', {}, '[::1]:3128'), 'http://[::1]:3128');
});

test('an unusable proxy is a UsageError that names where it stands, without its password', () => {
  for (const value of [
    'ftp://p:1',
    'socks4://p',
    'http://',
    'http://p:99999',
    'http://p/path',
    ':::',
    'http://u:%E0%A4@p:1',
  ]) {
    assert.throws(
      () => proxies(value, null, {}),
      (error) => error instanceof UsageError && /^Cannot use --proxy/.test(error.message),
      value,
    );
  }
  assert.throws(
    () => proxies(null, null, { https_proxy: 'gopher://me:secret@p' }),
    (error: Error) => {
      return /https_proxy/.test(error.message) && !/secret/.test(error.message);
    },
  );
  assert.throws(() => proxies(`socks5://${'u'.repeat(256)}:p@h`, null, {}), UsageError);
});

test('an unusable all_proxy stops only what has no other proxy, and is told once', () => {
  const odd = { all_proxy: 'socks://desktop:1080/' };
  const heard: string[] = [];
  const hush = onWarning((warning) => heard.push(warning));
  const both = proxies(null, null, { ...odd, http_proxy: 'p:1', https_proxy: 'p:2' })!;
  assert.deepEqual([both('http:', 'a', 80)?.port, both('https:', 'a', 443)?.port], [1, 2]);
  assert.equal(heard.length, 1);
  assert.match(heard[0]!, /^Cannot use all_proxy "socks:\/\/desktop:1080\/": allowed is /);
  const one = proxies(null, 'exempt', { ...odd, http_proxy: 'p:1' })!;
  hush();
  assert.equal(one('http:', 'a', 80)?.port, 1);
  assert.equal(one('https:', 'exempt', 443), null);
  assert.throws(() => one('https:', 'a', 443), { code: 'PROXY' });
  assert.throws(() => proxies(null, null, odd), UsageError);
});

test('a login that the proxy wants is told so that it can be given, and no scheme is promised that pdl does not speak', async () => {
  for (const [field, message] of [
    ['Basic realm="x"', /answered 407, it wants a login: write USER:PASSWORD@ before its host$/],
    ['Digest realm="x", nonce="y", qop="auth"', /it wants a login by Digest, which pdl does not speak$/],
    ['Negotiate, NTLM', /it wants a login by Negotiate or Ntlm, which pdl does not speak$/],
    ['Digest realm="a, b", Basic realm="x"', /it wants a login: /],
  ] as const) {
    const reply = `HTTP/1.1 407 No\r\nProxy-Authenticate: ${field}\r\nContent-Length: 0\r\n\r\n`;
    const proxy = await startHttpProxy({ reply });
    const wire = open({ proxy: `http://127.0.0.1:${proxy.port}`, insecure: true });
    for (const origin of [server, secure])
      assert.match((await failure('PROXY', get(wire, origin.url('/file/a')))).message, message);
    await wire.close();
    await proxy.close();
  }
});

test('a page in place of a tunnel is the proxy’s, not the origin’s', async () => {
  const page = '<html>please pay</html>';
  for (const reply of [
    `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n${page}`,
    `HTTP/1.1 200 OK\r\n\r\n${page}`,
    `HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n\r\n${page}`,
    page,
  ]) {
    const proxy = await startHttpProxy({ reply });
    const wire = open({ proxy: `http://127.0.0.1:${proxy.port}`, insecure: true });
    const error = await failure('PROXY', get(wire, secure.url('/file/a')));
    assert.match(error.message, /^Cannot use the proxy http:\/\/127\.0\.0\.1:\d+: /);
    await wire.close();
    await proxy.close();
  }
});

test('a proxy that closes each connection without a word costs free tries, and no host is blamed', async () => {
  const closing = await startServer({
    routes: {
      async '*'(exchange) {
        if (exchange.logged.nth > 1) return exchange.close();
        await exchange.answer(200, {}, 'hello');
      },
    },
  });
  const wire = open({ proxy: `127.0.0.1:${closing.port}` });
  let stale = 0;
  for (let count = 0; count < 20; count++)
    await get(wire, `http://host${count}.example/`).catch((error) => {
      assert.deepEqual([error.code, error.facts.stale], ['PROXY', true]);
      stale += 1;
    });
  assert.equal(stale, 2);
  await wire.close();
  await closing.close();
});

test('-k is for origins: the certificate of a proxy is checked all the same', async () => {
  const wire = open({ proxy: `https://localhost:${secure.port}`, insecure: true });
  const error = await failure('PROXY', get(wire, 'http://origin.example/'));
  assert.equal(error.facts.reason, 'DEPTH_ZERO_SELF_SIGNED_CERT');
  await wire.close();
  const trusted = open({ proxy: `https://localhost:${secure.port}`, cacert: secure.certificate!.certFile });
  assert.equal((await get(trusted, 'http://origin.example/file/a')).status, 200);
  await trusted.close();
});

test('a name that no host can have is refused before the proxy is asked', () =>
  behind('socks5h', {}, async (wire, proxy) => {
    const long = `${'a'.repeat(60)}.`.repeat(5);
    const error = await failure('DNS', get(wire, `http://${long}example/`));
    assert.match(error.message, /longer than any can be/);
    assert.deepEqual(proxy.asked, []);
    assert.equal(proxy.connections(), 0);
  }));

test('bytes behind a SOCKS reply, or a reply of another version, are the proxy’s fault, found with one connection', async () => {
  const open5 = [5, 0, 0, 1, 127, 0, 0, 1, 0, 0];
  for (const reply of [
    [...open5, 0],
    [...open5, ...Buffer.from('HTTP/1.1 200 OK\r\n\r\n')],
    [0, ...open5.slice(1)],
  ])
    await behind('socks5h', { reply: Buffer.from(reply).toString('latin1') }, async (wire, proxy) => {
      const error = await failure('PROXY', get(wire, server.url('/file/a')));
      assert.match(error.message, /^Cannot use the proxy socks5h:\/\/127/);
      assert.equal(proxy.connections(), 1);
    });
});

test('an https proxy that resets in place of an answer to CONNECT is PROXY, and ends no process', async () => {
  const made = certificate();
  const resetting = createServer({ key: made.key, cert: made.cert }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => (socket as unknown as { _parent: Socket })._parent.resetAndDestroy());
  });
  await new Promise<void>((resolve) => resetting.listen(0, '127.0.0.1', resolve));
  const { port } = resetting.address() as AddressInfo;
  const wire = open({ proxy: `https://localhost:${port}`, cacert: made.certFile });
  for (let count = 0; count < 5; count++) await failure('PROXY', get(wire, secure.url('/file/a')));
  await wire.close();
  await new Promise((resolve) => resetting.close(resolve));
});

test('a proxy that accepts and stays silent has answered: the own network is not doubted', () =>
  behind(
    'http',
    { behaviour: 'silent' },
    async (wire) => {
      const error = await failure('TIMEOUT', get(wire, secure.url('/file/a')));
      assert.equal(error.facts.reason, 'handshake');
      assert.match(
        error.message,
        /timed out after 400 ms, the proxy http:\/\/127\.0\.0\.1:\d+ accepts and stays silent$/,
      );
      assert.equal(verdictOf(error), 'refused');
    },
    { connectTimeout: 400 },
  ));
