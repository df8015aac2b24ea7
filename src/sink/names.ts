/** Gives each job its path below DIR, in list order and by the job alone, so that the same list gives the same names every time. */

import { PdlError } from '../errors.js';
import type { Settings } from '../options.js';
import type { Job } from '../types.js';
import { urlHash, withoutUserinfo } from '../url.js';
import { cleanName } from './clean.js';
import { KeyedHash } from './hashes.js';
import { HashTable } from './table.js';
import { Taken } from './taken.js';
import { template } from './template.js';

/** What is known of names before the first is given. */
export interface KnownNames {
  /** Every name that is taken: those that were recorded, and each that is given. */
  readonly taken: Taken;
  /** The name under which an earlier run saved this very job. */
  recorded(job: Job): string | undefined;
  /** True when something that no journal knows stands at this path. Asked under `--existing rename` only. */
  occupied(path: string): boolean;
}

export interface Names {
  /**
   * The path below DIR for the next job of the list. Duplicates are to be sorted out before: they would use up a number.
   * @param index counts the URL lines, from 1.
   * @throws PdlError NAME when no safe name can be made.
   */
  give(job: Job, index: number): string;
  /** How many names had to be numbered. */
  readonly numbered: number;
}

/** Nothing was ever saved: for `--plan`, for sinks without a directory. */
export function nothingKnown(): KnownNames {
  return { taken: new Taken(), recorded: () => undefined, occupied: () => false };
}

/** @throws UsageError when the template is broken. */
export function openNames(
  settings: Pick<Settings, 'name' | 'names' | 'existing'> & Partial<Pick<Settings, 'named'>>,
  known: KnownNames = nothingKnown(),
): Names {
  const propose = settings.names ?? template(settings.name);
  const occupied = settings.existing === 'rename' ? (path: string) => known.occupied(path) : undefined;
  const owners = settings.named ? openOwners() : null;
  let numbered = 0;
  return {
    give(job, index) {
      const recorded = known.recorded(job);
      if (recorded !== undefined) return recorded;
      const path = cleanPath(job.name ?? propose(job, index), job);
      if (owners?.has(job, path)) return path;
      const given = known.taken.claim(path, occupied);
      owners?.add(job, given);
      if (given !== path) numbered += 1;
      return given;
    },
    get numbered() {
      return numbered;
    },
  };
}

/** Who was given which name: a job that comes again keeps it. 10 bytes a line. */
function openOwners() {
  const hash = new KeyedHash();
  const pairs = new HashTable();
  const of = (job: Job, name: string) => hash.text(`${job.id} ${name}`);
  return {
    has(job: Job, name: string): boolean {
      const { high, low } = of(job, name);
      return pairs.has(high, low);
    },
    add(job: Job, name: string): void {
      const { high, low } = of(job, name);
      pairs.add(high, low);
    },
  };
}

/** Longest path below DIR, in bytes: half of what Linux takes, so that DIR has the other half. */
const longestPath = 2048;

/** Cleans each segment; those of which nothing is left, `..` among them, vanish. */
function cleanPath(text: string, job: Job): string {
  const parts = text.split('/');
  const segments: string[] = [];
  let length = 0;
  // Further directories are left out anyway, and each of them might need the hash of the whole URL.
  for (let at = 0; at < parts.length - 1 && length <= longestPath; at++) {
    const segment = cleanName(parts[at]!, job.url);
    if (segment !== '') segments.push(segment);
    length += segment.length;
  }
  // A name of which nothing is left must not make a file of its directory: `pics/` is no file called `pics`.
  segments.push(cleanName(parts.at(-1)!, job.url) || nameless(text, job));
  const path = segments.join('/');
  return path.length * 3 <= longestPath || Buffer.byteLength(path) <= longestPath ? path : shortened(segments, job.url);
}

/** A URL always has a name; a list that names a file `..` has not named it. */
function nameless(text: string, job: Job): string {
  if (job.name === undefined) return urlHash(job.url).slice(0, 8);
  throw new PdlError(
    'NAME',
    `Cannot name ${withoutUserinfo(job.url)}: nothing of ${JSON.stringify(text.slice(0, 80))} is a safe file name`,
  );
}

/** The first directories as far as they fit, 8 digits of the URL's hash for the others, and the name. */
function shortened(segments: string[], url: string): string {
  const kept: string[] = [];
  let bytes = Buffer.byteLength(segments.at(-1)!) + 9;
  for (const segment of segments.slice(0, -1)) {
    bytes += Buffer.byteLength(segment) + 1;
    if (bytes > longestPath) break;
    kept.push(segment);
  }
  return [...kept, urlHash(url).slice(0, 8), segments.at(-1)!].join('/');
}
