/** Everything that is told about a run: completions on stdout, live view and last words on stderr, and the files asked for. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.js';
import type { Settings } from '../options.js';
import type { Board } from '../report/board.js';
import { openBoard } from '../report/board.js';
import { openCauses } from '../report/causes.js';
import { ndjson, resultMessage, summaryMessage } from '../report/ndjson.js';
import { paint, wantsColor } from '../report/paint.js';
import { pathLine } from '../report/print.js';
import { summaryLines } from '../report/summary.js';
import { causeTexts, eventText, failedText, resultText } from '../report/text.js';
import type { Failed, Result, Summary } from '../types.js';
import type { Output } from './output.js';
import type { Surroundings } from './programs.js';
import type { Manner } from './request.js';
import { listenForSuspend } from './suspend.js';

export interface Reports {
  readonly board: Board;
  /** True when lines under way are to be watched: for bars, progress lines, -v or the page. */
  readonly watches: boolean;
  result(result: Result): void;
  /** A list broke while it was read. */
  readonly listBroke: boolean;
  /** The last words; `isEmpty` when there was no URL line at all. */
  summary(summary: Summary, code: number, isEmpty: boolean): void;
  /** No live view from here on. */
  stop(): void;
}

/** A line each so often: with `--progress plain`, and under -v without bars. */
const plainMs = 2_000;
const quietMs = 30_000;

export async function openReports(
  manner: Manner,
  { maxWorkers, dir, clock }: Settings,
  surroundings: Surroundings,
  output: Output,
): Promise<Reports> {
  const { stdout, stderr, env } = surroundings;
  const board = openBoard(clock);
  const causes = openCauses();
  const colors = {
    out: paint(wantsColor(stdout, manner.color, env)),
    err: paint(wantsColor(stderr, manner.color, env)),
  };
  const counts = { worthRetrying: 0, listBroke: false };
  const live = await openLive(manner, board, maxWorkers, surroundings, output, clock);
  if (manner.verbose > 0 && !manner.quiet) board.onEvent = (event) => output.say(colors.err.dim(eventText(event)));

  const tellFailure = (failed: Failed) => {
    // stdout says it already, unless it carries paths alone or nothing
    if (manner.quiet || manner.output === 'path') output.say(failedText(failed, colors.err));
    if (manner.verbose > 1) for (const line of causeTexts(failed)) output.say(colors.err.dim(line));
  };

  const tell = (result: Result) => {
    if (manner.output === 'json') return output.out(ndjson(resultMessage(result)));
    if (manner.output === 'path') return output.out(pathLine(result, stdout.isTTY === true) ?? '');
    if (!manner.quiet) output.out(`${resultText(result, colors.out)}\n`);
  };

  return {
    board,
    watches: live.watches || manner.verbose > 0 || manner.report !== null,
    get listBroke() {
      return counts.listBroke;
    },
    result(result) {
      board.end(result);
      tell(result);
      if (result.status !== 'failed') return;
      if (result.error.code === 'LIST') counts.listBroke = true;
      if (!result.permanent) counts.worthRetrying += 1;
      causes.add(result);
      tellFailure(result);
    },
    summary(summary, code, isEmpty) {
      if (manner.output === 'json') output.out(ndjson(summaryMessage(summary, code)));
      if (manner.quiet && code === 0) return;
      if (isEmpty) return output.say('nothing to do: the list holds no URL');
      const { failed, report } = manner;
      const state = join(dir, '.pdl');
      const journal = existsSync(state) ? state : null;
      const places = { dir, journal, failed, report, ...counts };
      for (const line of summaryLines(summary, causes, places)) output.say(line);
    },
    stop: live.stop,
  };
}

/** Bars, a line now and then, or nothing. */
async function openLive(
  manner: Manner,
  board: Board,
  workers: number,
  surroundings: Surroundings,
  output: Output,
  clock: Clock,
): Promise<{ watches: boolean; stop(): void }> {
  const { progress, quiet, verbose } = manner;
  const { stderr, env } = surroundings;
  const able = stderr.isTTY === true && env['TERM'] !== 'dumb';
  if (able && (progress === 'bar' || (progress === 'auto' && !quiet))) {
    const { openBars } = await import('../report/bars.js');
    const bars = openBars(board, output, stderr, workers);
    output.pacedBy(bars);
    const close = listenForSuspend(bars, surroundings.process, surroundings.suspend);
    const stop = () => {
      close();
      output.settle();
    };
    return { watches: true, stop };
  }
  const everyMs = progress === 'plain' || progress === 'bar' ? plainMs : quietMs;
  if (progress === 'none' || (progress === 'auto' && (quiet || verbose === 0))) return { watches: false, stop() {} };
  const { openPlain } = await import('../report/plain.js');
  return { watches: true, stop: openPlain(board, (line) => output.say(line), clock, everyMs) };
}
