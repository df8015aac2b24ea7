/** Makes the live side of a job: its meter, its voice, and its way to ask for more. */

import { PdlError, UsageError } from '../errors.js';
import type { Answer, FetchInit, Item, Job, Task, Transfer } from '../types.js';
import { parseUrl, withoutUserinfo } from '../url.js';
import { tellEvent } from './events.js';
import type { Run } from './run.js';

export interface Doors {
  /** Makes the transfer of one inline request; `ruled`: robots.txt is asked first, where that is wanted at all. */
  inline(init: FetchInit, ruled: boolean): Transfer;
  add(item: Item): void;
}

export function openTasks(run: Run, { inline, add }: Doors): (job: Job) => Task {
  const taskOf = (job: Job): Task => ({
    job,
    signal: run.signal,
    meter: { readAt: run.clock.now(), startedAt: 0, attempts: 0, waitedMs: 0, running: false, received: 0, total: -1 },
    attempt: 1,
    url: job.url,
    urgent: false,
    deadline: Number.POSITIVE_INFINITY,
    tell: (event) => tellEvent(job, event),
    onHead: undefined,
    // Async, so that what is wrong with the request rejects like all else.
    fetch: async (url, init = {}) => answerTo(taskOf(beside(job, url)), inline(init, !isRobotsTxt(url))),
    add,
  });
  return taskOf;
}

/** Nobody forbids the file itself (RFC 9309 section 2.2.2), and to ask for it first would never end. */
function isRobotsTxt(url: string): boolean {
  return new URL(url).pathname === '/robots.txt';
}

/** The job of an inline request: another URL, nothing of the line's own but where it came from. */
function beside({ id, origin }: Job, given: string): Job {
  const url = parseUrl(String(given)) ?? '';
  if (!/^https?:/.test(url)) {
    const shown = withoutUserinfo(String(given)).slice(0, 80);
    throw new UsageError(`Cannot fetch ${shown}: allowed is an absolute http or https URL`);
  }
  return { id, url, origin };
}

/** First in line at its host: a line that has begun waits for it. */
async function answerTo(task: Task, transfer: Transfer): Promise<Answer> {
  const outcome = await transfer({ ...task, urgent: true });
  if (outcome.status === 'saved') return outcome.data as Answer;
  const state = outcome.status === 'skipped' ? 'robots.txt forbids it' : 'it led nowhere';
  const code = outcome.status === 'skipped' ? 'ROBOTS' : 'REDIRECT';
  throw new PdlError(code, `Cannot fetch ${withoutUserinfo(task.url)}: ${state}`);
}
