/** The command on one page: read flags, run one program, tell, and leave with a code. */

import { systemClock } from '../clock.js';
import { PdlError, UsageError } from '../errors.js';
import { safe } from '../report/safe.js';
import { withoutPasswords } from '../report/secrets.js';
import { version } from '../version.js';
import { exitCode } from './exit-code.js';
import { helpText } from './help.js';
import { type Output, openOutput } from './output.js';
import type { Surroundings } from './programs.js';
import { type Request, readRequest } from './request.js';
import { tuneV8 } from './v8.js';

const here: Surroundings = {
  argv: process.argv.slice(2),
  env: process.env,
  // opened only when it is read
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  process,
  exit: (code) => process.exit(code),
  suspend: () => process.kill(process.pid, 'SIGSTOP'),
  async load() {
    const library = await import('../index.js');
    tuneV8();
    return library;
  },
};

/** Runs the command and leaves when the last byte of it is with the system. */
export async function main(surroundings: Surroundings = here): Promise<void> {
  const { argv, env, stdout, stderr, exit } = surroundings;
  const output = openOutput(stdout, stderr, systemClock);
  const leave = async (code: number) => {
    await output.drained();
    exit(output.broken === null ? code : exitCode(null, brokenFacts(output)));
  };
  const bug = (error: unknown) => {
    output.say(bugText(error));
    void leave(exitCode(null, { bug: true }));
  };
  surroundings.process.on('uncaughtException', bug);
  surroundings.process.on('unhandledRejection', bug);
  try {
    await leave(await run(readRequest(argv, env), surroundings, output));
  } catch (error) {
    await leave(tellError(error, output));
  }
}

/** Each program in its own file, loaded when it is asked for. */
async function run(request: Request, surroundings: Surroundings, output: Output): Promise<number> {
  switch (request.program) {
    case 'help':
      return print(helpText(), output);
    case 'version':
      return print(`${version}\n`, output);
    case 'completion':
      return print((await import('./completion.js')).completion(request.manner.completion!), output);
    case 'verify':
      return (await import('./verify.js')).verify(request, surroundings, output);
    case 'plan':
      return (await import('./plan.js')).plan(request, surroundings, output);
    case 'fetch':
      return (await import('./fetch.js')).fetch(request, surroundings, output);
  }
}

function print(text: string, output: Output): number {
  output.out(text);
  return 0;
}

/** One line for a run that did not come about. */
function tellError(error: unknown, output: Output): number {
  if (!(error instanceof UsageError || error instanceof PdlError)) {
    output.say(bugText(error));
    return exitCode(null, { bug: true });
  }
  output.say(`pdl: ${withoutPasswords(safe(error.message))}`);
  return exitCode(null, error instanceof UsageError ? { misused: true } : { refused: error.code });
}

function bugText(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = text.split('\n').map((line) => withoutPasswords(safe(line)));
  return ['pdl: this is a bug in pdl; running the same command again continues', ...lines].join('\n');
}

function brokenFacts({ broken }: Output) {
  return broken?.code === 'EPIPE' ? { stdoutGone: true } : { notWritten: true };
}
