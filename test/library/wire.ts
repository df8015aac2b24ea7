/** A transport of one's own: a site in memory that keeps a log, and a run on it without a disk. */

import {
  download,
  memory,
  type Options,
  type Request,
  type Result,
  type Source,
  type Summary,
} from '../../src/index.ts';
import type { Transport } from '../../src/types.ts';

export interface Page {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Comes without Content-Length, chunked. */
  untold?: boolean;
}

export type Answering = (path: string, request: Request) => Page | string | Promise<Page | string>;

export interface Wire extends Transport {
  /** Paths in the order in which they were asked for. */
  readonly log: string[];
  readonly requests: Request[];
  /** Requests open now, and the most there ever were. */
  open: number;
  most: number;
  closed: boolean;
}

/** Answers each request by `answering`, at once or when its promise resolves. */
export function wire(answering: Answering = (path) => path): Wire {
  const self: Wire = {
    log: [],
    requests: [],
    open: 0,
    most: 0,
    closed: false,
    async send(request, receiver) {
      const { pathname, search } = new URL(request.url);
      self.log.push(pathname + search);
      self.requests.push(request);
      self.open += 1;
      self.most = Math.max(self.most, self.open);
      try {
        const given = await Promise.race([answering(pathname + search, request), aborted(request.signal)]);
        const page: Page = typeof given === 'string' ? { body: given } : given;
        const { status = 200, headers = {}, body = '', untold = false } = page;
        const bytes = Buffer.from(body);
        const length = untold ? {} : { 'content-length': String(bytes.length) };
        await receiver.onHead({ status, headers: { ...length, ...headers } });
        if (bytes.length > 0) await receiver.onData(bytes);
        return untold ? 'chunked' : 'length';
      } finally {
        self.open -= 1;
      }
    },
    async close() {
      self.closed = true;
    },
  };
  return self;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

export interface Told {
  results: Result[];
  summary: Summary;
}

/** Takes all results of a run into memory. */
export async function run(source: Source, options: Options): Promise<Told> {
  const results: Result[] = [];
  const generator = download(source, { sink: memory(), retry: 0, ...options });
  for (;;) {
    const step = await generator.next();
    if (step.done) return { results, summary: step.value };
    results.push(step.value);
  }
}

export const url = (path: string, host = 'site.example') => `http://${host}${path}`;

/** `saved /a`, `skipped /b duplicate`, `failed /c HOOK`. */
export function brief(result: Result): string {
  const { pathname } = URL.canParse(result.url) ? new URL(result.url) : { pathname: result.url };
  if (result.status === 'saved') return `saved ${pathname}`;
  return `${result.status} ${pathname} ${result.status === 'failed' ? result.error.code : result.reason}`;
}

export function bodyOf(result: Result): string {
  return result.status === 'saved' ? Buffer.from(result.body ?? []).toString() : `(${brief(result)})`;
}

export function messageOf(result: Result): string {
  return result.status === 'failed' ? result.error.message : `(${brief(result)})`;
}

/** Some turns of the event loop: what could go on has gone on. */
export async function quiet(turns = 50): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
