/** CSV and TSV with a header, which tells what the fields of the records below it mean. */

import { PdlError } from '../../errors.js';
import { show } from '../../show.js';
import type { Entry, Line } from '../../types.js';
import type { RawLine } from '../text.js';
import { type Collected, collect, entryOf, type Meaning, meaningOf } from './fields.js';
import { bad, type OpenReader, type Reader, tooLong } from './reader.js';
import { type Cutter, fieldsOf, openCutter } from './records.js';

export const csv: OpenReader = (source) => openTable(source, openCutter(','), (text) => fieldsOf(text, ',', false));
export const tsv: OpenReader = (source) => openTable(source, singleLines, (text) => fieldsOf(text, '\t', true));

/** The fields of a record, or null where quotes are broken. */
type Cells = (text: string) => string[] | null;

interface Header {
  meanings: Meaning[];
  url: number;
}

function openTable(source: string, cutter: Cutter, cellsOf: Cells): Reader {
  let header: Header | null = null;

  function entry(record: RawLine, cells: string[] | null): Entry | null {
    if (record.long) return tooLong(record);
    if (cells === null) return bad(record, 'its quotes are broken');
    // Lists that were put one after the other bring their headers along.
    if (header === null || (!/^\s*https?:/i.test(cells[header.url] ?? '') && urlColumn(cells) !== -1)) {
      header = readHeader(source, record, cells);
      return null;
    }
    const expected = header.meanings.length;
    if (cells.length !== expected)
      return bad(record, `it has ${cells.length} fields where the header has ${expected}`, cells[header.url]);
    const collected: Collected = { url: '', headers: [], columns: [] };
    for (let at = 0; at < expected; at++) collect(collected, header.meanings[at]!, cells[at]!);
    return entryOf(collected, record);
  }

  function entries(records: readonly RawLine[]): Entry[] {
    return records.map((record) => entry(record, cellsOf(record.text))).filter((one) => one !== null);
  }

  return { take: (lines) => entries(cutter.take(lines)), end: () => entries(cutter.end()) };
}

function readHeader(source: string, line: Line, cells: readonly string[]): Header {
  const names = cells.map((cell) => cell.trim());
  const refuse = (state: string) =>
    new PdlError('LIST', `Cannot read ${show(source)}: ${state} (line ${line.number}: "${show(line.text)}")`);
  if (urlColumn(names) === -1) throw refuse('its header names no column url');
  const last = new Map(names.map((name, at) => [name, at]));
  const twice = names.find((name, at) => last.get(name) !== at);
  if (twice !== undefined) throw refuse(`its header names "${show(twice)}" twice`);
  return { meanings: names.map(meaningOf), url: urlColumn(names) };
}

function urlColumn(cells: readonly string[]): number {
  return cells.findIndex((cell) => cell.trim().toLowerCase() === 'url');
}

/** TSV has no line ends within fields; quotes are understood where they are in order, else they are text. */
const singleLines: Cutter = {
  take: (lines) => lines.filter(({ text, long }) => long || (text.trim() !== '' && !text.startsWith('#'))),
  end: () => [],
};
