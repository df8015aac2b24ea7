/** The examples of the README: taken from its very text, and run as a reader would. */

import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { bin } from './pdl.ts';

const root = join(import.meta.dirname, '../..');
const readme = join(root, 'README.md');

export interface Example {
  /** What stands after the fence: `ts`, `js`, `sh`. */
  language: string;
  text: string;
}

/** All blocks that follow a comment `<!-- example: NAME -->`, by name. */
export function examples(): Map<string, Example> {
  const blocks = readFileSync(readme, 'utf8').matchAll(/^<!-- example: (\S+) -->\n```(\w+)\n(.*?)^```$/gms);
  return new Map([...blocks].map(([, name = '', language = '', text = '']) => [name, { language, text }]));
}

/** One block. @param changes each [text, its replacement]; that a text is there at all is part of the test. */
export function example(name: string, changes: readonly (readonly [string, string])[] = []): Example {
  const found = examples().get(name);
  if (found === undefined) throw new Error(`the README has no example called ${name}`);
  const text = changes.reduce((given, [from, to]) => {
    if (!given.includes(from)) throw new Error(`the example ${name} says nothing of ${from}`);
    return given.replaceAll(from, to);
  }, found.text);
  return { ...found, text };
}

/** Writes a block as a program into `dir`, where `pdl` is an installed package. */
export function place(dir: string, name: string, { language, text }: Example): string {
  mkdirSync(join(dir, 'node_modules'), { recursive: true });
  try {
    symlinkSync(root, join(dir, 'node_modules/pdl'));
    writeFileSync(join(dir, 'package.json'), '{ "type": "module" }');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const file = join(dir, `${name}.${language}`);
  writeFileSync(file, text);
  return file;
}

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a block in `dir`: TypeScript and JavaScript by this Node, a command by a shell that knows `pdl`. */
export function runExample(dir: string, name: string, block: Example): Promise<Ran> {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1', NODE_TEST_CONTEXT: undefined };
  if (block.language === 'sh') {
    const tools = join(dir, '.tools');
    mkdirSync(tools, { recursive: true });
    writeFileSync(join(tools, 'pdl'), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`, { mode: 0o755 });
    return run('/bin/sh', ['-c', block.text], dir, { ...env, PATH: `${tools}${delimiter}${process.env['PATH']}` });
  }
  return run(process.execPath, ['--import', import.meta.resolve('tsx'), place(dir, name, block)], dir, env);
}

function run(file: string, args: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(file, args, { cwd, env, maxBuffer: 2 ** 26 }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
    child.stdin?.end();
  });
}
