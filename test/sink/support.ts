/** What the tests of this folder share: jobs, heads, a directory of their own, and bodies put through a sink. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/clock.ts';
import { PdlError } from '../../src/errors.ts';
import { type Options, settle } from '../../src/options.ts';
import { type Directory, openDirectory } from '../../src/sink/directory.ts';
import { openNames } from '../../src/sink/names.ts';
import type { Head, Job, Landed, Sink } from '../../src/types.ts';
import type { Order } from './child.ts';

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** A job as the list makes it; `name` is what the list names the file. */
export function listed(url: string, more: Partial<Job> = {}): Job {
  const named = more.name === undefined ? url : `${url}\n${more.name}`;
  return { id: sha256(named).slice(0, 32), url, origin: { source: 'list.txt', number: 1, text: url }, ...more };
}

/** A job after intake: its name is given. */
export function named(url: string, name: string, more: Partial<Job> = {}): Job {
  return { ...listed(url, more), name };
}

export function head(total?: number, more: Partial<Head> = {}): Head {
  return { status: 200, url: 'http://h/', offset: 0, headers: {}, ...(total !== undefined && { total }), ...more };
}

/** A directory that is removed after the test. */
export function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'pdl-sink-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export function open(dir: string, options: Options = {}): Promise<Directory> {
  return openDirectory(settle({ dir, ...options }), systemClock);
}

/** Opens, works, closes. */
export async function within<T>(dir: string, options: Options, work: (sink: Directory) => T | Promise<T>): Promise<T> {
  const sink = await open(dir, options);
  try {
    return await work(sink);
  } finally {
    await sink.close();
  }
}

/** Puts a body through a sink in chunks. */
export async function put(
  sink: Sink & { add?(job: Job): void | Promise<void> },
  job: Job,
  body: string | Uint8Array,
  more: Partial<Head> = {},
  chunk = 65_536,
): Promise<Landed> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const part = await sink.begin(job, head((more.offset ?? 0) + bytes.length, more));
  for (let at = 0; at < bytes.length; at += chunk) await part.write(bytes.subarray(at, at + chunk));
  const landed = await part.finish({ lengthUnknown: false });
  await sink.add?.(job);
  return landed;
}

/** Begins a body and breaks it off after `bytes`. */
export async function cut(
  sink: Sink,
  job: Job,
  body: Uint8Array,
  bytes: number,
  more: Partial<Head> = {},
): Promise<void> {
  const part = await sink.begin(job, head(body.length, more));
  for (let at = 0; at < bytes; at += 65_536) await part.write(body.subarray(at, Math.min(bytes, at + 65_536)));
  await part.abandon();
}

/** Bytes that are not all alike. */
export function bytes(count: number, seed = 1): Buffer {
  const buffer = Buffer.alloc(count);
  let state = seed >>> 0 || 1;
  for (let at = 0; at < count; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    buffer[at] = state & 0xff;
  }
  return buffer;
}

/** Gives names to URLs in list order. */
export function give(urls: readonly (string | Job)[], options: Options = {}): string[] {
  const names = openNames(settle(options));
  return urls.map((url, at) => names.give(typeof url === 'string' ? listed(url) : url, at + 1));
}

/** The body of a file by its place in the list; its first 16 bytes tell which it is, so that a stranger can check it. */
export function bodyOf(at: number, version: number, size: number): Buffer {
  const body = Buffer.alloc(Math.max(size, 16), (at * 31 + version * 7) & 0xff);
  body.writeUInt32LE(at, 0);
  body.writeUInt32LE(version, 4);
  body.writeUInt32LE(body.length, 8);
  for (let place = 4096; place + 4 <= body.length; place += 4096) body.writeUInt32LE(place ^ version, place);
  return body;
}

/** True for a whole body of one version. */
export function isWholeBody(bytes: Buffer): boolean {
  if (bytes.length < 16) return false;
  const body = bodyOf(bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(8));
  return bytes.equals(body);
}

/** A `child.ts` at work, and what it said. */
export interface Child {
  process: ChildProcess;
  said: Said[];
  /** Resolves at its first word. */
  ready: Promise<Said>;
  ended: Promise<Said[]>;
}

/** biome-ignore lint/suspicious/noExplicitAny: the words of a process are as they are. */
export type Said = Record<string, any>;

/** @param wrap a command in front, such as strace with its options. */
export function startChild(order: Order, wrap: readonly string[] = []): Child {
  const program = fileURLToPath(new URL('./child.ts', import.meta.url));
  const [command, ...rest] = [...wrap, process.execPath, '--import', 'tsx', program, JSON.stringify(order)];
  const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: Said[] = [];
  const lines = createInterface({ input: child.stdout! });
  const ready = once(lines, 'line').then(() => said[0]!);
  lines.on('line', (line) => said.push(JSON.parse(line)));
  const ended = once(child, 'close').then(() => said);
  return { process: child, said, ready, ended };
}

/** Saves files of those sizes in list order, `workers` at a time, continuing what is held; tells each ending. */
export async function saveAll(
  sink: Directory,
  order: Omit<Order, 'options'>,
  tell: (said: Said) => void,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < order.sizes.length) {
      const at = next++;
      const job = named(`http://h/${at}`, pathOf(at));
      try {
        tell(await saveOne(sink, job, bodyOf(at, order.version, order.sizes[at]!), `"${order.version}"`));
      } catch (error) {
        if (!(error instanceof PdlError)) throw error;
        tell({ at, code: error.code, reason: error.facts.reason, message: error.message });
      }
    }
  };
  await Promise.all(Array.from({ length: order.workers }, work));
}

/** Every third file lies in a sub-directory. */
export function pathOf(at: number): string {
  return at % 3 === 0 ? `sub/${at}` : `${at}`;
}

async function saveOne(sink: Directory, job: Job, body: Buffer, validator: string): Promise<Said> {
  const passed = sink.skip(job);
  if (passed) return { path: passed.path, reason: passed.reason };
  const held = await sink.held(job);
  const resumedFrom = held?.kind === 'part' && held.validator === validator ? held.offset : 0;
  const part = await sink.begin(job, head(body.length, { offset: resumedFrom, validator }));
  try {
    for (let at = resumedFrom; at < body.length; at += 65_536) {
      await part.write(body.subarray(at, at + 65_536));
      if (at % (16 * 65_536) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  } catch (error) {
    await part.abandon();
    throw error;
  }
  const landed = await part.finish({ lengthUnknown: false });
  await sink.add(job);
  return { ...landed, resumedFrom };
}
