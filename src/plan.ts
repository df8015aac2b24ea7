/** What a run would be: hosts, counts, collisions and the time of the rests, from a streamed list and without network. */

import type { PdlError } from './errors.js';
import { intake } from './list/intake.js';
import { inShard } from './list/shard.js';
import type { Options, Settings } from './options.js';
import { settle } from './options.js';
import { duplicates } from './sink/duplicates.js';
import { openNames } from './sink/names.js';
import type { HostPlan, Job, Line, Passed, Plan, Source } from './types.js';
import { hostOf, withoutUserinfo } from './url.js';

const examples = 5;
const topHosts = 20;

/**
 * Reads the source to its end; memory grows with the hosts, and by some 25 bytes a line for names and duplicates.
 * @throws UsageError for an option; whatever the source throws (PdlError LIST for a broken list).
 * @example console.log((await plan(urls, { delay: '1-4' })).restMs);
 */
export async function plan(source: Source, options: Options = {}): Promise<Plan> {
  const settings = settle(options);
  const names = openNames(settings);
  const seen = duplicates();
  const mine = inShard(settings.shard);
  const told = { lines: 0, bad: 0, duplicates: 0, files: 0 };
  const numberedExamples: Plan['numberedExamples'] = [];
  const badExamples: Plan['badExamples'] = [];
  const hosts = new Map<string, number>();

  function name(job: Job, index: number): string {
    const before = names.numbered;
    const given = names.give(job, index);
    if (names.numbered > before && numberedExamples.length < examples)
      numberedExamples.push({ url: withoutUserinfo(job.url), name: given });
    return given;
  }

  function addBad({ source, number: line }: Line, { message }: PdlError): void {
    told.bad += 1;
    if (badExamples.length < examples) badExamples.push({ source, line, message });
  }

  for await (const taken of intake(source, { twin: (job) => seen.skip(job) as Passed | null, name, mine })) {
    told.lines += 1;
    if ('origin' in taken) addBad(taken.origin, taken.ending);
    else if ('ending' in taken) told.duplicates += 1;
    else {
      told.files += 1;
      const host = hostOf(taken.job.url);
      hosts.set(host, (hosts.get(host) ?? 0) + 1);
    }
  }
  const top = topOf(hosts, settings);
  // The host with the most files rests longest, and all hosts rest side by side.
  const restMs = top[0]?.restMs ?? 0;
  return { ...told, hosts: hosts.size, top, numbered: names.numbered, numberedExamples, badExamples, restMs };
}

function topOf(hosts: ReadonlyMap<string, number>, settings: Settings): HostPlan[] {
  let least = 0;
  const top: HostPlan[] = [];
  for (const [host, files] of hosts) {
    if (top.length >= topHosts && files <= least) continue;
    top.push({ host, files, restMs: restMs(files, settings) });
    top.sort((a, b) => b.files - a.files);
    top.length = Math.min(top.length, topHosts);
    least = top.at(-1)!.files;
  }
  return top;
}

/**
 * Expected ms from the first request to the last at a host of `files` lines, if transfers took no time: every request
 * but the first comes after one rest (design.md section 3), and the seats rest side by side.
 */
export function restMs(files: number, settings: Pick<Settings, 'delay' | 'rate' | 'perHost' | 'maxWorkers'>): number {
  if (files < 2) return 0;
  const [least, most] = settings.delay;
  const seats = Math.min(settings.perHost ?? settings.maxWorkers, files);
  const shared = ((files - 1) * (least + most)) / 2 / seats;
  // With A = B the seats open in turn; else not even the second request comes before A.
  const rests = least === most ? shared : Math.max(least, shared);
  return Math.round(Math.max(rests, (files - 1) * settings.rate));
}
