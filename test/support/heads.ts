/** What a table of odd replies is made of. Text is latin1: one character, one byte. */

/** One whole answer as it goes over the wire. */
export interface Reply {
  raw: string;
  /** What a right reader makes of it. */
  body: string;
  /** save: the RFC defines it; may: malformed, and left to the reader; fail: refused, or its length is not certain. */
  right: 'save' | 'may' | 'fail';
  /** The rule; RFC 9112 unless another is named. */
  rule: string;
  /** How the connection goes on: kept open, FIN, or RST right behind the last byte. */
  ends: readonly End[];
}

export type End = 'keep' | 'fin' | 'rst';
export type Replies = Record<string, Reply>;

export const hello = 'hello';
export const chunks = '5\r\nhello\r\n0\r\n\r\n';

/** Replies under one rule, by name. */
export function replies(
  right: Reply['right'],
  rule: string,
  raws: Record<string, string>,
  { body = hello, ends = ['keep', 'fin'] }: { body?: string; ends?: readonly End[] } = {},
): Replies {
  return Object.fromEntries(Object.entries(raws).map(([name, raw]) => [name, { raw, body, right, rule, ends }]));
}

/** A 200 of these header lines. */
export const ok = (lines: readonly string[], body = hello) =>
  `HTTP/1.1 200 OK\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n${body}`;
/** The same with a right Content-Length behind them. */
export const sized = (...lines: string[]) => ok([...lines, 'Content-Length: 5']);
/** The same with a right chunked body. */
export const chunked = (...lines: string[]) => ok([...lines, 'Transfer-Encoding: chunked'], chunks);
/** A right head, this chunked body. */
export const framed = (body: string) => ok(['Transfer-Encoding: chunked'], body);
/** This status line, a right rest. */
export const line = (status: string) => `${status}\r\nContent-Length: 5\r\n\r\nhello`;
/** This before a right answer. */
export const before = (interim: string) => interim + sized();
