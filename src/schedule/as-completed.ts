/** Yields results in the order in which work ends, and reads its source only as far ahead as there is room. */

import type { EagerIterable } from '../eager.js';
import type { Line, Result } from '../types.js';
import { Fifo } from './fifo.js';
import { gate } from './gate.js';
import { openReader } from './reader.js';
import type { Run } from './run.js';
import { unread } from './settle.js';

export interface Bounds<T> {
  /** Items under way at the same time, waiting ones included. */
  window: number;
  /** Reading pauses while this many finished results wait to be taken. */
  backlog: number;
  /** Enough items wait for their turn: what is read from now on is begun when the run says `hungry`. */
  fed?: () => boolean;
  /** Where an item stood, for the result of a source that breaks after it. */
  where?: (item: T) => Line;
  /** Sees each result the moment it is there, before anyone takes it. */
  see?: (result: Result) => void;
}

/** Items between two looks at the event loop, and the longest time (ms) between them. */
const sliceItems = 256;
const sliceMs = 2;
/** Longest time for counting what is left after a stop, ms: stdin may never end. */
const countMs = 250;

/**
 * Starts `work` for each item, in order, and yields what it resolves to, first done first. `null` is no result but a line left.
 * A source that throws yields one LIST result, and what runs goes on. A rejection of `work` is a bug of pdl: it cuts the run and is thrown.
 * Leaving the loop cuts the run, waits for what is running, and closes the source.
 * @returns the number of lines left (withdrawn), or null when the source was not read to its end.
 */
export async function* asCompleted<T>(
  source: Iterable<T> | EagerIterable<T>,
  work: (item: T) => Promise<Result | null>,
  run: Run,
  bounds: Bounds<T>,
): AsyncGenerator<Result, { left: number | null }, undefined> {
  const ready = new Fifo<Result>();
  /** Read, and not begun: a line of plain data costs a quarter of one that waits with all its layers. */
  const ahead = new Fifo<T>();
  const reader = openReader(source);
  const consumer = gate();
  const feeder = gate();
  const stamp = stamps();
  let bug: { error: unknown } | null = null;
  let withdrawn = 0;
  let seq = 0;
  let done = false;
  let counted = false;

  const finish = (result: Result | null) => {
    run.running -= 1;
    if (result === null) withdrawn += 1;
    else offer(result);
    beginSoon();
    consumer.open();
    feeder.open();
    if (run.running === 0) run.tell('idle');
  };
  const offer = (result: Result) => {
    ready.push(result);
    run.untaken = ready.size;
    bounds.see?.(result);
  };
  const breakOff = (error: unknown) => {
    bug ??= { error };
    finish(null);
  };
  const begin = (item: T) => {
    try {
      work(item).then(finish, breakOff);
    } catch (error) {
      breakOff(error);
    }
  };
  const beginMore = () => {
    while (ahead.size > 0 && !run.ending && ready.size < bounds.backlog && bounds.fed?.() !== true)
      begin(ahead.shift()!);
  };
  let due = false;
  /** Not within the end of another item: its worker is not free before that has run out. */
  const beginSoon = () => {
    if (due || ahead.size === 0) return;
    due = true;
    // Node's queueMicrotask makes an AsyncResource each time, this does not.
    void settled.then(() => {
      due = false;
      beginMore();
    });
  };
  const take = (item: T) => {
    run.running += 1;
    ahead.push(item);
    beginMore();
  };
  const full = () => run.running >= bounds.window || ready.size >= bounds.backlog;

  /** A list that ends within a window of lines is read to its end, so that a stopped run can say how many are left. */
  const countLeft = async () => {
    for (let looks = 0; looks < bounds.window && !counted; looks += 1) {
      if ((await reader.next()) === null) return;
      withdrawn += 1;
    }
  };

  const feed = async () => {
    let last: T | undefined;
    try {
      for (let items = 0, since = run.clock.now(); ; ) {
        while (!run.ending && full()) {
          pauseReading();
          await feeder.wait();
        }
        if (run.ending) return await countLeft();
        run.reading = true;
        const step = reader.next();
        const item = step instanceof Promise ? await awaited(step) : step;
        if (item === null) return;
        if (run.ending) {
          withdrawn += 1;
          return await countLeft();
        }
        last = item.value;
        take(item.value);
        if (++items < sliceItems && (items & 15 || run.clock.now() - since < sliceMs)) continue;
        // Neither a source held in memory nor one that always has an answer may keep sockets from being read.
        await new Promise((resolve) => setImmediate(resolve));
        items = 0;
        since = run.clock.now();
      }
    } catch (error) {
      if (run.ending) return;
      offer(unread(last === undefined ? nowhere : (bounds.where?.(last) ?? nowhere), error));
    } finally {
      done = true;
      pauseReading();
      consumer.open();
    }
  };

  /** A source that only lets the event loop turn has its next item right after that; another one waits for its own input. */
  const awaited = async (step: Promise<{ value: T } | null>) => {
    const waits = setImmediate(pauseReading);
    try {
      return await step;
    } finally {
      clearImmediate(waits);
    }
  };
  const pauseReading = () => {
    run.reading = false;
    run.tell('room');
  };

  run.on('hungry', beginSoon);
  run.on('stop', () => {
    while (ahead.shift() !== undefined) finish(null);
    feeder.open();
    run.at(run.clock.now() + countMs, () => {
      counted = true;
      consumer.open();
    });
  });
  let left = true;
  try {
    void feed();
    for (;;) {
      if (bug !== null) throw (bug as { error: unknown }).error;
      const result = ready.shift();
      if (result === undefined) {
        if (run.running === 0 && (done || counted)) break;
        await consumer.wait();
        continue;
      }
      run.untaken = ready.size;
      beginSoon();
      if (!full()) feeder.open();
      run.tell('room');
      result.seq = ++seq;
      result.at = stamp(run.clock.date());
      yield result;
    }
    left = false;
    counted = true;
    return { left: reader.ended ? withdrawn : null };
  } finally {
    if (left) run.cut();
    counted = true;
    while (run.running > 0) await consumer.wait();
    await reader.close();
    run.end();
  }
}

/** ISO 8601; the last one is kept, for many results end in one millisecond and each text costs 0.3 µs. */
function stamps() {
  let last = Number.NaN;
  let text = '';
  return (date: Date) => {
    if (date.getTime() !== last) {
      last = date.getTime();
      text = date.toISOString();
    }
    return text;
  };
}

const settled = Promise.resolve();

const nowhere: Line = { source: 'source', number: 0, text: '' };
