/** Draws the live view below the finished lines of a terminal. The only importer of cli-progress. */

import progress, { type MultiBar, type Options } from 'cli-progress';
import type { Board } from './board.js';
import { width } from './columns.js';
import { barsAt, frame } from './frame.js';

export interface Screen {
  readonly columns?: number;
  readonly rows?: number;
  readonly isTTY?: boolean;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** What is printed above the bars. */
export interface Above {
  readonly waiting: boolean;
  flush(): void;
}

export interface Bars {
  /** Draws now, finished lines first. */
  draw(): void;
  /** Clears the bars and gives the cursor back; draws no more until `start`. Safe to call twice. */
  stop(): void;
  start(): void;
}

const wrapOn = '\x1b[?7h';
const wrapOff = '\x1b[?7l';
const clearDown = '\x1b[0J';

export function openBars(board: Board, above: Above, screen: Screen, workers: number): Bars {
  let lines: string[] = [];
  let drawn: string[] = [];
  let height = 0;
  let multi: MultiBar | null = null;
  const canvas = openCanvas(screen);
  const rows = () => screen.rows ?? 24;
  const columns = () => screen.columns ?? 80;

  const refresh = () => {
    const shown = frame(board.look(barsAt(rows(), workers)), columns(), drawBar);
    // the cursor rests on a blank line: whether the cursor's own line is folded on a resize differs among terminals
    lines = [...shown, ''].slice(0, Math.max(1, rows() - 1));
    // rows that are no longer needed stay as blank lines: the picture does not jump
    for (; height < lines.length; height += 1) multi!.create(1, 0, { row: height });
  };

  const makeRoom = () => {
    if (!above.waiting) return;
    canvas.write(clearDown + wrapOn);
    canvas.show();
    above.flush();
    canvas.write(wrapOff);
  };

  const begin = () => {
    height = 0;
    drawn = [];
    multi = openMulti(canvas, (row) => {
      drawn[row] = lines[row] ?? '';
      return drawn[row];
    });
    multi.on('update-pre', refresh);
    multi.on('redraw-pre', makeRoom);
    multi.on('update-post', canvas.show);
    multi.on('stop', canvas.show);
    refresh();
    multi.update();
  };

  /** Terminals fold drawn lines anew when they get narrower, so that the picture begins further up than it was drawn. */
  const resized = () => {
    const folded = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(width(line) / columns())), 0);
    if (folded > 1) canvas.write(`\x1b[${folded - 1}A`);
    canvas.write(`\r${clearDown}${'\n'.repeat(Math.max(0, height - 1))}`);
    multi?.stop();
    begin();
  };

  const bars: Bars = {
    draw: () => multi?.update(),
    stop() {
      screen.off('resize', resized);
      multi?.stop();
      multi = null;
    },
    start() {
      if (multi !== null) return;
      begin();
      screen.on('resize', resized);
    },
  };
  bars.start();
  return bars;
}

/** Gathers a picture's forty little writes into one, so that neither a resize nor a slow terminal ever sees half of it. */
function openCanvas(screen: Screen) {
  let painted = '';
  return {
    isTTY: true,
    get columns() {
      return screen.columns;
    },
    write(text: string) {
      painted += text;
      return true;
    },
    show() {
      const picture = painted;
      painted = '';
      if (picture !== '') screen.write(picture);
    },
  };
}

function openMulti(screen: ReturnType<typeof openCanvas>, textOf: (row: number) => string): MultiBar {
  return new progress.MultiBar({
    stream: screen as unknown as NodeJS.WritableStream,
    fps: 10,
    hideCursor: true,
    clearOnComplete: true,
    forceRedraw: true,
    format: (_options, _params, payload: { row: number }) => textOf(payload.row),
  });
}

const barOptions = { barCompleteString: '='.repeat(40), barIncompleteString: ' '.repeat(40), barGlue: '' };

function drawBar(share: number, barsize: number): string {
  return progress.Format.BarFormat(share, { ...barOptions, barsize } as Options);
}
