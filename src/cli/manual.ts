/** Writes the README's option table and the man page from the flag table. */

import { version } from '../version.js';
import { type Flag, spelling } from './flag.js';
import { flags, groups } from './flags.js';

/** The Markdown table that stands in the README between its two markers. */
export function optionTable(): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
  const rows = flags.map(
    (flag) =>
      `| \`${spelling(flag)}\` | ${cell(flag.help)} | ${flag.initial === undefined ? '' : cell(flag.initial)} |`,
  );
  return ['| option | meaning | default |', '|---|---|---|', ...rows].join('\n');
}

/** pdl(1) in roff. */
export function manPage(): string {
  const lines = [
    `.TH PDL 1 "" "pdl ${version}" "User Commands"`,
    '.SH NAME',
    'pdl \\- fetch a list of URLs onto disk, in parallel and politely',
    '.SH SYNOPSIS',
    '.B pdl',
    '[options] [list...]',
    '.SH DESCRIPTION',
    'Fetches every URL of a list onto disk, several at a time, and reports each file the moment it is done.',
    'A list is a file, \\- (stdin), or an http(s) URL itself. Running the same command again continues.',
    '.SH OPTIONS',
    ...groups.flatMap(([group, rows]) => [`.SS ${group}`, ...rows.flatMap(manLines)]),
    '.SH ENVIRONMENT',
    'Every option can also be set as PDL_ and its long name with _ for \\-, such as PDL_MAX_WORKERS=4;',
    'booleans are 0 or 1, what repeats stands one a line, empty is unset.',
    'http_proxy, https_proxy, all_proxy, no_proxy, NO_COLOR and FORCE_COLOR are honoured.',
    '.SH EXIT STATUS',
    ...exits.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, roff(meaning)]),
    '.SH EXAMPLES',
    '.nf',
    roff('pdl urls.txt -j 4 --delay 1-4'),
    roff('cat urls.txt | pdl -j 4 -d out'),
    '.fi',
  ];
  return `${lines.join('\n')}\n`;
}

const exits: readonly (readonly [string, string])[] = [
  ['0', 'all well, skips included'],
  ['1', 'some lines failed, or were left because the network is down'],
  ['2', 'wrong use, a list that cannot be read, or no line of it valid'],
  ['3', 'local I/O: the disk is full or not writable'],
  ['4', 'stopped by a limit the user set'],
  ['5', 'another pdl is at work in this DIR'],
  ['70', 'a bug in pdl'],
  ['129, 130, 143', 'hung up, interrupted, terminated; the state is saved'],
  ['141', 'stdout was closed'],
];

function manLines(flag: Flag): string[] {
  const initial = flag.initial === undefined ? '' : ` Default: ${flag.initial}.`;
  return ['.TP', `.B ${roff(spelling(flag))}`, roff(`${flag.help}.${initial}`)];
}

/** A hyphen that shall stay one, no backslash, and no dot or quote that would begin a request. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&');
}
