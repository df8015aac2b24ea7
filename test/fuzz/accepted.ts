/** Where pdl is stricter than it would have to be, and faults that are known: both by name, each with its reason. */

/** Notes of the reference reader: right answers that pdl may refuse. */
const refusals: Record<string, string> = {
  'a higher minor version': 'the parser below pdl knows 1.0 and 1.1 (peers-table.ts, section 2.3)',
  'an empty element of a list':
    'the value of Transfer-Encoding is exactly chunked (peers-table.ts, RFC 9110 section 5.6.1)',
  'a Content-Range that means nothing':
    'under 200 servers send parts, too (field-faults B2), though RFC 9110 section 14.4 gives it no meaning',
  'one length again, and a fold': 'nobody sends both; RFC 9112 sections 5.2 and 6.3 would have it read',
};

/** Why pdl may refuse a right answer with these notes. */
export const acceptedRefusal = (notes: readonly string[]): string | undefined =>
  notes.map((note) => refusals[note]).find((reason) => reason !== undefined);

/** Faults of pdl that are known, by what is said of them: a run goes on without them. Each stands in corpus.ts as a case that fails. */
const known: readonly { fault: RegExp; raw?: RegExp }[] = [
  // 101 and statuses below 100 end as RESET, "the server closed the connection", while it is open
  { fault: /^code: RESET is none of .*closed the connection within the header block/ },
  // RTSP and ICE are taken for HTTP
  { fault: /^(saved|code: HTTP_STATUS)/, raw: /(RTSP|ICE)\/1/ },
  // a Transfer-Encoding that names no coding, beside a length: read to its length, not until the end
  { fault: /^meanings: saved one of 2 .*(an empty coding|the coding identity)/ },
  // the same Transfer-Encoding on two lines is taken for one, so a body that is framed twice keeps its inner frames
  { fault: /^meanings: saved one of 2 .*chunked twice/ },
];

export const isKnown = (fault: string, raw: string): boolean =>
  known.some((one) => one.fault.test(fault) && (one.raw?.test(raw) ?? true));

/** The same for ranges, by the kind of the case. */
const knownOfRanges: readonly { fault: RegExp; of: 'forever' | 'moves' }[] = [
  // A body that is cut again and again, and whose ranges are of no use, is asked for without end: each try brings bytes, the same ones
  { fault: /^requests: /, of: 'forever' },
  // A part is continued at another URL, to which a redirect leads by now, because it has the same validator
  { fault: /^bytes: /, of: 'moves' },
];

export const isKnownOfRanges = (fault: string, from: { forever?: true; moves?: true }): boolean =>
  knownOfRanges.some((one) => one.fault.test(fault) && from[one.of]);

/** The same for proxies. */
const knownOfProxies: readonly RegExp[] = [
  // An answer of SOCKS5 whose version is not 5 is taken
  /^code: saved is none of PROXY: undefined$/,
];

export const isKnownOfProxies = (fault: string): boolean => knownOfProxies.some((one) => one.test(fault));
