/** Tells good lines from bad ones while a list is read, and stops at what is no list at all. */

import { PdlError } from '../errors.js';
import { show } from '../show.js';
import type { Entry, Job, Line } from '../types.js';
import { badLine, readJob } from './job.js';
import { readRanges } from './ranges.js';
import { expanded } from './source.js';

/** How far lists are read. */
export interface Counts {
  /** Text lines read so far, comments and blank lines included. */
  lines: number;
  /** URL lines so far, good or bad. */
  urls: number;
  /** Bad ones among them. */
  bad: number;
}

/** Bad lines at the start of a list after which it is taken for something else than a list (failure-cases L4). */
const patience = 100;

/**
 * Turns one list's entries into jobs, or into entries with their problem.
 * @throws PdlError LIST in place of the 100th bad line when no good one came before.
 */
export function openJudge(name: string, counts: Counts, hasRanges: boolean) {
  let isList = false;
  let bad = 0;
  let first = '';

  function judge(entry: Entry): Job | Entry {
    const origin = entry.origin as Line;
    const made = readJob(entry, origin);
    counts.urls += 1;
    if (typeof made !== 'string') {
      isList = true;
      return made;
    }
    counts.bad += 1;
    bad += 1;
    if (bad === 1)
      first = `line ${origin.number}, ${badLine(entry, origin, made).message.slice('Cannot read '.length)}`;
    if (!isList && bad === patience)
      throw new PdlError('LIST', `Cannot read ${show(name)}: its first ${patience} lines are no URLs (${first})`);
    return { ...entry, origin, problem: made };
  }

  return function* (entries: Iterable<Entry>): Generator<Job | Entry> {
    for (const entry of entries) {
      const ranges = hasRanges && entry.problem === undefined ? readRanges(entry.url) : null;
      if (typeof ranges === 'string') yield judge({ ...entry, problem: ranges });
      else if (ranges === null) yield judge(entry);
      else for (const one of expanded(entry as Entry & { origin: Line }, ranges)) yield judge(one);
    }
  };
}
