/** Lays the live view out as lines that fit the terminal: totals, bars, what is waited for. Pure. */

import { size, time } from './amounts.js';
import type { Running, View, Waiting } from './board.js';
import { cut, fit, width } from './columns.js';
import { safe } from './safe.js';
import { withoutPasswords } from './secrets.js';
import { whyText } from './text.js';

/** Draws a bar of `columns` for a share of 0..1. */
export type DrawBar = (share: number, columns: number) => string;

/** At most so many bars: room is left for the totals, the waiting line and two finished lines. */
export function barsAt(rows: number, workers: number): number {
  return Math.max(0, Math.min(workers, rows - 4, 8));
}

/** Each line takes less than `columns`; `view.running` is shown whole. */
export function frame(view: View, columns: number, bar: DrawBar): string[] {
  // the last column stays free: some terminals wrap as soon as it is written
  const room = Math.max(1, columns - 1);
  const lines = [totalsLine(view, room), ...view.running.map((one) => barLine(one, room, bar))];
  if (view.waiting.length > 0) lines.push(waitingLine(view.waiting, room));
  return lines;
}

/** The first ones stay longest where there is little room. */
function totalsLine(view: View, room: number): string {
  const { saved, skipped, failed, total, bytes, speed, leftMs, elapsedMs } = view;
  const done = saved + skipped + failed;
  const parts = [
    total === null ? `${done} done` : `${done}/${total} ${percent(done, total)}`,
    `${saved} saved`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    size(bytes),
    ...(speed === null ? [] : [`${size(speed)}/s`]),
    leftMs === null ? time(elapsedMs) : `${time(leftMs)} left`,
  ];
  let line = '';
  for (const part of parts) {
    const longer = line === '' ? part : `${line}  ${part}`;
    if (longer.length > room) break;
    line = longer;
  }
  return line === '' ? cut(parts[0]!, room) : line;
}

/** 100 % is said only when it is so. */
function percent(done: number, total: number): string {
  return total === 0 ? '100%' : `${Math.min(100, Math.floor((done * 100) / total))}%`;
}

function barLine({ name, received, total }: Running, room: number, bar: DrawBar): string {
  const label = withoutPasswords(safe(name));
  const known = total > 0;
  const share = known ? Math.min(1, received / total) : 0;
  const amount = known ? `${String(Math.floor(share * 100)).padStart(3)}% ${size(total)}` : size(received);
  const tail = amount.padStart(14);
  if (room < 24) return cut(label, room);
  const left = room - tail.length - 1;
  const barRoom = known && left >= 40 ? Math.min(30, Math.floor(left / 2)) : 0;
  const drawn = barRoom > 0 ? ` [${bar(share, barRoom - 3)}]` : '';
  return `${fit(label, left - drawn.length)}${drawn} ${tail}`;
}

/** `waiting: example.org 12s, Retry-After; and 3 more`. */
function waitingLine(waiting: readonly Waiting[], room: number): string {
  const texts = waiting.map(({ host, ms, why }) => `${safe(host)} ${time(ms)}, ${whyText(why)}`);
  for (let shown = Math.min(3, texts.length); shown > 0; shown -= 1) {
    const more = texts.length - shown;
    const line = `waiting: ${texts.slice(0, shown).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
    if (width(line) <= room) return line;
  }
  return cut(`waiting: ${texts[0]}`, room);
}
