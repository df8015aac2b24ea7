/** Finds the journal's record of a job: an index of 12 bytes a record, the record itself read back from its file. */

import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { readLines } from './lines.js';
import { type Entry, idBits, isBelow, isWhole, nameIn } from './record.js';
import { HashTable } from './table.js';

/** What reading the last-named journal, a run's own, found. */
export interface Census {
  records: number;
  /** Records of jobs that a later record replaced. */
  stale: number;
  /** Lines that are no whole record. */
  broken: number;
  /** It ends within a line. */
  torn: boolean;
  /** Number of its last record. */
  seq: number;
}

/** An offset is kept in units of 256 bytes, so that 32 bits reach 1 TB; the record is found within its unit. */
const unit = 256;
const blockSize = 64 * 1024;
const blockCount = 16;

interface File {
  path: string;
  fd: number;
  /** Where it begins in the one address space of all journals. */
  base: number;
}

interface Block {
  fd: number;
  start: number;
  bytes: Buffer;
  /** It reaches the end that the file had at some time after it was indexed. */
  last: boolean;
}

/** All journals as they stood when they were opened. What this run appends is not in it: each job comes once in a run. */
export class Records {
  readonly census: Census = { records: 0, stale: 0, broken: 0, torn: false, seq: 0 };
  readonly #index = new HashTable(true);
  readonly #files: File[] = [];
  readonly #blocks: Block[] = [];
  #next = 0;

  /** @param onName called with each recorded name. */
  static async open(paths: readonly string[], onName: (name: string) => void = () => {}): Promise<Records> {
    const records = new Records();
    let base = 0;
    for (const path of paths) base = await records.#load(path, base, onName);
    return records;
  }

  get size(): number {
    return this.#index.size;
  }

  find(id: string): Entry | null {
    if (this.#index.size === 0) return null;
    const high = Number.parseInt(id.slice(0, 8), 16);
    const low = Number.parseInt(id.slice(8, 16), 16);
    const place = this.#index.get(high, low);
    return place === undefined ? null : this.#read(id, place * unit);
  }

  /** True when the record at this place of that journal is the newest of its job. */
  isNewest(path: string, high: number, low: number, offset: number): boolean {
    const base = this.#files.find((file) => file.path === path)?.base ?? 0;
    return this.#index.get(high, low) === Math.floor((base + offset) / unit);
  }

  close(): void {
    for (const { fd } of this.#files) closeSync(fd);
    this.#files.length = 0;
    this.#blocks.length = 0;
  }

  async #load(path: string, base: number, onName: (name: string) => void): Promise<number> {
    const { census } = this;
    Object.assign(census, { records: 0, stale: 0, broken: 0, torn: false, seq: 0 });
    let last = -1;
    const { size, torn } = await readLines(path, (bytes, start, end, offset) => {
      if (end === start) return;
      const name = isWhole(bytes, start, end) ? nameIn(bytes, start, end) : null;
      if (name === null) {
        census.broken += 1;
        return;
      }
      const [high, low] = idBits(bytes, start);
      census.records += 1;
      last = offset;
      if ((this.#index.get(high, low) ?? -1) >= base / unit) census.stale += 1;
      this.#index.set(high, low, Math.floor((base + offset) / unit));
      onName(name);
    });
    census.torn = torn;
    if (size > 0) this.#files.push({ path, fd: openSync(path, 'r'), base });
    if (last !== -1) census.seq = this.#seqAt(last);
    return base + Math.ceil((size + 1) / unit) * unit;
  }

  /** The record's number, from the file opened last. */
  #seqAt(offset: number): number {
    const { bytes, start } = this.#block(this.#files.at(-1)!.fd, offset, 1024 ** 2 + unit);
    const line = bytes.toString('utf8', offset - start, bytes.indexOf(10, offset - start));
    return (JSON.parse(line) as Entry).seq;
  }

  /** The newest record of the id that begins within the unit at `place`. */
  #read(id: string, place: number): Entry | null {
    const file = this.#files.findLast(({ base }) => base <= place);
    if (!file) return null;
    const mark = `{"id":"${id}",`;
    const position = place - file.base;
    for (const size of [blockSize, 1024 ** 2 + unit]) {
      const { bytes, start } = this.#block(file.fd, position, size);
      const from = position - start;
      let found = bytes.indexOf(mark, from, 'latin1');
      if (found === -1 || found >= from + unit) return null;
      for (let later = found; later !== -1 && later < from + unit; later = bytes.indexOf(mark, later + 1, 'latin1'))
        found = later;
      const end = bytes.indexOf(10, found);
      if (end === -1) continue;
      const entry = JSON.parse(bytes.toString('utf8', found, end)) as Entry;
      return isBelow(entry.name) ? entry : null;
    }
    return null;
  }

  /** A stretch of the file that holds the position. A rerun asks in the order in which records were written, so few blocks serve it. */
  #block(fd: number, position: number, size: number): Block {
    const reserve = size > blockSize ? size : 4096;
    const kept = this.#blocks.find(
      ({ fd: of, start, bytes, last }) =>
        of === fd && start <= position && (last || position + reserve <= start + bytes.length),
    );
    if (kept) return kept;
    const buffer = Buffer.allocUnsafeSlow(size);
    const length = readSync(fd, buffer, 0, size, position);
    const block = { fd, start: position, bytes: buffer.subarray(0, length), last: length < size };
    if (size === blockSize) this.#blocks[this.#next++ % blockCount] = block;
    return block;
  }
}

/** Paths of all journals below a `.pdl`: the unsharded run's, then those of the shards. */
export function journalsOf(top: string): string[] {
  const shards = readdirSync(top).filter((name) => /^shard-\d+-of-\d+$/.test(name));
  return [top, ...shards.sort().map((name) => `${top}/${name}`)].map((folder) => `${folder}/journal.ndjson`);
}
