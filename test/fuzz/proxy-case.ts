/** Random proxies that answer nonsense: what each says to one ask, as plain data. Text is latin1. */

import type { ErrorCode } from '../../src/errors.ts';
import { type Reply, randomReply } from './grammar.ts';
import type { Random } from './random.ts';

/** How an ask reaches the proxy. */
export type Asking = 'absolute' | 'connect' | 'socks';

/** What comes behind the proxy's words. */
export type Next = 'tunnel' | 'fin' | 'rst' | 'stall' | 'drip';

export interface ProxyCase {
  asking: Asking;
  /** The target speaks TLS (always so with CONNECT, never in absolute-form). */
  tls: boolean;
  /** What the proxy says; `{login}` in it stands for the credentials that it was sent. */
  says: string;
  pieces: number[];
  pause: number;
  next: Next;
  /** Only in absolute-form: what the target is made to say. */
  reply?: Reply;
  /** How it may end: saved with the right bytes, or failed with one of these codes. */
  right: readonly ('saved' | ErrorCode)[];
}

const refused = ['PROXY'] as const;
const broken = ['PROXY', 'TIMEOUT'] as const;
/** The proxy said yes, and what came next was not the target. */
const untrue = ['PROXY', 'TLS', 'CONNECT', 'RESET', 'TRUNCATED', 'BAD_RESPONSE', 'TIMEOUT'] as const;
const html = (status: string, page = '<html><h1>No</h1>{login}</html>') =>
  `HTTP/1.1 ${status}\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n${page}`;
const yes = 'HTTP/1.1 200 Connection established\r\n';
const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';

interface Says extends Pick<ProxyCase, 'says' | 'next' | 'right'> {
  tls?: true;
  /** In one piece: what comes late is the target's, for all that a client can know. */
  atOnce?: true;
}
const tunnel = (says: string, right: ProxyCase['right'] = ['saved']): Says => ({ says, next: 'tunnel', right });

/** Answers to CONNECT. */
function connecting(random: Random): Says {
  const status = random.pick([
    '301 x',
    '302 {login}',
    '400 Bad Request',
    '401 x',
    '403 {login}',
    '404 x',
    '407 {login}',
    '429 x',
    '500 x',
    '502 Bad Gateway',
    '503 x',
    '504 x',
    '600 x',
    '999 x',
  ]);
  const next = random.pick(['fin', 'rst', 'stall'] as const);
  return random.pick<() => Says>([
    () => tunnel(`${yes}\r\n`),
    () => tunnel(`${yes}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`),
    () => tunnel(`HTTP/1.0 200 OK\r\nX: ${'y'.repeat(random.between(0, 9_000))}\r\n\r\n`),
    () => tunnel(`HTTP/1.1 ${random.pick(['200 ', '201 x', '204 x', '299 x'])}\r\n\r\n`, ['saved', ...refused]),
    () => tunnel(`HTTP/1.1 100 Continue\r\n\r\n${yes}\r\n`, ['saved', ...refused]),
    () =>
      tunnel(
        random.pick([
          'HTTP/1.1 200 OK\n\n',
          'HTTP/1.1 200\r\n\r\n',
          '\r\nHTTP/1.1 200 OK\r\n\r\n',
          'HTTP/1.1 200 OK\r\nodd\r\n\r\n',
          'http/1.1 200 OK\r\n\r\n',
        ]),
        ['saved', ...broken],
      ),
    () => tunnel(`${yes}\r\n${random.pick(['\r\n', 'more', '\0', poison, '\x16\x03\x01\x00'])}`, untrue),
    () => ({ says: html(status), next, right: refused }),
    () => ({ says: html(status).slice(0, random.between(1, 60)), next, right: broken }),
    () => ({ says: `HTTP/1.1 ${status}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel`, next, right: refused }),
    () => ({
      says: `HTTP/1.1 407 x\r\nProxy-Authenticate: ${random.pick(['Basic realm="{login}"', 'Digest nonce="x"', 'Negotiate', ''])}\r\nContent-Length: 0\r\n\r\n`,
      next,
      right: refused,
    }),
    () => ({
      says: `${yes}X: ${'y'.repeat(random.between(60_000, 300_000))}${random.pick(['', '\r\n\r\n'])}`,
      next,
      right: untrue,
    }),
    () => ({
      says: random.pick([
        'SSH-2.0-junk\r\n\r\n',
        '\x15\x03\x03\x00\x02\x02\x28',
        '<html>{login}</html>',
        '\0\0\0\0',
        poison.slice(9),
        'HTTP/2 200\r\n\r\n',
        'ICY 200 OK\r\n\r\n',
        '\r\n\r\n\r\n\r\n',
      ]),
      next,
      right: broken,
    }),
    () => ({ says: `${yes}\r\n`, next: random.pick(['fin', 'rst', 'stall']), right: untrue }),
    () => ({ says: `${yes}\r\n${poison}`, next, right: untrue }),
    () => ({
      says: random.pick(['', `${yes}X-`, 'HTTP/1.1 2']),
      next: random.pick(['fin', 'rst', 'stall', 'drip']),
      right: broken,
    }),
  ])();
}

const bytes = (...numbers: number[]) => String.fromCharCode(...numbers);
const bound = (random: Random): string => {
  const size = random.pick([0, 1, 20, 255]);
  return (
    random.pick([
      bytes(1, 127, 0, 0, 1),
      bytes(1, 0, 0, 0, 0),
      bytes(4, ...Array(16).fill(7)),
      bytes(3, size) + 'n'.repeat(size),
    ]) + bytes(random.between(0, 255), random.between(0, 255))
  );
};

/** Answers to the request of SOCKS5. */
function socksConnecting(random: Random): Says {
  const next = random.pick(['fin', 'rst', 'stall'] as const);
  return random.pick<() => Says>([
    () => tunnel(bytes(5, 0, 0) + bound(random)),
    () => tunnel(bytes(5, 0, 0) + bound(random)),
    () => tunnel(bytes(5, 0, random.between(1, 255)) + bound(random), ['saved', ...refused]),
    () => ({ says: bytes(5, random.between(1, 255), 0) + bound(random), next, right: refused }),
    () => ({ says: bytes(5, random.between(1, 255)), next, right: broken }),
    () => tunnel(bytes(random.pick([0, 1, 4, 6, 72]), 0, 0) + bound(random), refused),
    () => tunnel(bytes(5, 0, 0, random.pick([0, 2, 5, 255])) + 'x'.repeat(6), broken),
    () => ({
      says: (bytes(5, 0, 0) + bound(random)).slice(0, random.between(0, 6)),
      next: random.pick(['fin', 'rst', 'stall', 'drip']),
      // What drips may make it whole.
      right: untrue,
    }),
    () => ({ says: bytes(5, 0, 0, 3, 255) + 'n'.repeat(random.between(0, 200)), next, right: broken }),
    () => ({
      says: bytes(5, 0, 0, 1, 127, 0, 0, 1, 0, 0) + random.pick(['\0', 'more', poison, poison.slice(0, 30)]),
      next: 'tunnel',
      right: untrue,
      atOnce: true,
    }),
    () => ({
      says: random.pick([html('400 Bad Request'), 'SSH-2.0-junk\r\n', '\x15\x03\x03\x00\x02\x02\x28', poison]),
      next,
      right: broken,
    }),
    () => ({ says: bytes(5, 0, 0, 1, 127, 0, 0, 1, 0, 0), next, right: untrue }),
    () => ({
      says: bytes(5, 0, 0, 1, 127, 0, 0, 1, 0, 0) + poison,
      next,
      right: untrue,
      atOnce: true,
    }),
  ])();
}

export function randomProxyCase(random: Random, asking: Asking): ProxyCase {
  if (asking === 'absolute') return absolute(random);
  const says = asking === 'connect' ? connecting(random) : socksConnecting(random);
  const { atOnce, ...rest } = says;
  const isSlow = !atOnce && says.says.length < 400 && random.chance(0.2);
  const pieces = isSlow ? Array.from({ length: Math.min(says.says.length, 30) }, () => 1) : [];
  return {
    asking,
    tls: asking === 'connect' || random.chance(0.4),
    pieces,
    pause: isSlow ? random.between(0, 3) : 0,
    ...rest,
  };
}

/** The target's answer goes through the proxy, or the proxy's own is all there is: who asks cannot tell. */
function absolute(random: Random): ProxyCase {
  const drawn = { ...randomReply(random, 4_000), pieces: [], pause: 0 };
  // A reset that comes late breaks the next answer on this connection, whose target it is not.
  const reply: Reply = drawn.end === 'rst' ? { ...drawn, end: 'fin' } : drawn;
  const own = random.pick(['407 {login}', '407 x', '403 {login}', '502 {login}', '504 x']);
  const isOwn = random.chance(0.3);
  return {
    asking: 'absolute',
    tls: false,
    says: '',
    pieces: [],
    pause: 0,
    next: 'tunnel',
    reply: isOwn ? { ...reply, raw: html(own), end: random.pick(['keep', 'fin']) } : reply,
    right: isOwn ? (own.startsWith('407') ? refused : ['HTTP_STATUS']) : [],
  };
}

/** What a SOCKS5 proxy says before it knows the target. */
export interface GreetingCase {
  /** To the offered methods, next to the login. */
  says: string[];
  next: Exclude<Next, 'tunnel'>;
  right: readonly ErrorCode[];
}

export function randomGreeting(random: Random): GreetingCase {
  const says = random.pick([
    [bytes(4, 0)],
    [bytes(5, 255)],
    [bytes(5, 1)],
    [bytes(5)],
    [''],
    [bytes(0, 0)],
    ['HTTP/1.1 400 Bad Request\r\n\r\n{login}'],
    ['SSH-2.0-x\r\n'],
    [bytes(5, 3)],
    [bytes(5, 2), bytes(1, 1)],
    [bytes(5, 2), bytes(2, 0)],
    [bytes(5, 2), bytes(1)],
    [bytes(5, 2), ''],
    [bytes(5, 2), bytes(5, 0)],
    [bytes(5, 2), 'no {login}'],
    [bytes(5, 2), bytes(1, 255)],
    ['\x15\x03\x03\x00\x02\x02\x28'],
    [bytes(5, 128)],
    [`${bytes(5, 255)}${'x'.repeat(5_000)}`],
  ]);
  return { says, next: random.pick(['fin', 'rst', 'stall', 'drip']), right: broken };
}
