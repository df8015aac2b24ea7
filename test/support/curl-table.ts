/** Where pdl and curl 7.88 differ, measured and reviewed: at which paths, how each ends, and why pdl ends so. */

export interface Difference {
  /** Why pdl does as it does; ids are of the catalogue of failure cases. */
  why: string;
  curl: string;
  pdl: string;
  at: readonly string[];
}

/** A redirect to a place. */
export const to = (url: string) => `/redirect-to?url=${encodeURIComponent(url)}`;

/** A first request. */
export const fresh: readonly Difference[] = [
  {
    why: 'F1, F2, F3, F5, T4: neither calls it a success, but pdl lets nothing incomplete stand under the final name',
    curl: 'failed, left 1000',
    pdl: 'failed',
    at: [
      '/cut-at/1000?size=3000',
      '/reset-at/1000?size=3000',
      '/cut-chunked/1000',
      '/cut-chunked/1000?close=1',
      '/cut-trailer/1000',
      '/reset-no-length/1000',
      '/stall-after/1000?size=3000',
    ],
  },
  {
    why: 'RFC 9112 section 8: a header block that ends within a field is incomplete, and so is the answer',
    curl: 'saved 0',
    pdl: 'failed',
    at: ['/half-head'],
  },
  {
    why: 'F12, RFC 9110 section 15.3.7: a part that nobody asked for is not the file',
    curl: 'saved 500',
    pdl: 'failed',
    at: ['/206-unasked'],
  },
  {
    why: 'F12, RFC 9110 section 14.6: the frames of multipart/byteranges are not the file',
    curl: 'saved 113',
    pdl: 'failed',
    at: ['/multipart-ranges?size=100'],
  },
  {
    why: 'F8, RFC 9112 section 6.3: two lengths are none',
    curl: 'saved 6',
    pdl: 'failed',
    at: ['/two-lengths'],
  },
  {
    why: 'F8, RFC 9110 section 8.6: a Content-Length is digits, nothing else',
    curl: 'saved 5',
    pdl: 'failed',
    at: ['5x', '+5', '5.0', '5 5'].map((value) => `/junk-length?value=${encodeURIComponent(value)}`),
  },
  {
    why: 'F8: curl reads the 0 of 0x5',
    curl: 'saved 0',
    pdl: 'failed',
    at: ['/junk-length?value=0x5'],
  },
  {
    why: 'F8: no file is that long; nothing is left under its name',
    curl: 'failed, left 5',
    pdl: 'failed',
    at: ['/junk-length?value=99999999999999999999'],
  },
  {
    why: 'a status that is no file is not saved: 304 without a question',
    curl: 'saved nothing',
    pdl: 'failed',
    at: ['/304-with-length', '/status/304?body=hello'],
  },
  {
    why: 'a status that is no file is not saved: 204, and a redirect without a place to go (D7)',
    curl: 'saved 0',
    pdl: 'failed',
    at: ['/204-with-length', '/204-with-length?close=1', '/status/204?body=hello', '/no-location', to('')],
  },
  {
    why: 'only 200, 201 and 203 are files: 202 comes later, 205 and 207 are none, 206 and 226 are parts, 300 and 305 lead nowhere',
    curl: 'saved 5',
    pdl: 'failed',
    at: [202, 205, 206, 207, 226, 300, 305].map((status) => `/status/${status}?body=hello`),
  },
  {
    why: 'T6: a header block is read up to 64 kB; curl reads 300 kB',
    curl: 'saved 5',
    pdl: 'failed',
    at: ['/huge-headers/200000'],
  },
  {
    why: 'D1: ten redirects by default; curl follows 50, wget 20. D7: two different places are none. RFC 9110 section 15.4.5: 304 leads nowhere',
    curl: 'saved 1000',
    pdl: 'failed',
    at: ['/redirect/11/file/a', '/two-locations?a=/file/a&b=/file/b', '/redirect/2/file/a?status=304'],
  },
  {
    why: 'D10: credentials that a server puts into its Location are not used',
    curl: 'saved 1000',
    pdl: 'failed',
    at: [to('http://user:pass@127.0.0.1:PORT/basic/user/pass')],
  },
];

/** A second run, after 120,000 of 200,000 bytes came in the first. */
export const resumed: readonly Difference[] = [
  {
    why: 'R1, R7: If-Range and the validator of the answer; curl asks for a range of whatever is there now',
    curl: 'saved 200000 spliced',
    pdl: 'saved 200000',
    at: ['/cut-then/etag-changes', '/cut-then/replaced', '/cut-then/replaced-blindly', '/cut-then/shrunk'],
  },
  {
    why: 'R5: 200 to a Range is the whole file, whatever its framing; curl gives up with 33',
    curl: 'failed, left 120000',
    pdl: 'saved 200000',
    at: ['/cut-then/ignores-range', '/cut-then/chunked/200000', '/cut-then/no-length/200000'],
  },
  {
    why: 'R6: a rest that does not fit is dropped, and the file asked for from zero',
    curl: 'failed, left 120000',
    pdl: 'saved 200000',
    at: ['start', 'none', 'reversed'].map((kind) => `/cut-then/bad-content-range?kind=${kind}`),
  },
  {
    why: 'R9: a 416 that does not vouch for what is held drops the part',
    curl: 'failed, left 120000',
    pdl: 'saved 200000',
    at: ['/cut-then/416-have-all', '/cut-then/416-junk?total=120000', '/cut-then/416-junk?total=200000'],
  },
  {
    why: 'R9: curl takes a 416 without Content-Range for "all is there"',
    curl: 'saved 120000',
    pdl: 'saved 200000',
    at: ['/cut-then/416-junk'],
  },
  {
    why: 'a 304 to a Range says nothing about the part',
    curl: 'saved 120000',
    pdl: 'failed',
    at: ['/cut-then/304-with-length'],
  },
  {
    why: 'R5: the file is now 5 bytes long',
    curl: 'failed, left 120000',
    pdl: 'saved 5',
    at: ['/cut-then/status/200?body=hello'],
  },
  {
    why: 'neither calls it a success, but pdl keeps its part out of sight',
    curl: 'failed, left 120000',
    pdl: 'failed',
    at: [
      '/cut-then/multipart-ranges',
      '/cut-then/206-unasked',
      '/cut-then/status/404',
      '/cut-then/status/500',
      '/cut-then/empty-reply',
      '/cut-then/endless-404',
    ],
  },
  {
    why: 'a try that brought bytes of a body that can be continued is no failed try, even without retries',
    curl: 'failed, left 160000',
    pdl: 'saved 200000',
    at: ['/cut-then/cut-at/40000', '/cut-then/reset-at/40000'],
  },
  { why: 'the same, stalled', curl: 'failed, left 121000', pdl: 'failed', at: ['/cut-then/stall-after/1000'] },
  {
    why: 'R8: the same command again finds its own whole file in the journal, without a request; curl asks for bytes beyond the end',
    curl: 'failed, left 200000',
    pdl: 'saved 200000',
    at: ['/file/whole'],
  },
];
