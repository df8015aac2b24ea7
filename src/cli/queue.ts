/** `--queue`: hands the lists over to workers, or is one of them; else the run is one's own. */

import { createHash, randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { UsageError } from '../errors.js';
import type { OptionName, Options } from '../options.js';
import { safe } from '../report/safe.js';
import type { Result, Summary } from '../types.js';
import type { Output } from './output.js';
import type { Input, Library, Lists } from './programs.js';
import type { Request } from './request.js';

type Results = AsyncGenerator<Result, Summary, undefined>;

/** What a submitter heeds, and what it passes over because it has no files and no transfers of its own. */
const submitters = new Set<string>(['name', 'shard', 'dir', 'maxWorkers', 'window']);
/** What was settled when the list was handed over. */
const notWorkers = new Set<string>(['name', 'shard']);

/**
 * Starts the program that the flags name, all three alike to whoever takes the results.
 * @throws UsageError for flags that do not fit together.
 */
export function begin(
  { manner, options, lists: given }: Request,
  library: Library,
  inputs: readonly Input[],
  lists: Lists,
  parts: Pick<Options, 'layers' | 'signal'>,
  output: Output,
): Results {
  const { queue, worker, run } = manner;
  if (queue === null) {
    if (worker) throw new UsageError('Cannot use --worker: its queue is missing (--queue redis://host/0)');
    if (run !== null) throw new UsageError('Cannot use --run: it names a run in a queue (--queue redis://host/0)');
    return library.download(lists, { ...options, ...parts });
  }
  if (worker) {
    if (given.length > 0)
      throw new UsageError('Cannot use --worker with a list: workers get their lines from the queue');
    refuse(options, (key) => notWorkers.has(key), '--worker', 'it is for the command that hands the list over');
    return library.work({ ...options, ...parts, queue });
  }
  refuse(options, (key) => !submitters.has(key), 'a list for --queue', 'it is for the workers (pdl --worker)');
  const name = run ?? runName(inputs, manner, options);
  if (name === null && !manner.quiet)
    output.say('pdl: the list can be read but once: name the run to take it up again');
  const results = library.submit(lists, {
    ...options,
    ...parts,
    layers: [],
    queue,
    run: name ?? `run-${randomUUID()}`,
  });
  return manner.verbose > 0 && !manner.quiet ? withWorkers(results, output) : results;
}

function refuse(options: Options, isWrong: (key: string) => boolean, what: string, hint: string): void {
  const wrong = (Object.keys(options) as OptionName[]).find((key) => options[key] !== undefined && isWrong(key));
  if (wrong === undefined) return;
  const flag = `--${wrong.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new UsageError(`Cannot use ${flag} with ${what}: ${hint}`);
}

/** Under -v: who did it. NDJSON has no place for it. */
async function* withWorkers(results: Results, output: Output): Results {
  try {
    for (;;) {
      const step = await results.next();
      if (step.done) return step.value;
      const { worker, url } = step.value;
      if (worker !== undefined) output.say(`by ${safe(worker)} ${safe(url)}`);
      yield step.value;
    }
  } finally {
    await results.return(undefined as never);
  }
}

/** The same for the same lists and the same options; null for a list that can be read but once. */
function runName(inputs: readonly Input[], { format, glob }: Request['manner'], options: Options): string | null {
  const parts: unknown[] = [format, glob, options.name ?? null, options.shard ?? null];
  for (const input of inputs) {
    const print = input.kind === 'url' ? input.text : input.kind === 'file' ? fingerprint(input.path) : null;
    if (print === null) return null;
    parts.push(input.kind, print);
  }
  return `run-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)}`;
}

const edge = 1_048_576;

/** Size, and a hash of both ends: whoever takes a run up again compares every line anyway. */
function fingerprint(path: string): string | null {
  const fd = openSync(path, 'r');
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return null;
    const bytes = Buffer.alloc(2 * edge);
    const head = readSync(fd, bytes, 0, edge, 0);
    const tail = readSync(fd, bytes, head, edge, Math.max(head, stat.size - edge));
    return `${stat.size} ${createHash('sha256')
      .update(bytes.subarray(0, head + tail))
      .digest('hex')}`;
  } finally {
    closeSync(fd);
  }
}
