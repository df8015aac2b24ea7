/** Stand-ins at the ports around a transfer: a wire that is scripted, a task. */

import assert from 'node:assert/strict';
import { type Clock, systemClock } from '../../src/clock.ts';
import { PdlError } from '../../src/errors.ts';
import { type Options, settle } from '../../src/options.ts';
import { openCredentials } from '../../src/transfer/credentials.ts';
import { receive } from '../../src/transfer/receive.ts';
import type { Event, Framing, Job, Layer, Outcome, RawHead, Request, Sink, Task, Transport } from '../../src/types.ts';
import { shelf } from './shelf.ts';

export const home = 'http://h/a.bin';
export const earlier = 'Mon, 01 Jan 2024 00:00:00 GMT';
export const later = 'Mon, 01 Jan 2024 00:00:10 GMT';

/** A clock whose wall time stands still; its timers never fire. */
export const stillClock: Clock = {
  ...systemClock,
  now: () => 0,
  date: () => new Date('2024-01-01T00:00:00Z'),
  timer: () => () => {},
};

/** A run in which every pause is over at once. */
export const stillRun = { clock: stillClock, ending: false, sleep: async () => {} };

export function jobOf(url: string, more: Partial<Job> = {}): Job {
  return { id: '0'.repeat(32), url, origin: { source: 'test', number: 1, text: url }, name: 'a.bin', ...more };
}

interface FakeTask extends Task {
  events: Event[];
}

export function taskOf(url: string, more: Partial<Task> = {}): FakeTask {
  const events: Event[] = [];
  return {
    job: jobOf(url),
    signal: new AbortController().signal,
    meter: { readAt: 0, startedAt: 0, attempts: 0, waitedMs: 0, running: false, received: 0, total: -1 },
    attempt: 1,
    url,
    urgent: false,
    deadline: Number.POSITIVE_INFINITY,
    tell: (event) => void events.push(event),
    fetch: () => assert.fail('no inline request was expected'),
    add: () => assert.fail('no new item was expected'),
    events,
    ...more,
  };
}

/** One scripted answer. Content-Length is added for a body framed by length, unless `headers` has its own. */
export interface Scripted {
  status?: number;
  headers?: RawHead['headers'];
  /** Sent in pieces of `piece` bytes (default: all at once). */
  body?: Uint8Array | string;
  piece?: number;
  framing?: Framing;
  /** Bytes of the body after which the wire breaks. */
  cutAt?: number;
  /** The error of the break. */
  error?: PdlError;
}

interface Wire extends Transport {
  sent: Request[];
}

/** A transport that answers from a list, in order, or from a function of the request. */
export function wire(script: Scripted[] | ((request: Request) => Scripted)): Wire {
  const sent: Request[] = [];
  return {
    sent,
    async send(request, receiver) {
      sent.push(request);
      const answer = typeof script === 'function' ? script(request) : script[sent.length - 1];
      assert.ok(answer, `request ${sent.length} was not expected: ${request.url}`);
      const body = Buffer.from(answer.body ?? '');
      const framing = answer.framing ?? 'length';
      const length: RawHead['headers'] = framing === 'length' ? { 'content-length': String(body.length) } : {};
      await receiver.onHead({ status: answer.status ?? 200, headers: { ...length, ...answer.headers } });
      const end = answer.cutAt ?? body.length;
      const piece = answer.piece ?? Math.max(end, 1);
      for (let at = 0; at < end; at += piece) await receiver.onData(body.subarray(at, Math.min(at + piece, end)));
      if (answer.cutAt !== undefined) throw answer.error ?? new PdlError('RESET', 'Cannot fetch: it broke');
      return framing;
    },
    async close() {},
  };
}

/** Fetches once through receive. */
export function fetchOnce(
  script: Parameters<typeof wire>[0] | Wire,
  sink: Sink = shelf(),
  options: Options = {},
  task: Task = taskOf(home),
): Promise<Outcome> {
  const settings = settle({ clock: stillClock, ...options });
  const transport = typeof script === 'object' && 'send' in script ? script : wire(script);
  return landing(receive(transport, sink, settings, stillClock, openCredentials(settings, {})))(task);
}

/** For assert.rejects: a PdlError of that code (and facts). */
export function fails(code: string, facts: Record<string, unknown> = {}, message = /^Cannot /) {
  return (error: unknown) => {
    assert.ok(error instanceof PdlError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    for (const [name, value] of Object.entries(facts)) {
      assert.deepEqual(error.facts[name as keyof typeof error.facts], value, name);
    }
    return true;
  };
}

/** Waits for what is landing, as the politeness layer does. */
export const landing: Layer = (next) => async (task) => {
  const outcome = await next(task);
  return outcome.status === 'landing' ? outcome.landed : outcome;
};
