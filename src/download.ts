/** The program on one page: lines become jobs, jobs wait for their turn, bodies land, results come out as they complete. */

import { checkedSource, type Intake, intake } from './list/intake.js';
import { inShard } from './list/shard.js';
import { type Options, type Settings, settle as settleOptions } from './options.js';
import { asCompleted } from './schedule/as-completed.js';
import { tellResult } from './schedule/events.js';
import { foreign } from './schedule/foreign.js';
import { growing } from './schedule/grow.js';
import { hooked } from './schedule/hook.js';
import { watch } from './schedule/limits.js';
import { politeness } from './schedule/politeness.js';
import { redirects } from './schedule/redirects.js';
import { retry } from './schedule/retry.js';
import { robots } from './schedule/robots.js';
import { openRun } from './schedule/run.js';
import { passed, refused, settle } from './schedule/settle.js';
import { skip } from './schedule/skip.js';
import { stack } from './schedule/stack.js';
import { openTasks } from './schedule/tasks.js';
import { openTurns } from './schedule/turns.js';
import { openArchive } from './sink/archive.js';
import { openDirectory } from './sink/directory.js';
import { duplicates } from './sink/duplicates.js';
import { freeBytes } from './sink/free.js';
import { openNames } from './sink/names.js';
import { ask } from './transfer/ask.js';
import { openCredentials } from './transfer/credentials.js';
import { openHttp } from './transfer/http.js';
import { receive } from './transfer/receive.js';
import type { FetchInit, Line, Result, Source, Summary } from './types.js';

/**
 * Fetches what `source` lists and yields each result the moment it is there, in the order of completion.
 *
 * One result for each line begun; a bad line is a failed result, nothing throws for one. Reading, fetching and taking results hold each
 * other back: the source is read at most `window` lines ahead, and no transfer starts while 2 × maxWorkers results are not taken.
 * Leaving the loop cuts what runs and cleans up. The generator's return value is the Summary.
 *
 * @param source any (async) iterable of URLs, entries or jobs; it may still be growing
 * @param options the command's flags in camelCase, with its defaults: times in seconds (or `'500ms'`), sizes in bytes (or `'2.5M'`)
 * @throws UsageError (a TypeError) at the call, for an option that is unknown or wrong, or a source that is not iterable
 * @throws PdlError at the first `next()`: LOCKED when another pdl is at work in `dir`, DISK when it cannot be written
 * @example
 * for await (const result of download(['https://example.org/a.jpg'], { dir: 'out', delay: '1-4' })) {
 *   if (result.status === 'saved') console.log(result.path);
 * }
 */
export function download(source: Source, options: Options = {}): AsyncGenerator<Result, Summary, undefined> {
  return program(checkedSource(source), foreign(settleOptions(options)));
}

async function* program(source: Source, settings: Settings): AsyncGenerator<Result, Summary, undefined> {
  const { clock, window } = settings;
  const backlog = 2 * settings.maxWorkers;
  const rooms = await openRooms(settings);
  const { transport, sink, secrets } = rooms;
  try {
    const run = openRun(settings, clock);
    const limits = watch(settings, run, () => freeBytes(settings.dir));
    const turns = openTurns(settings, run, clock, () => run.untaken < backlog, transport);
    await limits.looked;

    const patience = retry(settings, clock, run);
    const rules = settings.robots ? [robots(settings, turns, clock)] : [];
    const manners = [redirects(settings, run), ...rules, politeness(turns)];
    const bare = [redirects(settings, run), politeness(turns)];
    const layers = [...rooms.stores.map(skip), ...settings.layers.map(hooked), patience, ...manners];
    const work = stack(layers, receive(transport, sink, settings, clock, secrets));
    const inline = (init: FetchInit, ruled: boolean) =>
      stack([patience, ...(ruled ? manners : bare)], ask(transport, settings, clock, secrets, init));

    const jobs = intake(source, rooms);
    const lines = growing(jobs, run);
    const taskOf = openTasks(run, { inline, add: (item) => lines.add(jobs.add(item)) });
    const fetch = (line: Intake) => ('ending' in line ? ended(line) : settle(taskOf(line.job), work, run));

    const began = clock.now();
    const summary: Summary = { saved: 0, skipped: 0, failed: 0, left: null, bytes: 0, durationMs: 0, stopped: null };
    const see = (result: Result) => {
      summary[result.status] += 1;
      limits.see(result);
      tellResult(result);
    };
    const { left } = yield* asCompleted(lines.source, fetch, run, {
      window,
      backlog,
      fed: () => turns.fed,
      where,
      see,
    });
    Object.assign(summary, {
      left,
      bytes: limits.tally.bytes,
      durationMs: Math.round(clock.now() - began),
      stopped: run.stopped,
    });
    rooms.end(summary);
    return summary;
  } finally {
    await rooms.close();
  }
}

/** Opens every room of a run, the directory last: its lock is the one thing others can see. */
async function openRooms(settings: Settings) {
  const { clock, shard } = settings;
  const secrets = openCredentials(settings);
  const transport = settings.transport ?? openHttp(settings, clock);
  const archive = settings.archive === null ? null : await openArchive(settings.archive);
  const directory = settings.sink === null ? await openDirectory(settings, clock) : null;
  const names = openNames(settings, directory?.known);
  const twins = duplicates(settings, archive);
  const stores = [settings.store, archive, directory].filter((store) => store !== null);
  return {
    secrets,
    transport,
    stores,
    sink: settings.sink ?? directory!,
    twin: twins.skip,
    name: names.give,
    mine: inShard(shard),
    /** What was made for URL arguments alone is not left behind when all went well. */
    end({ left, failed, stopped }: Summary) {
      if (left === 0 && failed === 0 && stopped === null) directory?.tidy();
    },
    /** Everything is closed, and then the first failure thrown. */
    async close() {
      const closed = await Promise.allSettled([transport, ...stores, settings.sink].map((room) => room?.close?.()));
      const broken = closed.find((one) => one.status === 'rejected');
      if (broken) throw broken.reason;
    },
  };
}

/** The result of a line that is known to need no request. */
async function ended(line: Extract<Intake, { ending: unknown }>): Promise<Result> {
  return 'origin' in line ? refused(line.origin, line.ending) : passed(line.job, line.ending);
}

/** Where a line stood, for the result of a list that breaks after it. */
function where(line: Intake): Line {
  return 'origin' in line ? line.origin : line.job.origin;
}
