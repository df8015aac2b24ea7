/**
 * The way out for every line: completions to stdout, all else to stderr, in the order in which they were said.
 *
 * Lines are written in batches, never later than 100 ms: a write for each of 15,000 lines a second would cost more than
 * fetching them. Where bars are on the same terminal they ask for the batch when they have cleared themselves.
 */

import type { Clock } from '../clock.js';

export interface Stream {
  readonly isTTY?: boolean;
  write(text: string, done?: (error?: Error | null) => void): boolean;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/** Whoever draws below the lines. */
export interface Bars {
  draw(): void;
  stop(): void;
}

export interface Output {
  /** One completion, with its line end. */
  out(text: string): void;
  /** One line for people, without its line end. */
  say(text: string): void;
  /** True when a line waits for the next batch. */
  readonly waiting: boolean;
  /** Writes what waits, now. */
  flush(): void;
  /** From here on the bars call `flush`, each time they have cleared themselves. */
  pacedBy(bars: Bars): void;
  /** Resolves when less than 1 MB waits for a slow reader; undefined at once when so already. */
  room(): Promise<void> | undefined;
  /** Takes the bars away and writes what waits, lines at once from here on. */
  settle(): void;
  /** Settles, and resolves when all is with the system, or nobody is there to take it. */
  drained(): Promise<void>;
  /** How stdout ended before us: EPIPE when its reader went away. */
  readonly broken: NodeJS.ErrnoException | null;
  /** Called once when stdout breaks. */
  onBreak: ((error: NodeJS.ErrnoException) => void) | null;
}

const batchMs = 100;
const batchBytes = 65_536;
const roomBytes = 1_048_576;

export function openOutput(stdout: Stream, stderr: Stream, clock: Clock): Output {
  let queue: { stream: Stream; text: string }[] = [];
  let queued = 0;
  let onTheWay = 0;
  let last = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | null = null;
  let bars: Bars | null = null;
  let wakers: (() => void)[] = [];

  const push = (stream: Stream, text: string) => {
    const tail = queue.at(-1);
    if (tail?.stream === stream) tail.text += text;
    else queue.push({ stream, text });
    queued += text.length;
    if (bars !== null) return queued >= batchBytes ? bars.draw() : undefined;
    if (queued >= batchBytes || clock.now() - last >= batchMs) return output.flush();
    cancel ??= clock.timer(batchMs - (clock.now() - last), () => output.flush());
  };

  const wake = () => {
    const now = wakers;
    wakers = [];
    for (const waker of now) waker();
  };

  const write = ({ stream, text }: { stream: Stream; text: string }) => {
    if (stream === stdout && output.broken !== null) return;
    onTheWay += text.length;
    stream.write(text, () => {
      onTheWay -= text.length;
      wake();
    });
  };

  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise<void>((resolve) => wakers.push(resolve));
  };

  const output: Output & { broken: NodeJS.ErrnoException | null } = {
    broken: null,
    onBreak: null,
    out: (text) => push(stdout, text),
    say: (text) => push(stderr, `${text}\n`),
    get waiting() {
      return queued > 0;
    },
    flush() {
      cancel?.();
      cancel = null;
      last = clock.now();
      const batch = queue;
      queue = [];
      queued = 0;
      batch.forEach(write);
    },
    pacedBy(drawer) {
      bars = drawer;
    },
    settle() {
      bars?.stop();
      bars = null;
      output.flush();
    },
    room: () => (queued + onTheWay < roomBytes ? undefined : until(() => queued + onTheWay < roomBytes)),
    async drained() {
      output.settle();
      await until(() => onTheWay === 0);
    },
  };
  stdout.on('error', (error) => {
    if (output.broken !== null) return;
    output.broken = error;
    output.onBreak?.(error);
    wake();
  });
  // nobody reads the messages any more: that is no reason to stop fetching
  stderr.on('error', wake);
  return output;
}
