/** The last words of a run: at most 8 lines for people. */

import type { StopReason, Summary } from '../types.js';
import { count, size, time } from './amounts.js';
import { type Causes, causeText } from './causes.js';
import { safe } from './safe.js';

export interface Places {
  dir: string;
  /** Where the journal is, if one was kept. */
  journal: string | null;
  /** FILE of --failed and --report, if any. */
  failed: string | null;
  report: string | null;
  /** Failures that may go well another time. */
  worthRetrying: number;
}

const stopTexts: Record<StopReason, string> = {
  signal: 'stopped by a signal',
  'max-failures': 'stopped by --max-failures',
  quota: 'stopped by --quota',
  deadline: 'stopped by --deadline',
  'min-free': 'stopped by --min-free: free some space',
  disk: 'stopped because the disk refused',
  offline: 'stopped because no host can be reached: is the network up?',
};

export function summaryLines(summary: Summary, causes: Causes, places: Places): string[] {
  const { saved, skipped, failed, left, bytes, durationMs, stopped } = summary;
  const speed = durationMs > 0 ? `, ${size((bytes * 1000) / durationMs)}/s` : '';
  const counts = [`${saved} saved`, `${skipped} skipped`, `${failed} failed`];
  const lines = [`${counts.join(', ')}; ${size(bytes)} in ${time(durationMs)}${speed}`];
  const { causes: top, more, failures } = causes.top(3);
  lines.push(...top.map((cause) => `  ${causeText(cause)}`));
  if (more > 0) lines.push(`  ${failures} of ${count(more, 'further cause')}`);
  const kept = [
    ...(places.failed !== null && failed > 0 ? [`failed lines in ${safe(places.failed)}`] : []),
    ...(places.report !== null ? [`report in ${safe(places.report)}`] : []),
  ];
  const journal = places.journal === null ? [] : [`journal in ${safe(places.journal)}`];
  const where = [...(saved > 0 ? [`files in ${safe(places.dir)}`, ...journal] : []), ...kept];
  if (where.length > 0) lines.push(where.join(', '));
  if (stopped !== null) lines.push(stopTexts[stopped]);
  const next = nextText(left, stopped, places);
  if (next !== null) lines.push(next);
  return lines;
}

/** What to do next; null when all is done. */
function nextText(left: number | null, stopped: StopReason | null, places: Places): string | null {
  if (left !== null && left > 0) return `${left} left: run the same command again`;
  if (left === null && stopped !== null) return 'lines left: run the same command again';
  if (places.worthRetrying > 0) {
    return `${count(places.worthRetrying, 'failure')} may go well another time: run the same command again`;
  }
  return null;
}
