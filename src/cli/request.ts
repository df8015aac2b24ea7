/** What the user asks for: command line over PDL_ variables over defaults, checked. */

import { UsageError } from '../errors.js';
import { type OptionName, type Options, options as optionTable, settle } from '../options.js';
import { readCommandLine, type Typed } from './command.js';
import { type Environment, readVariables } from './env.js';
import { keyOf, variableOf } from './flag.js';
import { flags } from './flags.js';

export type Program = 'help' | 'version' | 'completion' | 'verify' | 'plan' | 'fetch';

/** Settings that only the command has. */
export interface Manner {
  format: 'lines' | 'aria2' | 'tsv' | 'csv' | 'jsonl' | 'auto';
  glob: 'arguments' | 'everywhere' | 'never';
  output: 'text' | 'json' | 'path';
  failed: string | null;
  report: string | null;
  progress: 'auto' | 'bar' | 'plain' | 'none';
  quiet: boolean;
  verbose: number;
  color: 'auto' | 'always' | 'never';
  completion: 'bash' | 'zsh' | 'fish' | null;
  queue: string | null;
  worker: boolean;
  run: string | null;
}

export interface Request {
  program: Program;
  /** Files, `-` and URLs, in order. */
  lists: string[];
  /** For `download`, as typed. */
  options: Options;
  manner: Manner;
}

/** @throws UsageError naming the flag or the variable, its value and what is allowed. */
export function readRequest(argv: readonly string[], env: Environment): Request {
  const { typed, lists } = readCommandLine(argv);
  const variables = readVariables(env);
  const given: Typed = { ...variables, ...typed };
  const spell = (key: string) => {
    const flag = flags.find((one) => keyOf(one) === key);
    if (flag === undefined) return key;
    return key in typed ? `--${flag.long}` : variableOf(flag);
  };
  const program = programOf(given);
  if (program === 'help' || program === 'version') return { program, lists, options: {}, manner: mannerOf({}) };
  checkOwn(given, spell);
  const options = optionsOf(given);
  settle(options, spell);
  const inputs = argv.some(isInputFlag) ? [] : ((variables['input'] as string[] | undefined) ?? []);
  return { program, lists: [...inputs, ...lists], options, manner: mannerOf(given) };
}

const isInputFlag = (text: string) => /^(?:-i|--input(?:=|$))/.test(text);

function programOf(given: Typed): Program {
  if (given['help']) return 'help';
  if (given['version']) return 'version';
  if (given['completion'] !== undefined) return 'completion';
  if (given['plan'] && given['verify']) throw new UsageError('Cannot use --plan with --verify: choose one');
  if (given['verify']) return 'verify';
  return given['plan'] ? 'plan' : 'fetch';
}

/** Checks the flags that are no options of the library. */
function checkOwn(given: Typed, spell: (key: string) => string): void {
  for (const flag of flags) {
    const key = keyOf(flag);
    const value = given[key];
    if (flag.kind === undefined || value === undefined || flag.kind.parse(value) !== undefined) continue;
    throw new UsageError(
      `Cannot use ${spell(key)} ${JSON.stringify(value).slice(0, 80)}: allowed is ${flag.kind.allowed}`,
    );
  }
  if (given['json'] && given['print']) {
    throw new UsageError(`Cannot use ${spell('json')} with ${spell('print')}: both say what stdout carries`);
  }
}

function optionsOf(given: Typed): Options {
  const entries = Object.entries(given).filter(([key]) => Object.hasOwn(optionTable, key));
  return Object.fromEntries(entries) as Partial<Record<OptionName, never>>;
}

function mannerOf(given: Typed): Manner {
  const word = <T>(key: string, initial: T) => (given[key] ?? initial) as T;
  return {
    format: word('format', 'auto'),
    glob: given['noGlob'] ? 'never' : given['glob'] ? 'everywhere' : 'arguments',
    output: given['json'] ? 'json' : given['print'] ? 'path' : 'text',
    failed: word('failed', null),
    report: word('report', null),
    progress: word('progress', 'auto'),
    quiet: given['quiet'] === true,
    verbose: word('verbose', 0),
    color: word('color', 'auto'),
    completion: word('completion', null),
    queue: word('queue', null),
    worker: given['worker'] === true,
    run: word('run', null),
  };
}
