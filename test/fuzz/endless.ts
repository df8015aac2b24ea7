/** Answers without an end: what they begin with, and what they repeat for ever. */

const ok = 'HTTP/1.1 200 OK\r\n';
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;

export interface Endless {
  first: string;
  unit: string;
}

export const endless: Record<string, Endless> = {
  'interim answers': { first: '', unit: 'HTTP/1.1 103 x\r\nLink: </a>\r\n\r\n' },
  'empty lines before the status line': { first: '', unit: '\r\n' },
  'LF before the status line': { first: '', unit: '\n' },
  'a reason': { first: 'HTTP/1.1 200 ', unit: 'x' },
  'a version': { first: 'HTTP/1.', unit: '1' },
  'blanks in the status line': { first: 'HTTP/1.1', unit: ' ' },
  fields: { first: ok, unit: 'X: a\r\n' },
  'a name': { first: ok, unit: 'x' },
  'a value': { first: `${ok}X: `, unit: 'y' },
  'blanks before a value': { first: `${ok}X:`, unit: ' ' },
  folds: { first: `${ok}X: a\r\n`, unit: ' b\r\n' },
  'empty folds': { first: `${ok}X: a\r\n`, unit: ' \r\n' },
  'white lines before the first field': { first: ok, unit: ' \r\n' },
  CR: { first: `${ok}X: a`, unit: '\r' },
  'lines that are no fields': { first: ok, unit: 'x y: 1\r\n' },
  'zeros of a length': { first: `${ok}Content-Length: `, unit: '0' },
  'digits of a length': { first: `${ok}Content-Length: `, unit: '1' },
  'commas behind a length': { first: `${ok}Content-Length: 5`, unit: ',' },
  'commas behind a coding': { first: `${ok}Transfer-Encoding: chunked`, unit: ',' },
  'zeros of a chunk size': { first: chunked, unit: '0' },
  'a chunk extension': { first: `${chunked}5;`, unit: 'a' },
  'chunk extensions': { first: `${chunked}5`, unit: ';a' },
  'a quoted chunk extension': { first: `${chunked}5;a="`, unit: '\\"' },
  'blanks behind a chunk size': { first: `${chunked}5`, unit: ' ' },
  'an extension of the last chunk': { first: `${chunked}0;`, unit: 'a' },
  trailers: { first: `${chunked}0\r\n`, unit: 'X: a\r\n' },
  'the value of a trailer': { first: `${chunked}0\r\nX: `, unit: 'y' },
  'the body of a refusal': { first: 'HTTP/1.1 404 x\r\n\r\n', unit: 'x' },
  'the body of a redirect': { first: 'HTTP/1.1 302 x\r\nLocation: /y\r\n\r\n', unit: 'x' },
};
