/** What curl, wget, wget2, aria2 and pdl make of one and the same URL, each in words that can be compared. */

import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pdl } from './pdl.ts';

/** One program at one URL: how it ended, and what then stands under the final name. */
export interface Ending {
  /** `saved 5`, `failed`, or `failed, left 5`: bytes under the final name. */
  words: string;
  failed: boolean;
  bytes: Buffer | null;
}

export interface Limits {
  /** How long a peer may wait for a server, in whole seconds; a process is killed somewhat later. */
  seconds?: number;
  /** Transfers at the same time. */
  atOnce?: number;
  /** curl: `-C -`. */
  resume?: boolean;
}

interface Peer {
  command: string;
  /** Finds the version in the first line of `--version`. */
  version: RegExp;
  /** Fetches each URL once, the first into `dir/0`, and says which failed. */
  fetch(urls: readonly string[], dir: string, limits: Required<Limits>): Promise<boolean[]>;
}

export const peers = {
  curl: {
    command: 'curl',
    version: /^curl (\S+)/,
    fetch: oneByOne('curl', (url, path, { seconds, resume }) => [
      ...['-q', '-sS', '--fail', '-L', '--max-time', String(seconds)],
      ...[...(resume ? ['-C', '-'] : []), '-o', path, url],
    ]),
  },
  wget: {
    command: 'wget',
    version: /^GNU Wget (\S+)/,
    fetch: oneByOne('wget', (url, path, { seconds }) => [
      ...['--no-config', '--no-hsts', '-q', '-t1', `-T${seconds}`, '-O', path, url],
    ]),
  },
  wget2: {
    command: 'wget2',
    version: /^GNU Wget2 (\S+)/,
    fetch: oneByOne('wget2', (url, path, { seconds }) => [
      ...['--no-config', '--no-hsts', '-q', '--tries=1', `--timeout=${seconds}`, '-O', path, url],
    ]),
  },
  aria2: { command: 'aria2c', version: /^aria2 version (\S+)/, fetch: aria2 },
} satisfies Record<string, Peer>;

export type PeerName = keyof typeof peers;
export const peerNames = Object.keys(peers) as PeerName[];

/** The installed peer's version, or null. */
export function peerVersion(name: PeerName): string | null {
  const { command, version } = peers[name];
  const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  return status === 0 ? (version.exec(stdout)?.[1] ?? null) : null;
}

/** A peer at each URL, one try, no configuration, each into its own file of `dir`. */
export async function peerEach(
  name: PeerName,
  urls: readonly string[],
  dir: string,
  { seconds = 2, atOnce = 8, resume = false }: Limits = {},
): Promise<Ending[]> {
  mkdirSync(dir, { recursive: true });
  const failed = await peers[name].fetch(urls, dir, { seconds, atOnce, resume });
  return urls.map((_, at) => ending(failed[at]!, join(dir, String(at))));
}

function oneByOne(command: string, args: (url: string, path: string, limits: Required<Limits>) => string[]) {
  return async (urls: readonly string[], dir: string, limits: Required<Limits>) => {
    const failed: boolean[] = [];
    let next = 0;
    const worker = async () => {
      for (let at = next++; at < urls.length; at = next++) {
        const all = args(urls[at]!, join(dir, String(at)), limits);
        failed[at] = (await run(command, all, dir, limits.seconds + 1)).failed;
      }
    };
    await Promise.all(Array.from({ length: limits.atOnce }, worker));
    return failed;
  };
}

/** All URLs in one process, which costs 26 ms to start; its table of results says how each ended. */
async function aria2(urls: readonly string[], dir: string, { seconds, atOnce }: Required<Limits>) {
  const list = `${dir}.txt`;
  writeFileSync(list, urls.map((url, at) => `${url}\n  out=${at}\n`).join(''));
  const args = [
    ...['--no-conf', '--no-netrc', '--max-tries=1', `--timeout=${seconds}`, `--connect-timeout=${seconds}`],
    ...['--allow-overwrite=true', '--file-allocation=none', '-d', dir, '-i', list, '-j', String(atOnce)],
    ...['--console-log-level=error', '--show-console-readout=false', '--summary-interval=0'],
  ];
  const patience = 5 + (seconds + 1) * Math.ceil(urls.length / atOnce);
  const { stdout } = await run('aria2c', args, dir, patience);
  const saved = new Set([...stdout.matchAll(/^\w+\|OK +\|[^|]*\|(.*)$/gm)].map(([, path]) => basename(path!)));
  return urls.map((_, at) => !saved.has(String(at)));
}

/** Nothing of the user's configuration or proxies reaches a peer. */
function run(command: string, args: string[], home: string, seconds: number) {
  const env = { PATH: process.env['PATH'], HOME: home, LC_ALL: 'C', no_proxy: '*' };
  const options = { env, timeout: seconds * 1000, killSignal: 'SIGKILL', maxBuffer: 2 ** 26 } as const;
  return new Promise<{ failed: boolean; stdout: string }>((resolve) => {
    execFile(command, args, options, (error, stdout) => resolve({ failed: error !== null, stdout }));
  });
}

function ending(failed: boolean, path: string): Ending {
  const bytes = existsSync(path) ? readFileSync(path) : null;
  const left = bytes === null ? '' : `, left ${bytes.length}`;
  return { words: failed ? `failed${left}` : `saved ${bytes?.length ?? 'nothing'}`, failed, bytes };
}

/** One run of pdl over all URLs, without retries, each into the file of its number. */
export async function pdlEach(urls: readonly string[], dir: string): Promise<Ending[]> {
  mkdirSync(dir, { recursive: true });
  const list = `${dir}.tsv`;
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
