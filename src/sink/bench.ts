/** Puts made-up bodies through a sink, and looks at what has landed. */

import { createHash } from 'node:crypto';
import { type ErrorCode, PdlError } from '../errors.js';
import type { Algorithm, Checksum, Head, Job, Landed, Part, Sink } from '../types.js';

/** The sink under test. */
export interface Subject {
  /** Opens a fresh, empty sink. Called once for each claim; the claim closes it. */
  open(): Sink | Promise<Sink>;
  /** Reads back what has landed, before the sink is closed. Default: `landed.body`. */
  read?(landed: Landed): Uint8Array | Promise<Uint8Array>;
  /** Names (those of the jobs) of all that has landed since `open`; where it is missing, that is not looked at. */
  names?(): string[] | Promise<string[]>;
}

/** How a body is told of. */
interface Manner {
  /** The head says no length. */
  untold?: boolean;
  /** The length that the head says; default: the true one. */
  total?: number;
  /** The head continues what is held. */
  offset?: number;
  /** What the list says of it. */
  checksum?: Checksum;
  /** Chunks are written without waiting for each other. */
  rush?: boolean;
}

export class Bench {
  readonly sink: Sink;
  readonly #subject: Subject;

  constructor(subject: Subject, sink: Sink) {
    this.#subject = subject;
    this.sink = sink;
  }

  /** A whole body lands. */
  async lands(name: string, bytes: Uint8Array, manner: Manner = {}): Promise<void> {
    const part = await this.#filled(name, bytes, manner);
    const landed = await part.finish({ lengthUnknown: manner.untold === true });
    check(typeof landed.path === 'string', `finish() told the path ${String(landed.path)}`);
    check(landed.bytes === bytes.length, `finish() told ${landed.bytes} bytes of ${bytes.length}`);
    const hex = digest('sha256', bytes);
    check((landed.sha256 ?? hex) === hex, 'finish() told a wrong sha256');
    const read = await (this.#subject.read?.(landed) ?? landed.body);
    check(read !== undefined, 'there is no body to look at (does the subject need a `read`?)');
    check(Buffer.compare(read!, bytes) === 0, `${name} is not what was sent (${read!.length} bytes)`);
    const held = await this.sink.held(jobOf(name));
    check(held?.kind !== 'part', 'held() tells of a part of what is finished');
    check((await this.#has(name)) !== false, `${name} is not where it should have landed`);
  }

  /** A body is refused at its end. */
  async refuses(name: string, bytes: Uint8Array, code: ErrorCode, manner: Manner): Promise<void> {
    const part = await this.#filled(name, bytes, manner);
    const finish = async () => part.finish({ lengthUnknown: false });
    const error = await finish().then(
      () => null,
      (reason: unknown) => reason,
    );
    check(error instanceof PdlError && error.code === code, `finish() gave ${String(error)}, not ${code}`);
    check((await this.#has(name)) !== true, `${name} has landed all the same`);
  }

  /** A body begins, and breaks off. */
  async breaks(name: string, bytes: Uint8Array, after: number): Promise<void> {
    const part = await this.sink.begin(jobOf(name), headOf(bytes, {}));
    await write(part, bytes.subarray(0, after), false);
    await part.abandon();
    check((await this.#has(name)) !== true, `${name} has landed though it broke off`);
  }

  /** Where a body that broke off after `most` bytes may be continued. */
  async offsetOf(name: string, most: number): Promise<number> {
    const held = await this.sink.held(jobOf(name));
    if (held?.kind !== 'part') return 0;
    check(held.offset > 0 && held.offset <= most, `held() told of ${held.offset} bytes, and ${most} were sent`);
    check(held.validator === validator, `held() told the validator ${held.validator}, and it was ${validator}`);
    return held.offset;
  }

  /** A part with all bytes written, not yet finished. */
  async #filled(name: string, bytes: Uint8Array, manner: Manner): Promise<Part> {
    const part = await this.sink.begin(jobOf(name, manner.checksum), headOf(bytes, manner));
    await write(part, bytes.subarray(manner.offset ?? 0), manner.rush === true);
    return part;
  }

  async #has(name: string): Promise<boolean | undefined> {
    return (await this.#subject.names?.())?.includes(name);
  }
}

const validator = '"v1"';
export const algorithms: readonly Algorithm[] = ['sha256', 'sha512', 'sha1', 'md5'];

export function jobOf(name: string, checksum?: Checksum): Job {
  const url = `https://sink.example/${name}`;
  const id = digest('sha256', url).slice(0, 32);
  const job: Job = { id, url, origin: { source: 'list.txt', number: 1, text: url }, name };
  return checksum === undefined ? job : { ...job, checksum };
}

function headOf(bytes: Uint8Array, { untold = false, offset = 0, total = bytes.length }: Manner): Head {
  const head: Head = { status: offset > 0 ? 206 : 200, url: 'https://sink.example/', offset, validator, headers: {} };
  return untold ? head : { ...head, total };
}

/** Each chunk is a copy of its own, as those of a socket are. */
async function write(part: Part, bytes: Uint8Array, rush: boolean): Promise<void> {
  const waits: unknown[] = [];
  for (let at = 0; at < bytes.length; at += 65_536) {
    const written = part.write(bytes.slice(at, at + 65_536));
    if (rush) waits.push(written);
    else await written;
  }
  await Promise.all(waits);
}

/** Bytes that differ with the seed, and from chunk to chunk: a shorter pattern would hide that chunks changed places. */
export function body(size: number, seed = 0): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 1) bytes[at] = (at * 31 + (at >> 8) * 7 + (at >> 16) * 13 + seed * 101) & 0xff;
  return bytes;
}

export function digest(algorithm: Algorithm, data: string | Uint8Array): string {
  return createHash(algorithm).update(data).digest('hex');
}

export function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(`the sink breaks its promise: ${otherwise}`);
}
