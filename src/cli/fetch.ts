/** The main program: lists in, files and results out. */

import { PdlError } from '../errors.js';
import { settle } from '../options.js';
import { safe } from '../report/safe.js';
import { withoutPasswords } from '../report/secrets.js';
import { watch } from '../report/watch.js';
import type { Result, Summary } from '../types.js';
import { onWarning } from '../warnings.js';
import { exitCode, type Facts } from './exit-code.js';
import { type Files, openFiles } from './files.js';
import { shortHelp } from './help.js';
import { inputsOf } from './inputs.js';
import type { Output } from './output.js';
import type { Lists, Surroundings } from './programs.js';
import { begin } from './queue.js';
import { openReports, type Reports } from './reports.js';
import type { Request } from './request.js';
import { listenForSignals, type Signals } from './signals.js';

export async function fetch(request: Request, surroundings: Surroundings, output: Output): Promise<number> {
  const inputs = request.manner.worker ? [] : inputsOf(request.lists, surroundings.stdin);
  if (inputs === null) {
    output.say(shortHelp());
    return exitCode(null, { misused: true });
  }
  const { manner } = request;
  const settings = settle(request.options);
  const signals = listen(surroundings, output, manner.quiet);
  const reports = await openReports(manner, settings, surroundings, output);
  let lists: Lists | null = null;
  let files: Files | null = null;
  let hush = () => {};
  try {
    const library = await surroundings.load();
    const warn = (text: string) => (manner.quiet ? undefined : output.say(`pdl: ${text}`));
    hush = onWarning((message) => warn(withoutPasswords(safe(message))));
    lists = await library.openLists(inputs, { format: manner.format, glob: manner.glob, warn });
    files = await openFiles(manner, settings, inputs, reports.board);
    // lines of other shards are in the counts of the list, but not in the run
    if (reports.watches && settings.shard === null) countLines(lists, reports);
    const layers = reports.watches ? [watch(reports.board)] : [];
    const run = begin(request, library, inputs, lists, { layers, signal: signals.stop.signal }, output);
    const told = await follow(run, reports, files, output, signals);
    reports.stop();
    return tellEnd(told.summary, lists, reports, files, output, { ...told.facts, signal: signals.got });
  } finally {
    reports.stop();
    files?.drop();
    await lists?.close();
    hush();
    signals.close();
  }
}

/** Takes result after result, and no further one while a slow reader of stdout has 1 MB before it. */
async function follow(
  run: AsyncGenerator<Result, Summary, undefined>,
  reports: Reports,
  files: Files,
  output: Output,
  { stop }: Signals,
): Promise<{ summary: Summary; facts: Facts }> {
  const facts: Facts = {};
  const unwritable = (error: unknown) => {
    facts.notWritten = true;
    output.say(`pdl: ${messageOf(error)}`);
    stop.abort();
  };
  output.onBreak = (error) => {
    if (error.code === 'EPIPE') stop.abort();
    else unwritable(new PdlError('DISK', `Cannot write to stdout: ${error.message}`, { cause: error }));
  };
  try {
    for (;;) {
      const step = await run.next();
      if (step.done) return { summary: step.value, facts: { ...facts, stdoutGone: output.broken?.code === 'EPIPE' } };
      reports.result(step.value);
      if (!facts.notWritten) attempt(() => files.add(step.value), unwritable);
      const room = output.room();
      if (room !== undefined) await room;
    }
  } finally {
    await run.return(undefined as never);
  }
}

function tellEnd(
  told: Summary,
  { counts }: Lists,
  reports: Reports,
  files: Files,
  output: Output,
  facts: Facts,
): number {
  // To the run it is all one signal, whether a person sent it or a file of the user's broke.
  const ours = facts.notWritten && !facts.signal && told.stopped === 'signal';
  const summary: Summary = ours ? { ...told, stopped: 'disk' } : told;
  const { saved, skipped, failed, stopped } = summary;
  const isEmpty = counts.urls + saved + skipped + failed === 0 && stopped === null;
  const noneValid = counts.urls > 0 && counts.bad === counts.urls;
  const ending: Facts = { ...facts, misused: noneValid || reports.listBroke };
  attempt(
    () => files.end(summary, exitCode(summary, ending)),
    (error) => {
      ending.notWritten = true;
      output.say(`pdl: ${messageOf(error)}`);
    },
  );
  const code = exitCode(summary, ending);
  if (ending.stdoutGone) return code;
  if (noneValid) output.say('pdl: Cannot find a URL in the list: none of its lines is an http or https URL');
  reports.summary(summary, code, isEmpty);
  return code;
}

function countLines(lists: Lists, { board }: Reports): void {
  lists.onEnd = () => {
    board.total = lists.counts.urls;
  };
}

/** A file of the user's that cannot be written ends the run in good order; any other throw is not ours to judge. */
function attempt(act: () => void, failed: (error: unknown) => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof PdlError)) throw error;
    failed(error);
  }
}

function messageOf(error: unknown): string {
  return withoutPasswords(safe((error as Error).message));
}

function listen({ stdin, stdout, stderr, process, exit }: Surroundings, output: Output, quiet: boolean): Signals {
  const hasTerminal = [stdin, stdout, stderr].some((stream) => stream.isTTY);
  return listenForSignals(
    {
      onFirst(signal) {
        if (!quiet) output.say(`${signal}: what runs may end within 2 s, once more to leave at once`);
      },
      onSecond(signal) {
        output.settle();
        exit(exitCode(null, { signal }));
      },
    },
    hasTerminal,
    process,
  );
}
