/** What curl and pdl make of one and the same URL, each in words that can be compared. */

import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pdl } from './pdl.ts';

/** One program at one URL: how it ended, and what then stands under the final name. */
export interface Ending {
  /** `saved 5`, `failed`, or `failed, left 5`: bytes under the final name. */
  words: string;
  bytes: Buffer | null;
}

/** The installed curl's version, or null. */
export function curlVersion(): string | null {
  const { status, stdout } = spawnSync('curl', ['--version'], { encoding: 'utf8' });
  return status === 0 ? (/^curl (\S+)/.exec(stdout)?.[1] ?? null) : null;
}

function ending(failed: boolean, path: string): Ending {
  const bytes = existsSync(path) ? readFileSync(path) : null;
  const left = bytes === null ? '' : `, left ${bytes.length}`;
  return { words: failed ? `failed${left}` : `saved ${bytes?.length ?? 'nothing'}`, bytes };
}

/** `curl -sS --fail -L` of each URL into its own file of `dir`, eight at a time; `-C -` with `resume`. */
export async function curlEach(urls: readonly string[], dir: string, resume = false): Promise<Ending[]> {
  mkdirSync(dir, { recursive: true });
  const endings: Ending[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < urls.length; at = next++) {
      const path = join(dir, String(at));
      const args = [
        '-q',
        '-sS',
        '--fail',
        '-L',
        '--max-time',
        '2',
        ...(resume ? ['-C', '-'] : []),
        '-o',
        path,
        urls[at]!,
      ];
      const { code } = await run('curl', args).catch((error: { code?: unknown }) => ({ code: error.code }));
      endings[at] = ending(code !== undefined, path);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return endings;
}

const run = async (program: string, args: string[]) => {
  const env = { ...process.env, no_proxy: '*' };
  await promisify(execFile)(program, args, { env, maxBuffer: 2 ** 26 });
  return { code: undefined };
};

/** One run of pdl over all URLs, without retries, each into the file of its number. */
export async function pdlEach(urls: readonly string[], dir: string): Promise<Ending[]> {
  const list = join(`${dir}.tsv`);
  writeFileSync(list, `url\tout\n${urls.map((url, at) => `${url}\t${at}`).join('\n')}\n`);
  const limits = ['--retry', '0', '--max-retry-after', '0', '--timeout', '1', '--max-time', '2'];
  const { stdout, stderr } = await pdl([list, '-d', dir, '--json', '-j', '16', ...limits]);
  const results = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'result');
  if (results.length !== urls.length) throw new Error(`${results.length} results: ${stderr}`);
  const failed = new Set(results.filter(({ status }) => status === 'failed').map(({ line }) => line - 2));
  const strangers = readdirSync(dir).filter((name) => !/^(?:\d+|\.pdl)$/.test(name));
  if (strangers.length > 0) throw new Error(`nobody asked for ${strangers}`);
  return urls.map((_, at) => ending(failed.has(at), join(dir, String(at))));
}
