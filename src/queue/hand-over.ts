/** Reads the list once, in its order, and hands its lines over. */

import { createHash } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { EagerIterable } from '../eager.js';
import { UsageError } from '../errors.js';
import type { Intake } from '../list/intake.js';
import { passed, refused, unread } from '../schedule/settle.js';
import type { Job, Line, Result } from '../types.js';
import { openChunker } from './chunker.js';
import type { Shards } from './engine.js';
import type { Run } from './run.js';

/** Lines that wait for their chunk to fill, over all shards: 30 MB. */
const mostWaiting = 262_144;
/** Chunks handed over in one go. */
const mostChunks = 64;
/** A list that pauses this long (ms) hands over what it gave. */
const pauseMs = 250;

export interface HandOver {
  /** Resolves when the list was read to its end and all of it is with Redis. */
  readonly done: Promise<void>;
  /** Resolves when the list is known to be the one that the run was begun with. */
  readonly verified: Promise<void>;
  /** Lines handed over so far, earlier ones included. */
  readonly handed: number;
  /** Lines of the list that are the workers'; null before its end. */
  readonly total: number | null;
  /** Ends reading; what was read is handed over no further. */
  stop(): void;
}

export interface HandOverParts {
  lines: EagerIterable<Intake>;
  /** Tells the jobs whose name the list gave. */
  isNamed(job: Job): boolean;
  run: Run;
  shards: Shards;
  clock: Clock;
  /** Takes the result of a line that no worker need see. */
  end(result: Result, line: number): void | Promise<void>;
  /** Resolves when there is room for more lines in the queue; undefined when so already. */
  room(): Promise<void> | undefined;
}

/** @throws UsageError (in `done` and `verified`) for another list than the run's; PdlError LOCKED when another pdl took it up. */
export function handOver({ lines, isNamed, run, shards, clock, end, room }: HandOverParts): HandOver {
  const { past } = run;
  const iterator = lines[Symbol.asyncIterator]();
  const hash = createHash('sha256');
  const chunker = openChunker(past.last);
  const verified = promised();
  let at = 0;
  let handed = past.handed;
  /** Lines of chunks, on their way or there. */
  let packed = 0;
  let total = 0;
  let isRead = false;
  let stopped = false;
  /** The list is asked for its next line. */
  let asking = false;
  let sending: Promise<void> = Promise.resolve();

  const digest = () => hash.copy().digest('hex');
  /** One after the other: a later chunk of a shard must not overtake an earlier one. */
  const send = () => {
    while (chunker.full > 0 && !stopped) {
      const chunks = chunker.take(mostChunks);
      const read = { at, digest: digest() };
      for (const { count } of chunks) packed += count;
      sending = sending.then(async () => {
        const without = await run.push(chunks, read);
        for (const { count } of chunks) handed += count;
        await shards.add(without);
      });
    }
    sending.catch(() => {});
    return sending;
  };
  const check = () => {
    if (at === past.at) {
      if (digest() !== past.digest) throw otherList(run.name);
      verified.resolve();
    }
  };
  /** At first after a few lines, so that work begins, then ever less often, so that chunks are full. */
  const isTime = () => chunker.waiting >= Math.min(mostWaiting, Math.max(2_000, 2 * packed));

  const take = async (line: Intake) => {
    at += 1;
    hash.update(identity(line));
    if (at <= past.at) check();
    if (!('ending' in line)) {
      total += 1;
      chunker.add(line.job, at, isNamed(line.job));
      if (isTime()) chunker.packAll();
      if (chunker.full < mostChunks && chunker.waiting > 0) return;
      // One batch is on its way while the next is read.
      const before = sending;
      void send();
      await before;
      await room();
    } else if (at > past.told) {
      await end('origin' in line ? refused(line.origin, line.ending) : passed(line.job, line.ending), at);
    }
  };

  const read = async () => {
    let last: Line = { source: 'source', number: 0, text: '' };
    for (;;) {
      let step: IteratorResult<Intake>;
      asking = true;
      try {
        step = await iterator.next();
      } catch (error) {
        if (!stopped) await end(unread(last, error), at);
        return;
      }
      asking = false;
      if (stopped) return;
      if (step.done) break;
      last = 'origin' in step.value ? step.value.origin : step.value.job.origin;
      await take(step.value);
    }
    if (at < past.at) throw otherList(run.name);
    isRead = true;
  };

  /** A list that waits for its own source must not keep what it has given. */
  let cancel = () => {};
  const watch = (seen: number) => {
    const stands = () => asking && seen === at && chunker.waiting > 0 && !stopped;
    // A look that comes late, since packing took long, comes before the list had a chance to go on.
    if (stands()) {
      setImmediate(() =>
        setImmediate(() => {
          if (!stands()) return;
          chunker.packAll();
          void send();
        }),
      );
    }
    cancel = clock.timer(pauseMs, () => watch(at));
  };
  const all = async () => {
    watch(0);
    try {
      await read();
      chunker.packAll();
      await send();
    } finally {
      cancel();
    }
  };

  if (past.at === 0) verified.resolve();
  const done = all();
  done.catch(verified.reject);
  return {
    done,
    verified: verified.promise,
    get handed() {
      return handed;
    },
    get total() {
      return isRead ? total : null;
    },
    stop() {
      stopped = true;
      Promise.resolve(iterator.return?.()).catch(() => {});
    },
  };
}

/** What makes a line of a list that line: with another name or URL it is another list. */
function identity(line: Intake): string {
  if ('origin' in line) return `${line.origin.text}\n`;
  return `${line.job.url} ${line.job.name ?? ''}\n`;
}

function promised() {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}

function otherList(name: string): UsageError {
  return new UsageError(`Cannot take up the run ${name}: it is in use with another list (--run names another run)`);
}
