/** A plan as people read it. */

import type { Plan } from '../types.js';
import { safe } from './safe.js';

/** Lines of text: totals, a table of the biggest hosts, what is odd in the list, and the time of the rests. */
export function planText(plan: Plan): string[] {
  return [...totals(plan), ...hostTable(plan), ...oddities(plan), ...rests(plan)];
}

function totals({ lines, files, hosts, bad, duplicates, numbered }: Plan): string[] {
  const rows: [number, string][] = [
    [lines, 'URL lines'],
    [files, `to fetch from ${whole(hosts)} ${hosts === 1 ? 'host' : 'hosts'}`],
    [duplicates, 'duplicates'],
    [bad, 'bad lines'],
    [numbered, 'names numbered because they were given before'],
  ];
  const width = Math.max(...rows.map(([count]) => whole(count).length));
  return rows.map(([count, what]) => `${whole(count).padStart(width)}  ${what}`);
}

function hostTable({ top, hosts, files }: Plan): string[] {
  if (top.length === 0) return [];
  const rows = top.map(({ host, files, restMs }) => [safe(host), whole(files), about(restMs)]);
  const others = files - top.reduce((sum, host) => sum + host.files, 0);
  if (others > 0) rows.push([`(${whole(hosts - top.length)} others)`, whole(others), '']);
  rows.unshift(['host', 'files', 'rests']);
  const [first, second] = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return [
    '',
    ...rows.map(([host, count, rest]) => `${host!.padEnd(first!)}  ${count!.padStart(second!)}  ${rest}`.trimEnd()),
  ];
}

function oddities({ numberedExamples, badExamples }: Plan): string[] {
  const names = numberedExamples.map(({ url, name }) => `numbered  ${safe(name)}  ${safe(url)}`);
  const bad = badExamples.map(({ source, line, message }) => `bad       ${safe(source)}:${line}  ${safe(message)}`);
  return names.length + bad.length === 0 ? [] : ['', ...names, ...bad];
}

function rests({ restMs }: Plan): string[] {
  if (restMs === 0) return ['', 'no rests: add --delay or --rate to be a good guest'];
  return ['', `the rests alone take about ${about(restMs)}; transfers come on top, hosts rest side by side`];
}

/** `12 s`, `5 min 3 s`, `1 h 44 min`, `3 d 4 h`: the two largest units. */
function about(ms: number): string {
  if (ms === 0) return '-';
  const seconds = Math.round(ms / 1000);
  if (seconds < 1) return 'under 1 s';
  const units: [string, number][] = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ];
  const first = units.findIndex(([, size]) => seconds >= size);
  let rest = seconds;
  const parts = units.slice(first, first + 2).map(([unit, size]) => {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    return amount === 0 ? '' : `${amount} ${unit}`;
  });
  return parts.filter((part) => part !== '').join(' ');
}

/** `10,000`: the same in every locale. */
function whole(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
