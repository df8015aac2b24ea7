/** Reads a command line by the flag table. The only importer of commander. */

import { parseArgs } from 'node:util';
import { Command, CommanderError, Option } from 'commander';
import { UsageError } from '../errors.js';
import { safe } from '../report/safe.js';
import { withoutPasswords } from '../report/secrets.js';
import { type Flag, spelling } from './flag.js';
import { flags } from './flags.js';

/** What was typed, by key: true for a flag that stands alone, a count or a list for one that repeats. */
export type Typed = Record<string, string | string[] | number | true>;

export interface CommandLine {
  typed: Typed;
  /** Lists and URLs, those of `-i` among them, in the order of the command line. */
  lists: string[];
}

/** @throws UsageError with a nearby flag when there is one. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const command = new Command('pdl')
    .argument('[list...]')
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  for (const flag of flags) command.addOption(optionOf(flag));
  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    throw error instanceof CommanderError ? new UsageError(sentence(error.message)) : error;
  }
  const typed = command.opts<Typed>();
  delete typed['input'];
  return { typed, lists: listsInOrder(argv) };
}

function optionOf(flag: Flag): Option {
  const value = flag.value === undefined ? '' : ` <${flag.value}>`;
  const option = new Option(`${flag.letter === undefined ? '' : `-${flag.letter}, `}--${flag.long}${value}`);
  // commander takes every --no-x for the negation of --x; here --no-proxy has a value and --no-resume no partner
  option.negate = false;
  if (flag.repeat && flag.value !== undefined) option.argParser(collect);
  if (flag.repeat && flag.value === undefined) option.argParser(count).preset('');
  return option;
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function count(_value: string, before: number | undefined): number {
  return (before ?? 0) + 1;
}

/** commander keeps operands and option values apart; the order among them is told by Node's own tokens. */
function listsInOrder(argv: readonly string[]): string[] {
  const options = Object.fromEntries(
    flags.map((flag) => [
      flag.long,
      {
        type: flag.value === undefined ? ('boolean' as const) : ('string' as const),
        ...(flag.letter && { short: flag.letter }),
      },
    ]),
  );
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true });
  return tokens.flatMap((token) => {
    if (token.kind === 'positional') return [token.value];
    return token.kind === 'option' && token.name === 'input' ? [token.value ?? ''] : [];
  });
}

/** commander's message as a sentence of this house. */
function sentence(message: string): string {
  const [, unknown = ''] = /unknown option '([^']*)'/.exec(message) ?? [];
  if (unknown !== '') {
    const near = /Did you mean (?:one of )?(.*)\?/.exec(message)?.[1];
    const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
    return `Cannot use ${withoutPasswords(safe(unknown.split('=')[0] ?? ''))}: there is no such option${hint}`;
  }
  const missing = flags.find((flag) => message.includes(`--${flag.long} <`));
  if (missing !== undefined) return `Cannot use --${missing.long}: its value is missing (${spelling(missing)})`;
  return `Cannot read the command line: ${safe(message.replace(/^error: /, ''))}`;
}
