/** What tests of the wire need: one opened with a few settings, and answers gathered in memory. */

import assert from 'node:assert/strict';
import { type Clock, systemClock } from '../../src/clock.ts';
import { type ErrorCode, PdlError } from '../../src/errors.ts';
import { type Settings, settle } from '../../src/options.ts';
import { openHttp } from '../../src/transfer/http.ts';
import type { Framing, RawHead, Receiver, Request, Transport } from '../../src/types.ts';

interface Gathered {
  framing: Framing;
  status: number;
  headers: RawHead['headers'];
  body: Buffer;
}

/** Settings over the defaults, already parsed (ms, bytes). */
export type Some = Partial<Settings>;

/** A wire with these settings; proxies come from `env` alone. */
export function open(settings: Some = {}, clock: Clock = systemClock, env: Record<string, string> = {}): Transport {
  return openHttp({ ...settle(), ...settings }, clock, env);
}

/** Runs `work` with a wire and closes it. */
export async function withWire<T>(settings: Some, work: (wire: Transport) => Promise<T>, clock?: Clock): Promise<T> {
  const wire = open(settings, clock);
  try {
    return await work(wire);
  } finally {
    await wire.close();
  }
}

const never = new AbortController().signal;

/** A GET without any headers, signal or deadline unless given. */
export function request(url: string, rest: Partial<Request> = {}): Request {
  return { url, method: 'GET', headers: {}, signal: never, deadline: Number.POSITIVE_INFINITY, ...rest };
}

/** A receiver that keeps everything. */
export function gatherer(): Receiver & { head: RawHead | null; chunks: Uint8Array[] } {
  return {
    head: null,
    chunks: [],
    onHead(head) {
      this.head = head;
    },
    onData(chunk) {
      this.chunks.push(chunk);
    },
  };
}

/** Fetches into memory. */
export async function get(wire: Transport, url: string, rest: Partial<Request> = {}): Promise<Gathered> {
  const into = gatherer();
  const framing = await wire.send(request(url, rest), into);
  return { framing, status: into.head!.status, headers: into.head!.headers, body: Buffer.concat(into.chunks) };
}

/** Expects a PdlError of this code, checks the form of its sentence, and returns it. */
export async function failure(code: ErrorCode, attempt: Promise<unknown>): Promise<PdlError> {
  const error = await attempt.then(
    (value) => assert.fail(`expected ${code}, got ${JSON.stringify(value)?.slice(0, 200)}`),
    (reason) => reason,
  );
  if (!(error instanceof PdlError)) throw error;
  assert.equal(error.code, code, error.message);
  assert.match(error.message, /^Cannot .+: .*[^.]$/);
  return error;
}
