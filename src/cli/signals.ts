/** SIGINT, SIGTERM and SIGHUP: the first stops the run in good order, the second leaves at once. */

import type { Signal } from './exit-code.js';

export interface Signals {
  /** Aborted by the first signal. */
  readonly stop: AbortController;
  /** The first signal, if there was one. */
  readonly got: Signal | null;
  close(): void;
}

export interface Listened {
  /** The first signal came: say so. */
  onFirst(signal: Signal): void;
  /** The second: give the terminal back and go. */
  onSecond(signal: Signal): void;
}

/** With no terminal about, a hang-up is nobody's wish: nohup, cron and daemons go on. */
export function listenForSignals(listened: Listened, hasTerminal: boolean, source: NodeJS.EventEmitter): Signals {
  const stop = new AbortController();
  let got: Signal | null = null;
  const hear = (signal: Signal) => {
    if (got !== null) return listened.onSecond(signal);
    got = signal;
    stop.abort(new Error(signal));
    listened.onFirst(signal);
  };
  const ignore = () => {};
  const listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => {
    const listener = signal === 'SIGHUP' && !hasTerminal ? ignore : () => hear(signal);
    source.on(signal, listener);
    return () => source.off(signal, listener);
  });
  return {
    stop,
    get got() {
      return got;
    },
    close: () => {
      for (const off of listeners) off();
    },
  };
}
