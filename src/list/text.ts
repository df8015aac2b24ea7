/** Chunks of bytes become lines, each an own string that holds no chunk alive. */

import { PdlError } from '../errors.js';
import { show } from '../show.js';
import type { Line } from '../types.js';
import { longestLine } from './job.js';

/** A line as it was cut out of the text. */
export interface RawLine extends Line {
  /** Longer than 64 kB: `text` is only its beginning. */
  long?: true;
}

/** Takes a text chunk by chunk; the lines are the same however it is cut. */
export interface Splitter {
  /** Lines that end in this chunk. A line ends at LF or CR LF; a CR elsewhere is part of its line. */
  take(chunk: Uint8Array): RawLine[];
  /** The last line, where the text ends without a line end. */
  end(): RawLine[];
  /** Number of the last line that was given out, from 1. */
  readonly number: number;
}

const lf = 10;
const cr = 13;
/** As much of a line that is too long as is kept for its message. */
const head = 1024;

/** @throws PdlError LIST from `take` and `end` when the text begins with a UTF-16 mark. */
export function openSplitter(source: string): Splitter {
  let number = 0;
  /** Pieces of the line that has not ended yet: joined once, so that a line in a thousand pieces costs no thousand copies. */
  let pieces: Uint8Array[] = [];
  let held = 0;
  let long = false;

  function hold(piece: Uint8Array) {
    if (piece.length === 0) return;
    held += piece.length;
    if (!long) pieces.push(piece);
    // A mark (3 bytes) and a CR of the line end do not count, and are not yet known.
    if (!long && held > longestLine + 4) {
      long = true;
      pieces = [Buffer.concat(pieces).subarray(0, head + 3)];
    }
  }

  function line(bytes: Buffer, from: number, to: number): RawLine {
    number += 1;
    const start = number === 1 ? from + markLength(bytes, from, to, source) : from;
    const end = to > start && bytes[to - 1] === cr ? to - 1 : to;
    if (end - start <= longestLine && !long) return { source, number, text: bytes.toString('utf8', start, end) };
    long = false;
    return { source, number, text: bytes.toString('latin1', start, start + head), long: true };
  }

  function heldLine(): RawLine {
    const bytes = Buffer.concat(pieces);
    pieces = [];
    held = 0;
    return line(bytes, 0, bytes.length);
  }

  return {
    take(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
      const lines: RawLine[] = [];
      let from = 0;
      for (let to = bytes.indexOf(lf); to !== -1; to = bytes.indexOf(lf, from)) {
        if (held > 0) {
          hold(bytes.subarray(from, to));
          lines.push(heldLine());
        } else {
          lines.push(line(bytes, from, to));
        }
        from = to + 1;
      }
      hold(bytes.subarray(from));
      return lines;
    },
    end: () => (held > 0 ? [heldLine()] : []),
    get number() {
      return number;
    },
  };
}

/** Length of a UTF-8 mark (L1: `new URL` takes it for part of the scheme). */
function markLength(bytes: Buffer, from: number, to: number, source: string): number {
  const [first, second, third] = bytes.subarray(from, to);
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new PdlError('LIST', `Cannot read ${show(source)}: it is UTF-16 text (convert it: iconv -f UTF-16 -t UTF-8)`);
  return first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0;
}
