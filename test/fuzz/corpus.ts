/** Answers that were once read wrongly: each is a case as a fuzzer prints it. */

import type { Case } from './grammar.ts';

export interface Kept {
  name: string;
  case: Case;
}

const one = (raw: string, end: 'keep' | 'fin' | 'rst' = 'fin'): Case => ({
  tls: false,
  replies: [{ raw, end, pieces: [], pause: 0 }],
});
const twice = 'f\r\n5\r\nhello\r\n0\r\n\r\n\r\n0\r\n\r\n';

export const corpus: readonly Kept[] = [
  {
    name: 'RTSP is not HTTP (RFC 9112 section 2.3)',
    case: one('RTSP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello'),
  },
  {
    name: 'ICE is not HTTP (RFC 9112 section 2.3)',
    case: one('ICE/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello'),
  },
  {
    name: 'a body framed twice, chunked on two lines (RFC 9110 section 5.3)',
    case: one(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n${twice}`),
  },
  {
    name: 'a body framed twice, the second line with an empty element',
    case: one(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: , chunked\r\n\r\n${twice}`),
  },
  {
    name: 'a Transfer-Encoding without a coding, beside a shorter length (RFC 9112 section 6.3)',
    case: one('HTTP/1.1 200 \r\nContent-Length: 5\r\nTransfer-Encoding:\r\n\r\nhello and more'),
  },
  {
    name: '101, kept open, is a bad answer, not a connection that was closed (RFC 9110 section 15.2.2)',
    case: one('HTTP/1.1 101 Switching Protocols\r\n\r\n', 'keep'),
  },
  {
    name: 'a status below 100 is a bad answer, not a connection that was closed (RFC 9110 section 15)',
    case: one('HTTP/1.1 099 x\r\nContent-Length: 5\r\n\r\nhello', 'keep'),
  },
  {
    name: 'a whole answer behind an answer is not the next one',
    case: {
      tls: false,
      replies: [
        {
          raw: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison',
          end: 'keep',
          pieces: [],
          pause: 0,
        },
        { raw: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nworld', end: 'keep', pieces: [], pause: 0 },
      ],
    },
  },
  {
    name: 'LF alone, an interim answer with a length, and a chunk in single bytes',
    case: {
      tls: true,
      replies: [
        {
          raw: 'HTTP/1.1 103 x\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\r\nhello\r\n0\r\n\r\n',
          end: 'fin',
          pieces: Array.from({ length: 100 }, () => 1),
          pause: 0,
        },
      ],
    },
  },
];
