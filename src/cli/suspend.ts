/** Ctrl-Z at a terminal with bars: the cursor and the line wrapping are given back before the process stops. */

export interface Suspended {
  stop(): void;
  start(): void;
}

/** @returns what ends the listening. */
export function listenForSuspend(bars: Suspended, source: NodeJS.EventEmitter, halt: () => void): () => void {
  const suspend = () => {
    bars.stop();
    halt();
  };
  const resume = () => bars.start();
  source.on('SIGTSTP', suspend);
  source.on('SIGCONT', resume);
  return () => {
    source.off('SIGTSTP', suspend);
    source.off('SIGCONT', resume);
  };
}
