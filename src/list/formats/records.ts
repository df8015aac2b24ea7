/** Cuts a CSV text into records: a quoted field may hold line ends. */

import type { Line } from '../../types.js';
import { longestLine } from '../job.js';
import type { RawLine } from '../text.js';

export interface Cutter {
  /** Whole records; `text` holds their lines. A record whose quote does not close within 64 kB is given out as its first line alone. */
  take(lines: readonly RawLine[]): RawLine[];
  end(): RawLine[];
}

/** Comments (`#` at the start of a record) and blank lines are left out. */
export function openCutter(delimiter: string): Cutter {
  let open: RawLine[] = [];
  let size = 0;

  function take(lines: readonly RawLine[]): RawLine[] {
    const records: RawLine[] = [];
    const waiting = [...lines].reverse();
    for (let line = waiting.pop(); line !== undefined; line = waiting.pop()) {
      if (open.length === 0 && (line.text.startsWith('#') || line.text.trim() === '') && !line.long) continue;
      const end = line.long ? 'broken' : endOf(line.text, delimiter, open.length > 0);
      if (open.length === 0 && end !== 'open') {
        records.push(line);
        continue;
      }
      open.push(line);
      size += line.text.length + 1;
      if (end === 'broken' || size > longestLine) giveUp(records, waiting);
      else if (end === 'whole') records.push(joined(open));
      else continue;
      open = [];
      size = 0;
    }
    return records;
  }

  /** The quote was a slip: its line is a bad record, the lines after it are read anew. */
  function giveUp(records: RawLine[], waiting: RawLine[]): void {
    records.push(open[0]!);
    for (let at = open.length - 1; at > 0; at--) waiting.push(open[at]!);
  }

  return {
    take,
    end() {
      const records: RawLine[] = [];
      while (open.length > 0) {
        const [first, ...rest] = open;
        open = [];
        size = 0;
        records.push(first!, ...take(rest));
      }
      return records;
    },
  };
}

function joined(lines: readonly Line[]): RawLine {
  const { source, number } = lines[0]!;
  return { source, number, text: lines.map(({ text }) => text).join('\n') };
}

/** How a record stands at the end of a line: whole, open within quotes, or broken by text after a closing quote. */
function endOf(text: string, delimiter: string, begunInQuotes: boolean): 'whole' | 'open' | 'broken' {
  if (!begunInQuotes && !text.includes('"')) return 'whole';
  let quoted = begunInQuotes;
  for (let at = 0; ; ) {
    if (quoted) {
      const quote = text.indexOf('"', at);
      if (quote === -1) return 'open';
      quoted = text[quote + 1] === '"';
      at = quote + (quoted ? 2 : 1);
      if (!quoted && at < text.length && text[at] !== delimiter) return 'broken';
    } else if (text[at] === '"' && (at === 0 || text[at - 1] === delimiter)) {
      // A field is quoted when it begins with a quote (RFC 4180).
      quoted = true;
      at += 1;
    } else {
      const next = text.indexOf(delimiter, at);
      if (next === -1) return 'whole';
      at = next + 1;
    }
  }
}
