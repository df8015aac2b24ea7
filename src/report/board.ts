/** The live state of a run, sampled by whoever draws: nobody is called per chunk. */

import type { Clock } from '../clock.js';
import type { Event, Result, Task, Wait } from '../types.js';

export interface Running {
  name: string;
  /** Bytes so far and size of the whole file; -1 while unknown. */
  received: number;
  total: number;
}

export interface Waiting {
  host: string;
  ms: number;
  why: Wait;
}

/** One look at the run. */
export interface View {
  elapsedMs: number;
  saved: number;
  skipped: number;
  failed: number;
  /** Lines of the list; null while it is not read to its end. */
  total: number | null;
  bytes: number;
  /** Bytes per second of late; null before there is anything to tell. */
  speed: number | null;
  /** Until the last line is done, judged by the last half minute; null when unknown. */
  leftMs: number | null;
  running: Running[];
  waiting: Waiting[];
}

export interface Board {
  /** Counts an ending. */
  end(result: Result): void;
  /** The list was read to its end: so many lines. */
  total: number | null;
  /** Takes a sample; call it a few times a second. */
  look(most?: number): View;
  /** Called for each event of a line under way. */
  onEvent: ((event: Event) => void) | null;
  /** A line needs requests: from here to `end` it is watched. */
  begin(task: Task): Watched;
}

interface Watched {
  hear(event: Event): void;
  /** So many bytes are of an earlier run. */
  resumed(offset: number): void;
  end(): void;
}

interface Entry {
  task: Task;
  /** Bytes already counted. */
  seen: number;
}

/** How far back speed and the time left look. */
const speedMs = 5_000;
const paceMs = 30_000;

export function openBoard(clock: Clock): Board {
  const startedAt = clock.now();
  const counts = { saved: 0, skipped: 0, failed: 0 };
  const entries = new Set<Entry>();
  const waits = new Map<string, { until: number; why: Wait }>();
  let bytes = 0;
  let samples: { at: number; bytes: number; asked: number }[] = [];

  const sample = (entry: Entry) => {
    const { received } = entry.task.meter;
    // a retry from zero, or an answer that starts over, sets the meter back
    if (received > entry.seen) bytes += received - entry.seen;
    entry.seen = received;
  };

  const rates = (now: number) => {
    for (const entry of entries) sample(entry);
    samples.push({ at: now, bytes, asked: counts.saved + counts.failed });
    samples = samples.filter(({ at }) => now - at <= paceMs);
    const since = (ms: number) => samples.find(({ at }) => now - at <= ms)!;
    const [late, early] = [since(speedMs), since(paceMs)];
    const done = counts.saved + counts.skipped + counts.failed;
    const pace = (counts.saved + counts.failed - early.asked) / (now - early.at);
    return {
      speed: now - late.at >= 200 ? ((bytes - late.bytes) * 1000) / (now - late.at) : null,
      leftMs: board.total !== null && pace > 0 && now - early.at > 1000 ? Math.max(0, board.total - done) / pace : null,
    };
  };

  const board: Board = {
    total: null,
    onEvent: null,
    end(result) {
      counts[result.status] += 1;
    },
    begin(task) {
      const entry = { task, seen: 0 };
      entries.add(entry);
      return {
        hear(event) {
          sample(entry);
          if (event.type === 'wait') waits.set(event.host, { until: clock.now() + event.ms, why: event.why });
          else if (event.type === 'start') waits.delete(event.host);
          board.onEvent?.(event);
        },
        resumed(offset) {
          entry.seen = offset;
        },
        end() {
          sample(entry);
          entries.delete(entry);
        },
      };
    },
    look(most = Number.POSITIVE_INFINITY) {
      const now = clock.now();
      const running = [...entries].filter(({ task }) => task.meter.running);
      running.sort((one, other) => one.task.meter.startedAt - other.task.meter.startedAt);
      for (const [host, { until }] of waits) if (until <= now) waits.delete(host);
      const waiting = [...waits].map(([host, { until, why }]) => ({ host, ms: until - now, why }));
      return {
        elapsedMs: now - startedAt,
        ...counts,
        total: board.total,
        ...rates(now),
        bytes,
        running: running.slice(0, most).map(({ task }) => shown(task)),
        waiting: waiting.sort((one, other) => one.ms - other.ms),
      };
    },
  };
  return board;
}

function shown({ job, meter }: Task): Running {
  return { name: job.name ?? job.url, received: meter.received, total: meter.total };
}
