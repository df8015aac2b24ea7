/** What lies ready for whoever takes results, and the note in Redis of what was taken. */

import { Fifo } from '../schedule/fifo.js';
import { type Gate, gate } from '../schedule/gate.js';
import type { Result } from '../types.js';
import type { Delivery } from './inbox.js';
import type { Run } from './run.js';

/** Ends of bad lines and duplicates that may wait to be taken. */
const mostEnds = 1_000;

export interface Tray {
  /** Opened when something has changed. */
  readonly news: Gate;
  /** Results that wait here. */
  readonly size: number;
  /** Lines handed over whose results were taken, by entries of the stream. */
  readonly acked: number;
  /** Results taken of the entry that is open. */
  readonly partTaken: number;
  onAck: () => void;
  /** Takes the end of a line that no worker saw; `mayWait`: resolves when there is room for more. */
  end(result: Result, line: number, mayWait: boolean): Promise<void> | undefined;
  put(delivery: Delivery): void;
  /** All that is here. A result that was yielded is taken, even if nobody asks for another. */
  take(): Generator<Result>;
  /** Redis knows what was taken. */
  settled(): Promise<void>;
}

export function openTray(run: Run): Tray {
  const { past } = run;
  const ends = new Fifo<{ result: Result; line: number }>();
  const news = gate();
  const room = gate();
  let open: (Delivery & { taken: number }) | null = null;
  let acked = past.acked;
  let told = past.told;
  let acking: Promise<void> = Promise.resolve();

  const ack = ({ id, results }: Delivery) => {
    open = null;
    acked += results.length;
    acking = acking.then(() => run.ack(id, results.length, told)).catch(() => {});
    tray.onAck();
  };

  const tray: Tray = {
    news,
    get size() {
      return ends.size + (open === null ? 0 : open.results.length - open.taken);
    },
    get acked() {
      return acked;
    },
    get partTaken() {
      return open?.taken ?? 0;
    },
    onAck: () => {},
    end(result, line, mayWait) {
      ends.push({ result, line });
      news.open();
      return mayWait && ends.size >= mostEnds ? room.wait() : undefined;
    },
    put(delivery) {
      const taken = past.part?.id === delivery.id ? past.part.taken : 0;
      open = { ...delivery, taken };
      if (taken >= delivery.results.length) ack(delivery);
    },
    *take() {
      while (ends.size > 0) {
        const { result, line } = ends.shift()!;
        told = Math.max(told, line);
        room.open();
        yield result;
      }
      while (open !== null) {
        const entry: Delivery & { taken: number } = open;
        const result = entry.results[entry.taken++]!;
        yield result;
        if (entry.taken === entry.results.length) ack(entry);
      }
    },
    async settled() {
      await acking;
      await run.park(open && { id: open.id, taken: open.taken }, told);
    },
  };
  return tray;
}
