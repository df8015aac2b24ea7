/** The reference reader's way through a chunked body (RFC 9112 section 7.1). */

import type { Choices } from './choices.ts';
import { Refusal } from './reader-head.ts';

const word = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const quoted = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*"';
const extensions = new RegExp(`^(?:[ \\t]*;[ \\t]*${word}(?:[ \\t]*=[ \\t]*(?:${word}|${quoted}))?)*$`);
const trailers = new RegExp(`^(?:${word}:[\\t \\x21-\\x7e\\x80-\\xff]*\\r\\n)*\\r\\n`);

export interface Chunked {
  body: string;
  /** Behind the last chunk's line: the trailers begin here. */
  next: number;
}

export function readChunks(text: string, at: number, choices: Choices): Chunked {
  const parts: string[] = [];
  for (let from = at; ; ) {
    const line = sizeLine(text, from, choices);
    const size = sizeOf(line.text, choices);
    from = line.next;
    if (size === 0) {
      const rest = text.slice(from);
      // The size of the trailers has no limit in the RFC, but every reader has one.
      if (!trailers.test(rest) || rest.length > 60_000) choices.odd.add('trailers that are malformed or cut');
      return { body: parts.join(''), next: from };
    }
    if (text.length < from + size) throw new Refusal('cut', 'a chunk is cut');
    parts.push(text.slice(from, from + size));
    from += size;
    const mark = text.slice(from, from + 2);
    if (mark === '\r\n') from += 2;
    else if (mark[0] === '\n') {
      choices.odd.add('LF alone behind a chunk');
      from += 1;
    } else if (mark === '' || mark === '\r') throw new Refusal('cut', 'cut behind a chunk');
    else throw new Refusal('malformed', 'a chunk is not as long as its size');
  }
}

/** LF alone may end the line, or be a character of its extension. */
function sizeLine(text: string, from: number, choices: Choices): { text: string; next: number } {
  const end = text.indexOf('\n', from);
  if (end === -1)
    throw new Refusal(/^[0-9a-f]*(?:[ \t;\r][\s\S]*)?$/i.test(text.slice(from)) ? 'cut' : 'malformed', 'cut');
  if (text[end - 1] === '\r') return { text: text.slice(from, end - 1), next: end + 1 };
  choices.odd.add('LF alone in a chunk line');
  const crlf = text.indexOf('\r\n', end);
  const isInside =
    crlf !== -1 && text.slice(from, end).includes(';') && choices.choose('LF alone in an extension', [false, true]);
  if (isInside) return { text: text.slice(from, crlf), next: crlf + 2 };
  return { text: text.slice(from, end), next: end + 1 };
}

function sizeOf(line: string, choices: Choices): number {
  const [, digits, rest = ''] = /^([0-9a-f]+)([\s\S]*)$/i.exec(line) ?? [];
  if (digits === undefined) throw new Refusal('malformed', `no chunk size: ${line.slice(0, 20)}`);
  if (!extensions.test(rest)) {
    if (!/^[ \t\r]*(?:;[\s\S]*)?$/.test(rest)) throw new Refusal('malformed', `no chunk size: ${line.slice(0, 20)}`);
    choices.odd.add('a malformed chunk extension');
  }
  if (digits.replace(/^0+/, '').length > 12) throw new Refusal('cut', 'a chunk of terabytes', 'malformed');
  return Number.parseInt(digits, 16);
}
