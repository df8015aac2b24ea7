/** Raw servers that answer as cases say, and pdl in this process that fetches from them: many hosts 127.x.y.z at once. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { download, memory, type Result } from '../../src/index.ts';
import { type Exchange, type Server, startServer } from '../support/server.ts';
import type { Case, Reply } from './grammar.ts';
import type { Outcome } from './judge.ts';

export interface FetchOptions {
  /** Patience with a silent server, in ms. */
  timeout: number;
  /** Into files instead of memory. */
  files?: boolean;
}

export interface Playground {
  /** Fetches each line of each case, as they are drawn; `onOutcome` hears what came of a line. */
  stream(
    cases: Iterable<Case>,
    options: FetchOptions,
    onOutcome: (line: Line, outcome: Outcome) => void,
  ): Promise<void>;
  close(): Promise<void>;
}

export interface Line {
  case: Case;
  reply: Reply;
  /** Number of the case. */
  at: number;
}

interface Placed extends Line {
  requests: number;
  results: number;
}

/** From here on a line's requests are answered with 404, so that a loop ends. */
const enough = 20;

export async function openPlayground(): Promise<Playground> {
  const lines = new Map<string, Placed>();
  let hosts = 0;
  const routes = { c: answer };
  const plain = await startServer({ log: false, host: '0.0.0.0', routes });
  const secure = await startServer({ log: false, host: '0.0.0.0', routes, tls: true });

  return {
    async stream(cases, options, onOutcome) {
      for await (const { url, seen } of run(place(cases), options)) {
        const line = lines.get(url)!;
        line.results++;
        if (line.results === 1) onOutcome(line, { ...seen, results: 1, requests: line.requests });
      }
      for (const line of lines.values())
        if (line.results !== 1)
          onOutcome(line, { status: 'none', ms: 0, results: line.results, requests: line.requests });
      lines.clear();
    },
    async close() {
      await Promise.all([plain.close(), secure.close()]);
    },
  };

  /** Gives each case a host of its own. */
  function* place(cases: Iterable<Case>): Iterable<string> {
    let at = 0;
    for (const one of cases) {
      const number = ++hosts;
      const host = `127.${1 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
      const server: Server = one.tls ? secure : plain;
      for (const [nth, reply] of one.replies.entries()) {
        const url = server.url(`/c/${nth}`, host);
        lines.set(url, { case: one, reply, at, requests: 0, results: 0 });
        yield url;
      }
      at++;
    }
  }

  async function answer(exchange: Exchange): Promise<void> {
    const { logged, headers, server } = exchange;
    const line = lines.get(`http${server.certificate ? 's' : ''}://${headers['host']}${logged.path}`);
    if (line === undefined || ++line.requests > enough) return exchange.answer(404);
    const { raw, pieces, pause, end } = line.reply;
    let from = 0;
    for (const size of [...pieces, raw.length]) {
      if (from > 0) await (pause > 0 ? exchange.wait(pause) : nextTurn());
      await exchange.raw(raw.slice(from, from + size));
      from += size;
    }
    if (end === 'fin') exchange.close();
    if (end !== 'rst') return;
    if (pause > 0) await exchange.wait(20);
    exchange.reset();
  }
}

/** Time for the client, in the same process, to read what was written. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

type Seen = Omit<Outcome, 'results' | 'requests'>;

/** One run of pdl. A file that stands there without a result is found, too. */
async function* run(
  urls: Iterable<string>,
  { timeout, files = false }: FetchOptions,
): AsyncGenerator<{ url: string; seen: Seen }> {
  const dir = files ? mkdtempSync(join(tmpdir(), 'pdl-fuzz-')) : undefined;
  const options = {
    ...(dir === undefined ? { sink: memory() } : { dir, name: '{host}-{name}' }),
    maxWorkers: 48,
    window: 64,
    perHost: 1,
    retry: 0,
    timeout: `${timeout}ms`,
    maxRedirects: 0,
    insecure: true,
  };
  try {
    const paths = new Set<string>();
    for await (const result of download(urls, options)) {
      yield { url: result.url, seen: seenOf(result) };
      if (result.status === 'saved') paths.add(result.path);
    }
    for (const name of dir === undefined ? [] : readdirSync(dir))
      if (name !== '.pdl' && !paths.has(join(dir!, name))) throw new Error(`a file without a result: ${name}`);
  } finally {
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

function seenOf(result: Result): Seen {
  const { status, durationMs: ms } = result;
  if (status === 'failed') return { status, ms, code: result.error.code, message: result.error.message };
  if (status !== 'saved') return { status, ms };
  const body = Buffer.from(result.body ?? readFileSync(result.path)).toString('latin1');
  return { status, ms, body, unsized: result.lengthUnknown ?? false };
}
