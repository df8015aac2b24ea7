/** A server between whose answers anything may happen: cuts, crashes, replaced files, ranges that lie. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Request } from '../../src/types.ts';
import type { Scripted } from './fakes.ts';
import type { Shelf } from './shelf.ts';

/** How one request of the sequence goes. */
export interface Step {
  /** The file is replaced just before. */
  changes: boolean;
  /** Milliseconds that pass before the request, at the server. */
  pause: number;
  /** Share of the body after which the connection breaks; 1 and more is whole. */
  cut: number;
  framing: 'length' | 'chunked' | 'close';
  /** What the server makes of a Range. */
  ranges: 'right' | 'ignored' | 'unconditional' | 'shifted' | 'unsaid' | 'multipart' | 'refused';
  /** For `shifted`: where the range that is sent begins and ends beside the one asked for, and the total it states. */
  shift: [start: number, end: number, total: '*' | number];
  /** Answers to a Range carry no validator. */
  bare: boolean;
  /** The break is not noticed by the transport. */
  quiet: boolean;
  /** A different encoding of the same bytes from here on. */
  encoding: 'identity' | 'gzip';
  /** Share of the part that a crash leaves before the request. */
  crash: number;
}

export interface Model {
  sizes: number[];
  tag: 'strong' | 'weak' | 'none' | 'empty';
  modified: boolean;
  steps: Step[];
}

export const model: fc.Arbitrary<Model> = fc.record({
  // Few and small sizes: equal lengths of different versions are the dangerous ones.
  sizes: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 5 }),
  tag: fc.constantFrom('strong', 'strong', 'weak', 'none', 'none', 'empty'),
  modified: fc.boolean(),
  steps: fc.array(
    fc.record({
      changes: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
      pause: fc.constantFrom(0, 300, 1000, 2500),
      cut: fc.constantFrom(0, 0.2, 0.5, 0.8, 1, 1, 2),
      framing: fc.constantFrom('length', 'length', 'chunked', 'close'),
      ranges: fc.constantFrom(
        ...(['right', 'right', 'right', 'ignored', 'unconditional', 'unconditional'] as const),
        ...(['shifted', 'shifted', 'unsaid', 'multipart', 'refused', 'refused'] as const),
      ),
      shift: fc.tuple(
        fc.constantFrom(-1, 0, 0, 1),
        fc.constantFrom(-1, 0, 0),
        fc.constantFrom<('*' | number)[]>('*', 0, 0, 1),
      ),
      bare: fc.constantFrom(false, false, true),
      quiet: fc.boolean(),
      encoding: fc.constantFrom('identity', 'identity', 'identity', 'gzip'),
      crash: fc.constantFrom(1, 1, 1, 0.5),
    }),
    { minLength: 1, maxLength: 12 },
  ),
});

/** A server after the model. Its headers are honest about its bytes unless a step says otherwise; it never sends one version's validator with another's bytes. */
export class Server {
  readonly versions: string[] = [];
  readonly #model: Model;
  readonly #shelf: Shelf;
  #now = Date.UTC(2024, 0, 1);
  #changedAt = this.#now - 5000;
  #step = -1;

  constructor(given: Model, held: Shelf) {
    this.#model = given;
    this.#shelf = held;
    this.#replace();
  }

  /** Each version is another letter, so that a splice shows in any byte. */
  #replace(): void {
    const nth = this.versions.length;
    const size = this.#model.sizes[nth % this.#model.sizes.length]!;
    this.versions.push(String.fromCharCode(97 + (nth % 26)).repeat(size));
    if (nth > 0) this.#changedAt = this.#now;
  }

  answer(request: Request): Scripted {
    const step = this.#model.steps[++this.#step % this.#model.steps.length]!;
    this.#now += step.pause;
    if (step.changes) this.#replace();
    const raw = this.versions.at(-1)!;
    const body = step.encoding === 'gzip' ? raw.toUpperCase() : raw;
    const headers = this.#headers(step);
    const asked = /^bytes=(\d+)-$/.exec(request.headers['Range'] ?? '')?.[1];
    if (asked === undefined || step.ranges === 'ignored') return cut(step, { status: 200, headers, body });
    const condition = request.headers['If-Range'];
    assert.ok(condition && !condition.startsWith('W/'), 'a Range goes under a strong validator only');
    const same = [headers['etag'], headers['last-modified']].includes(condition);
    if (!same && step.ranges === 'right') return cut(step, { status: 200, headers, body });
    return cut(step, ranged(step, Number(asked), headers, body));
  }

  #headers(step: Step): Record<string, string> {
    const { tag, modified } = this.#model;
    const nth = this.versions.length;
    const headers: Record<string, string> = { date: new Date(this.#now).toUTCString() };
    const coding = step.encoding === 'gzip' ? '-gzip' : '';
    if (tag === 'strong') headers['etag'] = `"${nth}${coding}"`;
    if (tag === 'weak') headers['etag'] = 'W/"always the same"';
    if (tag === 'empty') headers['etag'] = '""';
    if (modified) headers['last-modified'] = new Date(this.#changedAt).toUTCString();
    if (step.encoding === 'gzip') headers['content-encoding'] = 'gzip';
    return headers;
  }

  /** What a crash does to the part between two requests. */
  crash(): void {
    const { note, bytes } = this.#shelf;
    const step = this.#model.steps[(this.#step + 1) % this.#model.steps.length]!;
    if (note?.kind !== 'part') return;
    const offset = Math.floor(bytes.length * step.crash);
    this.#shelf.bytes = bytes.subarray(0, offset);
    this.#shelf.note = { ...note, offset };
  }
}

function ranged(step: Step, asked: number, headers: Record<string, string>, body: string): Scripted {
  const own = { ...headers };
  if (step.bare) delete own['etag'];
  // Only a server that heeds If-Range leaves Last-Modified out (RFC 9110 section 15.3.7).
  if (step.bare && step.ranges === 'right') delete own['last-modified'];
  if (step.ranges === 'refused' || asked >= body.length) {
    return { status: 416, headers: { ...own, 'content-range': `bytes */${body.length}` } };
  }
  const [from, to, more] = step.ranges === 'shifted' ? step.shift : [0, 0, 0];
  const start = Math.max(0, asked + from);
  const end = Math.max(start + 1, body.length + to);
  if (step.ranges === 'multipart') own['content-type'] = 'multipart/byteranges; boundary=x';
  else if (step.ranges !== 'unsaid') {
    own['content-range'] = `bytes ${start}-${end - 1}/${more === '*' ? more : body.length + more}`;
  }
  return { status: 206, headers: own, body: body.slice(start, end) };
}

/** Breaks the body off. The break is always told where nothing else could tell it: in a 200 without length. */
function cut(step: Step, answer: Scripted): Scripted {
  const { body = '', headers } = answer;
  const at = Math.floor(body.length * step.cut);
  const sent = { ...answer, framing: step.framing, piece: 2 };
  if (at >= body.length) return sent;
  const counted = step.framing === 'length' || headers?.['content-range'] !== undefined;
  if (!step.quiet || !counted) return { ...sent, cutAt: at };
  return { ...sent, headers: { 'content-length': String(body.length), ...headers }, body: body.slice(0, at) };
}
