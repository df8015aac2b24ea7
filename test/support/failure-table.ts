/** The tests that hold the rows of the catalogue of failure cases. */

/** A test: file below test/ without its ending, and its name as it stands in the source. */
type Held = readonly [file: string, name: string];

const framing = (name: string): Held => ['transfer/framing', name];
const resume = (name: string): Held => ['transfer/resume', name];
const over = (name: string): Held => ['e2e/resume', name];
const redirects = (name: string): Held => ['schedule/redirects', name];
const deadlines = (name: string): Held => ['transfer/deadlines', name];
const proxy = (name: string): Held => ['transfer/proxy', name];
const hosts = (name: string): Held => ['schedule/hosts', name];
const retry = (name: string): Held => ['schedule/retry', name];
const location = (name: string): Held => ['transfer/location', name];
const limits = (name: string): Held => ['transfer/limits', name];
const keepAlive = (name: string): Held => ['transfer/keep-alive', name];
const robots = (name: string): Held => ['schedule/robots', name];
const tls = (name: string): Held => ['transfer/tls', name];
const here = (name: string): Held => ['e2e/failure-cases', name];
const curl: Held = ['e2e/curl-differs', 'at a first request pdl and curl end alike, but where the table says'];
const curlResumes: Held = [
  'e2e/curl-differs',
  'after a cut curl -C - and a second run of pdl end alike, but where the table says',
];
const versions: Held = [
  'transfer/versions',
  'any sequence of cuts, crashes, resumes and version changes ends in one version, or in a failure',
];
const cut = framing('a reset is RESET, with a length (F3) and without (F5), over TLS too');
const lengths = framing('lengths that cannot be are BAD_RESPONSE (F8)');
const stored: Held = ['transfer/receive', 'a body is stored as it came, and identity is asked for (R10, R11)'];
const noHttp = framing('what is no HTTP/1.1 is BAD_RESPONSE');
const misfit = resume('206 that does not fit drops the part and asks anew (R6, R7, R11)');
const strange = redirects('another origin gets only what is harmless, and no Referer (D2, D3, D13)');

export const held: Readonly<Record<string, readonly Held[]>> = {
  F1: [framing('a body shorter than its Content-Length is TRUNCATED, and what came was handed on (F1)'), curl],
  F2: [framing('a chunked body without its last chunk is TRUNCATED, announced by Connection: close or not (F2)'), curl],
  F3: [cut, curl],
  F4: [['transfer/receive', 'a clean end without length is saved and marked (F4); chunked is not'], curl],
  F5: [cut, curl],
  F6: [here('over TLS an end without close_notify cannot be told from a clean one: the file is saved and marked (F6)')],
  F7: [framing('bytes behind the body are never handed on, and their connection serves nothing more (F7)')],
  F8: [lengths, curl],
  F9: [framing('of a length and chunks the chunks count, and their connection serves nothing more (F9)'), curl],
  F10: [framing('Transfer-Encoding other than exactly chunked is BAD_RESPONSE (F10)'), curl],
  F11: [framing('204 and 304 with a Content-Length have no body and are no error (F11)')],
  F12: [['transfer/receive', 'an unasked 206 is saved only if it says it is whole (F12)'], curl],
  F13: [limits('another media type is refused before the body (F13)')],
  F14: [here('a file that grows between two requests is asked for once, by GET, and its own framing holds (F14)')],

  T1: [deadlines('a connection that never stands is TIMEOUT after --connect-timeout, one that needs TLS too (T1)')],
  T2: [deadlines('a header block that dribbles, or 103 without end, does not extend the deadline (T2, T3)'), curl],
  T3: [deadlines('a header block that dribbles, or 103 without end, does not extend the deadline (T2, T3)'), curl],
  T4: [deadlines('a body that stalls is TIMEOUT after --timeout without a byte'), curl],
  T5: [deadlines('a body that drips is not idle, but TOO_SLOW where a least speed is asked for (T5)')],
  T6: [framing('a header block up to 64 kB is read, a larger one is BAD_RESPONSE (T6)'), curl],
  T7: [
    here('chunk extensions, trailers and zeros without end are no bytes of a body: the line ends by --timeout (T7)'),
  ],
  T8: [
    limits('too large is refused by its head, before a byte is taken (T8)'),
    limits('too large is found while it streams, and nothing is kept (T8)'),
  ],
  T10: [
    ['transfer/receiver', 'a refused chunked body is dropped after 64 kB, a stalling one within seconds (T10)'],
    curl,
  ],
  T11: [framing('no answer at all is RESET and not stale on a fresh connection (T11)'), curl],

  R1: [resume('a part continues under its validator (R1)'), curlResumes],
  R2: [
    resume('only a strong validator is noted for later (R2, R3, R4)'),
    over('a part without a strong validator is never continued'),
  ],
  R3: [
    resume('Last-Modified is echoed to the letter (R3)'),
    resume('only a strong validator is noted for later (R2, R3, R4)'),
  ],
  R4: [
    resume('only a strong validator is noted for later (R2, R3, R4)'),
    over('a part without a strong validator is never continued'),
  ],
  R5: [over('200 to a Range starts over with that very body'), curlResumes],
  R6: [misfit, over('a rest that does not fit is dropped and the file asked for from zero, in one try'), curlResumes],
  R7: [misfit, over('a file replaced between two tries is fetched anew, never spliced'), versions, curlResumes],
  R8: [resume('416 that states what is held means all is there (R8)')],
  R9: [over('a 416 without cause drops the part'), curlResumes],
  R10: [stored],
  R11: [stored, misfit],
  R12: [redirects('each try begins at the first URL again, and its part continues wherever that leads (R12)')],
  R13: [resume('what cannot be continued is asked for from zero (R2, R4, R13, --no-resume)')],
  R14: [['sink/directory', 'under --fsync only what is known to be durable is continued (R14)']],
  R15: [versions, resume('a rest that is cut leaves the longer part')],

  D1: [redirects('the limit ends a loop, and the last hop is not asked (D1)'), curl],
  D2: [strange, ['e2e/manners', 'credentials of every kind stay with the origin they were given for']],
  D3: [strange, ['e2e/manners', 'credentials of every kind stay with the origin they were given for']],
  D4: [redirects('https to http is refused unless allowed (D4)')],
  D5: [redirects('only http and https are followed (D5)'), curl],
  D6: [
    [
      'transfer/private',
      '--no-private refuses literals and names that lead to private addresses, before any byte is sent',
    ],
    [
      'transfer/connect',
      'of a host with public and private addresses only the public are tried under --no-private (D6)',
    ],
  ],
  D7: [location('a redirect to nowhere, or to two places, is refused; the same place twice is fine (D7)'), curl],
  D8: [location('a Location is read against the URL that sent it (D8)'), curl],
  D9: [location('raw UTF-8 is escaped once, and escapes stay as they are (D9)'), curl],
  D10: [redirects('userinfo of a Location is never sent as credentials (D10)'), curl],
  D11: [here('after a redirect the file has the name of the line, not of the Location (D11)')],
  D12: [here('each hop chooses its own proxy, and the proxy’s password goes to the proxy alone (D12)')],
  D13: [strange],

  X1: [retry('what each error is worth')],
  X2: [
    ['transfer/dns', 'one host is looked up once, however many ask at the same time and after'],
    here('the thread pool that looks names up is 64 wide, unless the user says otherwise (X2)'),
  ],
  X3: [['transfer/connect', 'the next address is tried when one refuses, of either family (X3)']],
  X4: [['transfer/connect', 'when all addresses fail, each is named and the error is CONNECT (X4)']],
  X5: [
    tls('a self-signed certificate is TLS, with host and reason, and no request is sent (X5)'),
    tls('an expired certificate and one for another host are TLS, though their issuer is trusted'),
    tls('https to a port that speaks plain http is TLS'),
  ],
  X6: [proxy('the environment is read as curl reads it')],
  X7: [['transfer/no-proxy', 'no_proxy: suffixes at dots, ports, addresses, IPv6 in and out of brackets, networks']],
  X8: [
    proxy('a proxy that closes, speaks another protocol or is not there is PROXY after one connect'),
    proxy('a silent proxy ends by the connect deadline, in absolute-form by that of the head'),
    proxy('407 is PROXY with its status, and no message shows the password'),
  ],
  X9: [proxy('a schemeless proxy is an http one; userinfo never reaches its label')],
  X10: [proxy('a SOCKS5 proxy gets names as they are, and addresses as addresses')],
  X11: [
    keepAlive('a reused connection that dies before a byte of the answer is RESET and stale: a free try is due (X11)'),
    retry('a reused connection that died before its answer costs no try, once'),
  ],

  Y1: [retry(`statuses \${codes.join(' ')} are \${retried ? 'tried again' : 'final'}`)],
  Y2: [
    ['transfer/head', 'Retry-After in seconds (Y2)'],
    hosts('a 429 parks the host until Retry-After, all its lines listen, and it is no try'),
    ['e2e/manners', 'a 429 with Retry-After parks the whole host for that long, and no line fails'],
  ],
  Y3: [
    ['transfer/head', 'garbage in Retry-After is no wait (Y3)'],
    hosts('Retry-After beyond patience fails that line at once; a host that insists is left alone'),
  ],
  Y4: [retry('equal jitter: half fixed, half random, from 0.5 s, doubled for each try, at most 60 s')],
  Y5: [
    hosts(
      '5,000 lines on a refusing host beside 50 on a good one: few connects, bounded time, the good ones not slowed',
    ),
  ],
  Y6: [here('a server that flaps is asked again, and the attempts are told (Y6)')],
  Y7: [
    ['schedule/politeness', '-j 4 --delay 1-4 on one host is four workers that each pause'],
    ['transfer/request', 'pdl names itself and its version, and asks for bytes as they are'],
  ],
  Y8: [
    robots('4xx allows all; 5xx and a host that is not reached forbid all, and are asked again later'),
    robots('is known after 24 hours no longer'),
    robots('the first 500 KiB of a larger file count, without the line they cut'),
    [
      'schedule/robots-txt',
      'groups of one name are one group, several names share one, and ours stands before that of all',
    ],
  ],

  W1: [noHttp, curl],
  W2: [noHttp, curl],
  W3: [noHttp, curl],
  W4: [noHttp, deadlines('a 103 before an answer does no harm'), curl],
  W5: [noHttp, curl],
  W6: [
    noHttp,
    ['transfer/receive', 'every other status fails and nothing is begun (204, 304 unasked, 416 unasked, 999)'],
    curl,
  ],
  W7: [framing('bytes behind the body are never handed on, and their connection serves nothing more (F7)')],
  W8: [
    limits('a control character of the server never reaches a message (W8)'),
    here('control bytes of a server never reach the terminal raw (W8)'),
  ],
  W9: [here('a cookie that a server sets is not sent back: no state between URLs (W9)')],
  W10: [here('HTTP/2 is not offered, and a server that prefers it speaks HTTP/1.1 (W10)')],
};
