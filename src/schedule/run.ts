/** One run as all its lines share it: whether anything new may start, the one signal that cuts, the one timer that wakes. */

import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock.js';
import { PdlError } from '../errors.js';
import type { Settings } from '../options.js';
import type { StopReason } from '../types.js';
import { openAlarms } from './alarms.js';

/** `stop`: nothing new starts from now on. `idle`: no line is under way. `room`: a finished result was taken. `hungry`: more lines are wanted. */
export type Moment = 'stop' | 'idle' | 'room' | 'hungry';

export interface Run {
  readonly clock: Clock;
  /** Aborted, with a PdlError ABORTED, when what runs is to be cut. */
  readonly signal: AbortSignal;
  readonly stopped: StopReason | null;
  /** Nothing new may start: the run was stopped or cut. */
  readonly ending: boolean;
  /** Lines read and not ended. Written by asCompleted. */
  running: number;
  /** Finished results nobody has taken yet. Written by asCompleted. */
  untaken: number;
  /** Lines are being read that are there already: those of other hosts may be among them. Written by asCompleted. */
  reading: boolean;
  /** Nothing new starts, and what runs is cut after 2 s. Of several reasons the one with the stronger exit code stays. */
  stop(reason: StopReason): void;
  /** Stops, and aborts what runs. */
  cut(): void;
  on(moment: Moment, fn: () => void): void;
  tell(moment: Moment): void;
  /** Resolves after `ms`; rejects with ABORTED as soon as the run is stopped or cut. */
  sleep(ms: number): Promise<void>;
  /** Calls `fn` at clock time `time`, unless the run has ended. */
  at(time: number, fn: () => void): void;
  /** Lets go of timers and of the caller's signal. */
  end(): void;
}

/** What runs may end within this time after a stop, whatever its reason. */
const graceMs = 2_000;

/** Weakest first, by exit code: 1, 4, 3, 130. */
const rank: Record<StopReason, number> = {
  offline: 0,
  'max-failures': 1,
  quota: 1,
  deadline: 1,
  'min-free': 1,
  disk: 2,
  signal: 3,
};

export function openRun(settings: Pick<Settings, 'signal'>, clock: Clock): Run {
  const controller = new AbortController();
  // Every transfer that runs may listen; Node would warn of a leak at the eleventh.
  setMaxListeners(0, controller.signal);
  const alarms = openAlarms(clock);
  const listeners: Record<Moment, (() => void)[]> = { stop: [], idle: [], room: [], hungry: [] };
  const sleepers = new Set<(reason: unknown) => void>();
  let stopped: StopReason | null = null;
  let ending = false;

  const close = () => {
    if (ending) return;
    ending = true;
    for (const reject of sleepers) reject(aborted());
    sleepers.clear();
    run.tell('stop');
    alarms.at(clock.now() + graceMs, () => run.cut());
  };

  const onSignal = () => run.stop('signal');

  const run: Run = {
    clock,
    signal: controller.signal,
    get stopped() {
      return stopped;
    },
    get ending() {
      return ending;
    },
    running: 0,
    untaken: 0,
    reading: false,
    stop(reason) {
      if (stopped === null || rank[reason] > rank[stopped]) stopped = reason;
      close();
    },
    cut() {
      close();
      if (!controller.signal.aborted) controller.abort(aborted());
    },
    on(moment, fn) {
      listeners[moment].push(fn);
    },
    tell(moment) {
      for (const fn of listeners[moment]) fn();
    },
    sleep(ms) {
      return new Promise((resolve, reject) => {
        if (ending) return reject(aborted());
        sleepers.add(reject);
        alarms.at(clock.now() + ms, () => {
          sleepers.delete(reject);
          resolve();
        });
      });
    },
    at: alarms.at,
    end() {
      alarms.clear();
      settings.signal?.removeEventListener('abort', onSignal);
    },
  };

  if (settings.signal?.aborted) onSignal();
  else settings.signal?.addEventListener('abort', onSignal, { once: true });
  return run;
}

function aborted(): PdlError {
  return new PdlError('ABORTED', 'Cannot go on: the run was stopped');
}
