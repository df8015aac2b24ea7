/** One input of a run: opened, then read as batches of entries. */

import { PdlError, UsageError } from '../errors.js';
import { show } from '../show.js';
import type { Entry, Line } from '../types.js';
import { type Opened, openFile, openStream } from './bytes.js';
import { type Format, formatOf, readers } from './formats/format.js';
import type { Once } from './formats/reader.js';
import { readRanges } from './ranges.js';
import { openSplitter } from './text.js';

/** One list of a run. */
export type Input =
  | { kind: 'file'; path: string }
  | { kind: 'stdin'; stream: NodeJS.ReadableStream }
  /** A URL argument; `text` may hold ranges. */
  | { kind: 'url'; text: string };

/** How lists are read. */
export interface ListOptions {
  format: Format | 'auto';
  /** Where ranges are expanded. */
  glob: 'arguments' | 'everywhere' | 'never';
  /** Takes one line for people. */
  warn(text: string): void;
}

/** An input that can be read, once. */
export interface Reading {
  name: string;
  batches(): AsyncIterable<Iterable<Entry>>;
  close(): void;
}

/**
 * @param nth which URL argument this is, from 1.
 * @param onLines is told how many text lines were read.
 * @throws UsageError for what cannot be opened, or a malformed range in a URL argument.
 */
export async function openInput(
  input: Input,
  nth: number,
  options: ListOptions,
  onLines: (count: number) => void,
): Promise<Reading> {
  if (input.kind === 'url') return argument(input.text, nth, options.glob !== 'never', onLines);
  const [name, opened] =
    input.kind === 'file' ? [input.path, await openFile(input.path)] : ['-', openStream(input.stream)];
  const format = options.format === 'auto' ? formatOf(name) : options.format;
  return list(name, opened, format, options.warn, onLines);
}

function argument(text: string, nth: number, hasRanges: boolean, onLines: (count: number) => void): Reading {
  const ranges = hasRanges ? readRanges(text) : null;
  if (typeof ranges === 'string')
    throw new UsageError(`Cannot expand "${show(text)}": ${ranges} (--no-glob takes it as it is)`);
  return {
    name: 'argv',
    async *batches() {
      onLines(1);
      yield expanded({ url: text, origin: { source: 'argv', number: nth, text } }, ranges);
    },
    close() {},
  };
}

/** The entry once for each URL of its ranges, made one at a time. */
export function* expanded(entry: Entry & { origin: Line }, ranges: Iterable<string> | null): Generator<Entry> {
  if (ranges === null) yield entry;
  else for (const url of ranges) yield { ...entry, url, origin: { ...entry.origin, text: textOf(entry, url) } };
}

/** What stands for that URL alone, so that one failed URL of a range can be fed back. */
function textOf({ url: pattern, origin }: Entry & { origin: Line }, url: string): string {
  return origin.text.replace(pattern, () => url);
}

function list(
  name: string,
  opened: Opened,
  format: Format,
  warn: (text: string) => void,
  onLines: (count: number) => void,
): Reading {
  let isClosed = false;
  const said = new Set<string>();
  const once: Once = (what, line, text) => {
    if (said.has(what) || said.size === 100) return;
    said.add(what);
    warn(`${show(name)} line ${line}: ${show(text, 160)} (said once)`);
  };
  return {
    name,
    async *batches() {
      const splitter = openSplitter(name);
      const reader = readers[format](name, once);
      try {
        for await (const chunk of opened.chunks()) {
          const lines = splitter.take(chunk);
          onLines(lines.length);
          yield reader.take(lines);
          if (opened.live) yield reader.pause?.() ?? [];
        }
        const lines = splitter.end();
        onLines(lines.length);
        yield [...reader.take(lines), ...reader.end()];
      } catch (error) {
        if (!isClosed) throw broken(name, splitter.number, error);
      }
    },
    close() {
      isClosed = true;
      opened.close();
    },
  };
}

function broken(name: string, line: number, cause: unknown): PdlError {
  if (cause instanceof PdlError) return cause;
  const code = (cause as NodeJS.ErrnoException).code ?? 'an error';
  const state = code === 'ENOENT' ? 'it is gone' : code.startsWith('Z_') ? 'its gzip data is damaged' : code;
  return new PdlError('LIST', `Cannot read ${show(name)} after line ${line}: ${state}`, { cause, reason: code });
}
