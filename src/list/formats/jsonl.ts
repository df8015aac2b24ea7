/** JSON Lines: an object a line with `url`, `out` or `name`, `checksum` or `sha256`, `headers`, `columns`; other plain values are columns. */

import type { Entry } from '../../types.js';
import type { RawLine } from '../text.js';
import { type Collected, collect, entryOf, meaningOf } from './fields.js';
import { bad, type Once, type OpenReader, tooLong } from './reader.js';

/** Opens a reader of JSON Lines. Values that are neither plain nor known are named once each. */
export const jsonl: OpenReader = (_source, once) => ({
  take(batch) {
    const into: Entry[] = [];
    for (const line of batch) {
      if (line.long) into.push(tooLong(line));
      else if (line.text.trim() !== '' && !line.text.startsWith('#')) into.push(entry(line, once));
    }
    return into;
  },
  end: () => [],
});

function entry(line: RawLine, once: Once): Entry {
  const record = parsed(line.text);
  if (record === undefined) return bad(line, 'it is broken JSON');
  if (!isRecord(record)) return bad(line, 'it is no JSON object');
  const collected: Collected = { url: '', headers: [], columns: [] };
  for (const [key, value] of Object.entries(record)) {
    if (value === null) continue;
    if (key === 'headers' || key === 'columns') {
      if (!isRecord(value)) return bad(line, `its ${key} are no JSON object`, String(record['url'] ?? ''));
      for (const [name, one] of Object.entries(value))
        if (isPlain(one)) collected[key].push([name, String(one)]);
        else if (one !== null)
          once(`${key}.${name}`, line.number, `${key}.${name.slice(0, 40)} is no plain value and not used`);
    } else if (isPlain(value)) {
      collect(collected, key === 'name' ? { kind: 'out' } : meaningOf(key), String(value));
    } else {
      once(key, line.number, `${key.slice(0, 40)} is no plain value and not used`);
    }
  }
  return entryOf(collected, line);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
