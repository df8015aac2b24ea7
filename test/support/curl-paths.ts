/** The paths of the test server at which pdl and curl are compared, beside those of the table. */

import { to } from './curl-table.ts';

const statuses = [200, 201, 203, 400, 401, 403, 404, 407, 410, 416, 418, 500, 501, 502, 504, 511, 520, 599, 600, 999];
const places = [
  ...[
    'file:///etc/hostname',
    'ftp://127.0.0.1:1/x',
    'data:,hello',
    'gopher://127.0.0.1:1/x',
    'javascript:1',
    'mailto:a@b',
  ],
  ...['http:///file', 'http://[::1', 'https://127.0.0.1:PORT/file', '?size=5', '/file/\\x', '//127.0.0.1:PORT/file/b'],
  ...['../file/b', 'file/b c', '/file/b#frag', '/file/é'],
];
const fields = [
  ...['Content-Encoding=gzip', 'Content-Type=text/html', 'Content-Range=bytes%200-4/5', 'Content-Length=4', 'X-Raw=é'],
  ...['Transfer-Encoding=chunked', 'Upgrade=h2c', 'Connection=close', 'X-Nul=a%00b', 'X-A=1&X-A=2', 'Set-Cookie=a%3Db'],
  ...['Content-Disposition=attachment%3Bfilename%3D../evil', 'Location=/x', 'Refresh=0', 'Trailer=X', 'Retry-After=5'],
];

/** Paths at which both are known to end alike; those of the table come on top. */
export const alike = [
  ...['', '&encoding=gzip', '&type=text/html'].map((more) => `/file/a?size=3000${more}`),
  ...['/file/a?size=0', '/weak-etag', '/no-validator', '/last-modified', '/last-modified?fresh=1', '/etag-changes'],
  ...['/bad-content-range', '/ignores-range', '/416-have-all', '/416-junk', '/206-unasked?whole=1'],
  ...[
    '/chunked/30000',
    '/chunked/30000?trailer=1',
    '/chunked/0',
    '/crumbs/3000',
    '/no-length/1000',
    '/no-length/0',
    '/http10/1000',
  ],
  ...['/identity-te', '/cl-and-te', '/same-lengths', '/junk-length?value=5%2C%205'],
  ...['/bare-lf', '/obs-fold', '/continue-unasked', '/set-header?X%20Y=1'],
  ...['/empty-reply', '/reset', '/gzip-te', '/negative-length', '/junk-length?value=', '/junk-length?value=3'],
  ...[
    '/extra-bytes',
    '/poisoned',
    '/dies-after-one',
    '/dies-after-one?at=once',
    '/http09',
    '/http12',
    '/icy',
    '/switching',
  ],
  ...['/huge-headers/20000', '/huge-headers/60000', '/huge-headers/1000000', '/endless-headers'],
  ...['/stall', '/drip?size=20&every=20', '/slow-headers?every=2&lines=3', '/slow-headers?every=30'],
  ...['/early-hints-forever', '/early-hints/3', '/early-hints/200', '/endless-404', '/endless-404?length=1000000'],
  ...statuses.map((status) => `/status/${status}?body=hello`),
  ...['/flaky/1/file?how=503', '/flaky/1/file?how=500', '/basic/u/p', '/robots.txt', '/no-such-route'],
  ...['/redirect/1/file/a', '/redirect/10/file/a', '/redirect/60/file/a', '/redirect-loop', '/two-locations'],
  ...[300, 301, 303, 307, 308].map((status) => `/redirect/2/file/a?status=${status}`),
  '/two-locations?a=/file/a&b=/file/a',
  ...places.map(to),
  ...fields.map((field) => `/set-header?${field}`),
];

/** These ask the whole host to wait: each in a run of its own. */
export const alone = ['/status/429', '/status/503', '/429/1/file', '/503/1/file'].map(
  (path) => `${path}?retry-after=100`,
);

export const alikeResumed = [
  ...[
    '/cut-then/file',
    '/cut-then/weak-etag',
    '/cut-then/no-validator',
    '/cut-then/last-modified',
    '/cut-then/redirect/1/file',
  ],
  ...['total', 'unit', 'junk'].map((kind) => `/cut-then/bad-content-range?kind=${kind}`),
  ...['/weak-then/file', '/none-then/no-validator', '/fresh-then/last-modified', '/file/empty?size=0'],
];

/** Routes that are not compared. */
export const left: Record<string, string> = {
  echo: 'tells the request: the User-Agent differs, as it should',
  endless: 'curl would fill the disk; held by the tests of the size limit',
  heads: 'raw replies, compared with every peer in peers-differ.test.ts',
  unclean: 'is TLS; in plain text it is no-length',
};
