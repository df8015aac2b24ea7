/** The server of files whose ranges are bent, and one run of pdl at it: in this process, as a command, or as a command that is killed. */

import { join } from 'node:path';
import { type Clock, systemClock } from '../../src/clock.ts';
import { download, type Options } from '../../src/index.ts';
import { start } from '../support/pdl.ts';
import { type Server, startServer } from '../support/server.ts';
import type { Random } from './random.ts';
import type { RangeCase } from './range-case.ts';
import { RangeFile } from './range-file.ts';

export interface RangeServer {
  place(cases: readonly RangeCase[]): RangeFile[];
  urlOf(file: RangeFile): string;
  /** Under which it is saved. */
  nameOf(file: RangeFile): string;
  forget(files: readonly RangeFile[]): void;
  close(): Promise<void>;
}

export async function startRangeServer(): Promise<RangeServer> {
  const files = new Map<string, RangeFile>();
  let number = 0;
  const server: Server = await startServer({
    log: false,
    host: '0.0.0.0',
    routes: { f: (exchange) => files.get(exchange.rest[0]!)?.answer(exchange) ?? exchange.answer(404) },
  });
  return {
    place: (cases) =>
      cases.map((one) => {
        const file = new RangeFile(one, ++number);
        files.set(String(number), file);
        return file;
      }),
    // Each has a host of its own: no pace and no pause is shared.
    urlOf: ({ number: nth }) => server.url(`/f/${nth}`, `127.${2 + (nth >> 16)}.${(nth >> 8) & 255}.${nth & 255}`),
    nameOf: ({ number: nth }) => String(nth),
    forget(some) {
      for (const file of some) files.delete(String(file.number));
    },
    close: () => server.close(),
  };
}

export type How = 'inline' | 'killed' | 'command';

export interface Run {
  server: RangeServer;
  files: readonly RangeFile[];
  dir: string;
  how: How;
  existing: 'skip' | 'refresh' | 'overwrite';
  random: Random;
}

/** A run that has not ended by then is stopped. */
const maxRunMs = 20_000;

/** What a run said: by name the hash of what was saved, or else how it ended. */
export type Said = Map<string, { status: string; hash?: string }>;

export async function run(one: Run): Promise<Said> {
  const said: Said = new Map();
  const names = new Map(one.files.map((file) => [one.server.urlOf(file), one.server.nameOf(file)]));
  const hear: Hear = ({ url, status, path, sha256: hash }) => {
    const name = names.get(url)!;
    if (said.has(name)) throw new Error(`a second result for ${url}`);
    if (path !== undefined && path !== join(one.dir, name)) throw new Error(`${url} was saved as ${path}`);
    said.set(name, { status, ...(hash !== undefined && { hash }) });
  };
  await (one.how === 'inline' ? inline(one, hear) : command(one, hear));
  return said;
}

type Hear = (result: { url: string; status: string; path?: string; sha256?: string }) => void;

/** Waits are ten times shorter: backoff is not what is looked at. */
const hasty: Clock = {
  now: () => performance.now() * 10,
  date: systemClock.date,
  random: systemClock.random,
  timer: (ms, fn) => systemClock.timer(ms / 10, fn),
};

async function inline({ server, files, dir, existing }: Run, hear: Hear): Promise<void> {
  const signal = AbortSignal.timeout(maxRunMs);
  const options: Options = {
    dir,
    existing,
    signal,
    maxWorkers: 16,
    retry: 2,
    sha256: true,
    timeout: '4s',
    clock: hasty,
  };
  for await (const result of download(files.map(server.urlOf), options)) hear(result);
}

const options = ['-j', '16', '--json', '--sha256', '--retry', '1', '--retry-max-time', '3s', '--timeout', '500ms'];

async function command({ server, files, dir, existing, how, random }: Run, hear: Hear): Promise<void> {
  const asked = () => files.reduce((sum, { requests }) => sum + requests, 0);
  const args = ['-', '-d', dir, '--existing', existing, ...options];
  const running = start(args, { stdin: files.map(server.urlOf).join('\n') });
  let isOver = false;
  const done = running.done.finally(() => {
    isOver = true;
  });
  const limit = setTimeout(() => running.child.kill('SIGINT'), maxRunMs);
  if (how === 'killed') {
    const until = random.between(1, files.length);
    const pause = random.unit() * 60;
    const late = performance.now() + random.between(200, 1_200);
    while (!isOver && asked() < until && performance.now() < late)
      await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, pause));
    running.child.kill('SIGKILL');
  }
  const { code, signal, stdout, stderr } = await done;
  clearTimeout(limit);
  if (signal !== 'SIGKILL' && ![0, 1, 130].includes(code!)) throw new Error(`exit ${code}: ${stderr}`);
  for (const line of stdout.split('\n').slice(0, -1)) {
    const result = JSON.parse(line);
    if (result.type === 'result') hear(result);
  }
}
