/** Writes `--help` from the flag table. */

import { type Flag, spelling } from './flag.js';
import { groups } from './flags.js';

const columns = 80;
/** Where the sentences begin; a longer spelling gets a line of its own. */
const indent = 27;

const examples: readonly (readonly [string, string])[] = [
  ['pdl urls.txt -j 4 --delay 1-4', 'four workers that each pause 1 to 4 s on one host'],
  ['pdl urls.txt -j 4 --delay 1-4 --per-host 1', 'one request at a time to each host'],
  ['grep -o "https://[^ ]*" page | pdl -d out', 'a list from a pipe, files into out'],
  ["pdl 'https://example.org/img/[001-100].jpg'", 'a numbered series'],
  ['pdl urls.txt --json | jq -r .path', 'results for a program'],
  ['pdl urls.txt -q --failed again.txt', 'for cron: silent when all went well'],
];

const usage = 'Usage: pdl [options] [list...]';

export function helpText(): string {
  return [
    usage,
    '',
    'Fetches every URL of a list onto disk, several at a time, and reports each file',
    'the moment it is done.',
    '',
    'A list is a file, - (stdin), or an http(s) URL itself, which may hold ranges',
    'such as [1-17], [001-100], [a-z] or {a,b}. Without a list, stdin is read.',
    ...groups.flatMap(([group, flags]) => ['', `${group}:`, ...flags.flatMap(flagLines)]),
    '',
    'Examples:',
    ...examples.flatMap(([command, meaning]) => [`  ${command}`, `      ${meaning}`]),
    '',
    'On one host, -j 4 --delay 1-4 is four workers that each pause 1 to 4 s; for one',
    'request at a time, whatever -j is, add --per-host 1. The first request to a host',
    'starts at once.',
    '',
    'Each option can also be set as PDL_ and its long name (PDL_MAX_WORKERS=4;',
    'booleans 0 or 1; what repeats, one a line); options on the command line win.',
    '',
    'Exit codes: 0 all well, 1 some lines failed, 2 wrong use, 3 disk, 4 stopped by',
    'a limit, 5 another pdl is at work in DIR, 70 a bug in pdl, 129/130/143 stopped',
    'by a signal, 141 stdout closed. Running the same command again continues.',
    '',
  ].join('\n');
}

/** For a terminal without a list. */
export function shortHelp(): string {
  return [
    usage,
    'Cannot begin: no list was given. A list is a file, - (stdin) or an http(s) URL, such as',
    '  pdl urls.txt -j 4 --delay 1-4',
    '  pdl https://example.org/a.jpg',
    '`pdl --help` tells all options',
  ].join('\n');
}

function flagLines(flag: Flag): string[] {
  const head = flag.letter === undefined ? `      ${spelling(flag)}` : `  ${spelling(flag)}`;
  const lines = wrap(sentence(flag), columns - indent);
  const first = head.length < indent - 1 ? [head.padEnd(indent) + lines.shift()] : [head];
  return [...first, ...lines.map((line) => ' '.repeat(indent) + line)];
}

function sentence({ help, initial }: Flag): string {
  return initial === undefined || initial === 'off' ? help : `${help} [${initial.replaceAll(' ', '\u00a0')}]`;
}

/** Breaks at blanks, but not at those that do not break. */
function wrap(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((one) => one.replaceAll('\u00a0', ' '));
}
