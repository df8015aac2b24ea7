/** A server whose 200 files change while they are fetched, and that breaks off at random; it knows every version it ever had. */

import { createHash } from 'node:crypto';
import { bytesOf } from './bytes.ts';
import type { Exchange } from './exchange.ts';
import { type Server, startServer } from './server.ts';
import { rangeStart, rightAnswer, serve, type Version } from './sins-ranges.ts';

/** Uniform in [0, 1), the same row for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** How a file's server tells its versions apart; what it cannot tell must never be continued. */
const kinds = ['strong', 'strong', 'strong', 'modified', 'weak', 'none'] as const;

class FickleFile {
  readonly index: number;
  readonly hashes = new Set<string>();
  version!: Version;
  #seed = 0;

  constructor(index: number, random: () => number) {
    this.index = index;
    this.change(random);
  }

  /** The next version: other bytes under another validator. Every third file keeps its size. */
  change(random: () => number): void {
    const count = this.#seed++;
    const keepsSize = this.index % 3 === 0 && this.version !== undefined;
    const body = bytesOf(keepsSize ? this.version.body.length : this.#size(random), this.index * 1000 + count);
    const kind = kinds[this.index % kinds.length];
    const lastModified = new Date(Date.UTC(2024, 0, 1) + count * 60_000).toUTCString();
    this.version = {
      body,
      ...(kind === 'strong' && { etag: `"${this.index}-${count}"`, lastModified }),
      ...(kind === 'weak' && { etag: `W/"${this.index}-${count}"` }),
      ...(kind === 'modified' && { lastModified }),
    };
    this.hashes.add(sha256(body));
  }

  /** 0 to 300 kB; one file in 25 is large enough to be streamed to its part instead of gathered. */
  #size(random: () => number): number {
    if (this.index % 50 === 7) return 0;
    if (this.index % 25 === 1) return 1_100_000 + Math.floor(random() * 900_000);
    return Math.floor(300_000 * random() ** 2);
  }
}

export interface Fickle {
  server: Server;
  files: FickleFile[];
  /** Requests so far. */
  asked(): number;
  /** From now on every answer is whole, and no file changes. */
  calm(): void;
  /** Replaces about one file in ten. */
  change(): void;
  /** How often each thing happened: a test that meets none of its cases proves nothing. */
  met: Record<string, number>;
}

export async function startFickle(count: number, seed: number): Promise<Fickle> {
  const random = seeded(seed);
  const files = Array.from({ length: count }, (_, index) => new FickleFile(index, random));
  const met: Record<string, number> = {};
  let asked = 0;
  let isCalm = false;
  const meet = (what: string) => {
    met[what] = (met[what] ?? 0) + 1;
  };
  const server = await startServer({ log: false, routes: { f: answer } });
  return {
    server,
    files,
    met,
    asked: () => asked,
    calm() {
      isCalm = true;
    },
    change() {
      for (const file of files) if (random() < 0.1) file.change(random);
    },
  };

  async function answer(exchange: Exchange): Promise<void> {
    asked++;
    const file = files[Number(exchange.rest[0])]!;
    if (isCalm) return serve(exchange, file.version);
    if (random() < 0.15) file.change(random);
    const { version } = file;
    // A server that does not know If-Range sends the rest of what it has now.
    if (rangeStart(exchange) !== null && random() < 0.3) delete exchange.headers['if-range'];
    const { status, headers, body } = rightAnswer(exchange, version);
    meet(String(status));
    if (status === 304 || status === 416) return serve(exchange, version);
    const { 'Content-Length': length, ...others } = headers as Record<string, string>;
    const chunked = random() < 0.2;
    await exchange.head(
      status,
      chunked ? { ...others, 'Transfer-Encoding': 'chunked' } : { ...others, 'Content-Length': length! },
    );
    const end = random();
    const until = end < 0.6 ? body.length : Math.floor(random() * body.length);
    await pour(exchange, body.subarray(0, until), chunked, () => file.change(random));
    if (end < 0.6) return chunked ? exchange.raw('0\r\n\r\n') : undefined;
    if (end < 0.7) {
      meet('stall');
      await exchange.wait(2_000);
    }
    meet('cut');
    if (end < 0.85) return exchange.close();
    await exchange.wait(10);
    exchange.reset();
  }

  /** Sends in pieces, some of them late; sometimes the file is replaced in the middle of its body. */
  async function pour(exchange: Exchange, body: Buffer, chunked: boolean, change: () => void): Promise<void> {
    const step = random() < 0.3 ? Math.ceil(body.length / 8) : body.length;
    for (let at = 0; at < body.length && !exchange.gone; at += step) {
      const piece = body.subarray(at, at + step);
      await exchange.raw(
        chunked ? Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]) : piece,
      );
      if (step < body.length) await exchange.wait(random() * 15);
      if (at === 0 && random() < 0.05) {
        meet('changed within');
        change();
      }
    }
  }
}
