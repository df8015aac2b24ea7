/** The tools that are measured, and how each is asked to do the same work: fetch a list into a folder, `workers` at a time. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed } from '../support/real-servers.ts';

export interface Asked {
  /** One URL a line; file names are unique over the list. */
  urls: readonly string[];
  workers: number;
  out: string;
  scratch: string;
  /** A certificate authority to trust. */
  ca?: string;
}

export type Peer = (asked: Asked) => string[];

export const pdlBin = join(import.meta.dirname, '../../dist/bin/pdl.cjs');

function list({ urls, scratch }: Asked): string {
  const path = join(scratch, 'urls.txt');
  writeFileSync(path, `${urls.join('\n')}\n`);
  return path;
}

const all: Record<string, Peer> = {
  pdl: (asked) => [
    process.execPath,
    ...[pdlBin, list(asked), '-j', String(asked.workers), '-d', asked.out],
    ...(asked.ca ? ['--cacert', asked.ca] : []),
  ],
  // curl has no list of its own before 8.13: a config file with one url/output pair each, as its users do.
  curl: (asked) => {
    const path = join(asked.scratch, 'curl.txt');
    const pairs = asked.urls.map(
      (url) => `url = "${url}"\noutput = "${asked.out}/${url.slice(url.lastIndexOf('/') + 1)}"`,
    );
    writeFileSync(path, `${pairs.join('\n')}\n`);
    const ca = asked.ca ? ['--cacert', asked.ca] : [];
    return ['curl', '-sS', '-Z', '--http1.1', '--parallel-max', String(asked.workers), ...ca, '-K', path];
  },
  wget2: (asked) => [
    ...['wget2', '-q', '--max-threads', String(asked.workers), '-P', asked.out, '-i', list(asked)],
    ...(asked.ca ? [`--ca-certificate=${asked.ca}`, '--http2=off'] : []),
  ],
  aria2c: (asked) => [
    ...[
      'aria2c',
      '-q',
      '-j',
      String(asked.workers),
      '-x',
      '1',
      '-s',
      '1',
      '--file-allocation=none',
      '--deferred-input=true',
    ],
    ...['-d', asked.out, '-i', list(asked), ...(asked.ca ? [`--ca-certificate=${asked.ca}`] : [])],
  ],
};

/** pdl and every peer that is installed. */
export function peers(): [name: string, peer: Peer][] {
  return Object.entries(all).filter(([name]) => name === 'pdl' || installed(name));
}
