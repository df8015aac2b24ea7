/** Sorts lines by their shard and packs each shard's into chunks. */

import type { Job } from '../types.js';
import { hostOf } from '../url.js';
import { packChunk, packLine } from './pack.js';
import type { Chunk } from './run.js';
import { openShardOf } from './shard-of.js';

/** Lines of a chunk at most: what a worker holds of a shard, and what is packed at once. */
const mostLines = 128;

export interface Chunker {
  /** Lines that wait for their chunk to fill. */
  readonly waiting: number;
  /** Chunks that are full. */
  readonly full: number;
  /** @param at number of the line. @param isNamed the list gave its name. */
  add(job: Job, at: number, isNamed: boolean): void;
  /** Packs what waits, too. */
  packAll(): void;
  /** Takes full chunks away, oldest first. */
  take(most: number): Chunk[];
}

interface Waiting {
  rows: string[];
  sources: string[];
  last: number;
}

/** @param past by shard, number of the last line that was handed over before: lines up to there are passed over. */
export function openChunker(past: ReadonlyMap<number, number>): Chunker {
  const waiting = new Map<number, Waiting>();
  const shardOf = openShardOf();
  let full: Chunk[] = [];
  let held = 0;

  const pack = (shard: number, { rows, sources, last }: Waiting) => {
    full.push({ shard, last, count: rows.length, blob: packChunk(rows, sources) });
    held -= rows.length;
    waiting.delete(shard);
  };

  return {
    get waiting() {
      return held;
    },
    get full() {
      return full.length;
    },
    add(job, at, isNamed) {
      const shard = shardOf(hostOf(job.url));
      if (at <= (past.get(shard) ?? 0)) return;
      const lines = waiting.get(shard) ?? { rows: [], sources: [], last: 0 };
      if (lines.rows.length === 0) waiting.set(shard, lines);
      let source = lines.sources.lastIndexOf(job.origin.source);
      if (source === -1) source = lines.sources.push(job.origin.source) - 1;
      lines.last = at;
      held += 1;
      if (lines.rows.push(packLine(job, isNamed, source)) === mostLines) pack(shard, lines);
    },
    packAll() {
      for (const [shard, lines] of waiting) pack(shard, lines);
    },
    take(most) {
      const taken = full.slice(0, most);
      full = full.slice(most);
      return taken;
    },
  };
}
