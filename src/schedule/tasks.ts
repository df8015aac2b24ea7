/** Makes the live side of a job: its meter, its voice, and its way to ask for more. */

import { PdlError, UsageError } from '../errors.js';
import type { Answer, FetchInit, Item, Job, Task, Transfer } from '../types.js';
import { withoutUserinfo } from '../url.js';
import { tellEvent } from './events.js';
import type { Run } from './run.js';

export interface Doors {
  /** Makes the transfer of one inline request. */
  inline(init: FetchInit): Transfer;
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
    fetch: (url, init = {}) => answerTo(taskOf(beside(job, url)), inline(init)),
    add,
  });
  return taskOf;
}

/** The job of an inline request: another URL, nothing of the line's own but where it came from. */
function beside({ id, origin }: Job, given: string): Job {
  const url = URL.canParse(given) ? new URL(given).href : '';
  if (!/^https?:/.test(url))
    throw new UsageError(
      `Cannot fetch ${withoutUserinfo(given).slice(0, 80)}: allowed is an absolute http or https URL`,
    );
  return { id, url, origin };
}

/** First in line at its host: a line that has begun waits for it. */
async function answerTo(task: Task, transfer: Transfer): Promise<Answer> {
  const outcome = await transfer({ ...task, urgent: true });
  if (outcome.status === 'saved') return outcome.data as Answer;
  throw new PdlError('REDIRECT', `Cannot fetch ${withoutUserinfo(task.url)}: it led nowhere`);
}
