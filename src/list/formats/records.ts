/** Cuts a CSV text into records, whose quoted fields may hold line ends, and a record into its fields (RFC 4180). */

import { longestLine } from '../job.js';
import type { RawLine } from '../text.js';

export interface Cutter {
  /** Whole records; `text` holds their lines. A record whose quote does not close within 64 kB is given out as its first line alone. */
  take(lines: readonly RawLine[]): RawLine[];
  end(): RawLine[];
}

/** How a record stands at the end of a line: whole, open within quotes, or broken by text after a closing quote. */
type End = 'whole' | 'open' | 'broken';

/** A line is scanned once, however often the records before it turn out to be broken. */
interface Seen {
  line: RawLine;
  size: number;
  /** As the first line of a record; null for a comment or a blank line, which are left out. */
  first: End | null;
  /** As a further line of a record that is open. */
  further: End;
}

export function openCutter(delimiter: string): Cutter {
  /** Lines from `head` on are not given out yet. */
  let seen: Seen[] = [];
  let head = 0;
  /** First line behind the head that does not leave quotes open; size of the lines before it. */
  let close = 0;
  let size = 0;

  /** Passes the head; the line after it begins a record of its own. */
  function pass(): void {
    if (close > head) size -= seen[head]!.size;
    head += 1;
    close = Math.max(close, head);
  }

  function findClose(): void {
    if (close === head) size = seen[close++]!.size;
    while (size <= longestLine && seen[close]?.further === 'open') size += seen[close++]!.size;
  }

  function cut(isEnd: boolean): RawLine[] {
    const records: RawLine[] = [];
    while (head < seen.length) {
      const { line, first } = seen[head]!;
      if (first === 'open') findClose();
      const last = seen[close];
      if (first === 'open' && last === undefined && size <= longestLine && !isEnd) break;
      if (first === 'open' && last?.further === 'whole' && size + last.size <= longestLine) {
        records.push(joined(seen.slice(head, close + 1)));
        head = close + 1;
        close = head;
        size = 0;
      } else {
        // Whole by itself, or its quote was a slip.
        if (first !== null) records.push(line);
        pass();
      }
    }
    if (head > seen.length / 2) {
      seen = seen.slice(head);
      close -= head;
      head = 0;
    }
    return records;
  }

  return {
    take(lines) {
      for (const line of lines) seen.push(look(line, delimiter));
      return cut(false);
    },
    end: () => cut(true),
  };
}

function look(line: RawLine, delimiter: string): Seen {
  const { text, long } = line;
  const size = text.length + 1;
  if (long) return { line, size, first: 'broken', further: 'broken' };
  const isLeftOut = text.startsWith('#') || text.trim() === '';
  return {
    line,
    size,
    first: isLeftOut ? null : endOf(text, delimiter, false),
    further: endOf(text, delimiter, true),
  };
}

function joined(lines: readonly Seen[]): RawLine {
  const { source, number } = lines[0]!.line;
  return { source, number, text: lines.map(({ line }) => line.text).join('\n') };
}

function endOf(text: string, delimiter: string, begunInQuotes: boolean): End {
  if (!text.includes('"')) return begunInQuotes ? 'open' : 'whole';
  let quoted = begunInQuotes;
  for (let at = 0; at < text.length; at += 1) {
    // A field is quoted when it begins with a quote.
    if (quoted || text[at] === '"') {
      at = closing(text, quoted ? at : at + 1) + 1;
      if (at === 0) return 'open';
      if (at < text.length && text[at] !== delimiter) return 'broken';
      quoted = false;
    } else {
      at = endOfField(text, delimiter, at);
    }
  }
  return 'whole';
}

/** The fields of a record. Quotes out of order make it null, or (`relaxed`) are text like any other. */
export function fieldsOf(text: string, delimiter: string, relaxed: boolean): string[] | null {
  if (!text.includes('"')) return text.split(delimiter);
  const fields: string[] = [];
  for (let at = 0; at <= text.length; at += 1) {
    const close = text[at] === '"' ? closing(text, at + 1) : -1;
    const isQuoted = close !== -1 && (close + 1 === text.length || text[close + 1] === delimiter);
    const end = isQuoted ? close + 1 : endOfField(text, delimiter, at);
    const field = isQuoted ? text.slice(at + 1, close).replaceAll('""', '"') : text.slice(at, end);
    if (!isQuoted && !relaxed && field.includes('"')) return null;
    fields.push(field);
    at = end;
  }
  return fields;
}

/** Where a quote closes that opened before `from`, or -1; two quotes in a row are one of the text. */
function closing(text: string, from: number): number {
  let quote = text.indexOf('"', from);
  while (quote !== -1 && text[quote + 1] === '"') quote = text.indexOf('"', quote + 2);
  return quote;
}

function endOfField(text: string, delimiter: string, from: number): number {
  const next = text.indexOf(delimiter, from);
  return next === -1 ? text.length : next;
}
