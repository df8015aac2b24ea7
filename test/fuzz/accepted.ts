/** Where pdl is stricter than it would have to be, or takes one of two meanings: each by name, with its reason. */

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

/** Which of several meanings pdl takes, where one of them was the rule once. */
const meanings: readonly RegExp[] = [
  // RFC 2616 section 4.4: under Transfer-Encoding: identity the length counts. RFC 9112 knows no identity, and would read on to the end.
  /^meanings: saved one of 2 .*the coding identity/,
];

export const isAccepted = (fault: string): boolean => meanings.some((one) => one.test(fault));
