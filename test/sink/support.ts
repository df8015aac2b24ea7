/** What the tests of this folder share: jobs, heads, a directory of their own, and bodies put through a sink. */

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { type Options, settle } from '../../src/options.ts';
import { type Directory, openDirectory } from '../../src/sink/directory.ts';
import { openNames } from '../../src/sink/names.ts';
import type { Head, Job, Landed, Sink } from '../../src/types.ts';

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
export async function within<T>(
  dir: string,
  options: Options,
  work: (sink: Directory) => T | Promise<T>,
): Promise<T> {
  const sink = await open(dir, options);
  try {
    return await work(sink);
  } finally {
    await sink.close();
  }
}

/** Puts a body through a sink in chunks. */
export async function put(
  sink: Sink,
  job: Job,
  body: string | Uint8Array,
  more: Partial<Head> = {},
  chunk = 65_536,
): Promise<Landed> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const part = await sink.begin(job, head((more.offset ?? 0) + bytes.length, more));
  for (let at = 0; at < bytes.length; at += chunk) await part.write(bytes.subarray(at, at + chunk));
  return part.finish({ lengthUnknown: false });
}

/** Begins a body and breaks it off after `bytes`. */
export async function cut(sink: Sink, job: Job, body: Uint8Array, bytes: number, more: Partial<Head> = {}): Promise<void> {
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
