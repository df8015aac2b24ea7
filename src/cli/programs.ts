/** What the command needs of the library, loaded only when a run begins: it takes 10 ms. */

import type { Options } from '../options.js';
import type { Entry, Result, Source, Summary } from '../types.js';
import type { Manner } from './request.js';

export type Input =
  | { kind: 'file'; path: string }
  | { kind: 'stdin'; stream: NodeJS.ReadableStream }
  | { kind: 'url'; text: string };

export interface Lists extends AsyncIterable<Entry> {
  readonly counts: { lines: number; bad: number; urls: number };
  /** Called when the lists were read to their end. */
  onEnd: (() => void) | null;
  close(): unknown;
}

/** One finding of `--verify`. */
export interface Finding {
  path: string;
  ok: boolean;
  problem?: string;
}

export interface Library {
  download(source: Source, options?: Options): AsyncGenerator<Result, Summary, undefined>;
  submit(
    source: Source,
    options: Options & { queue: string; run?: string },
  ): AsyncGenerator<Result, Summary, undefined>;
  work(options: Options & { queue: string }): AsyncGenerator<Result, Summary, undefined>;
  openLists(
    inputs: readonly Input[],
    options: { format: Manner['format']; glob: Manner['glob']; warn(text: string): void },
  ): Promise<Lists>;
  plan(source: Source, options?: Options): Promise<object>;
  verify(dir: string): AsyncIterable<Finding>;
}

/** Where the command runs: the process, or a test. */
export interface Surroundings {
  argv: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  /** Where signals and last-resort errors are heard. */
  process: NodeJS.EventEmitter;
  exit(code: number): void;
  /** Stops this process until someone lets it go on. */
  suspend(): void;
  load(): Promise<Library>;
}
