/** `-o`: a path written with words in braces, checked when the run starts and filled for each job. */

import { PdlError, UsageError } from '../errors.js';
import type { Job, NamePolicy } from '../types.js';
import { urlHash, withoutUserinfo } from '../url.js';
import { split } from './clean.js';
import { urlName, urlNames } from './decode.js';

/** Writes one piece of the path. */
type Piece = (job: Job, index: number) => string;

const allowed = '{host} {path} {name} {stem} {ext} {index} {index:06} {line} {hash} {hash:8} and columns of the list';

/** @throws UsageError for broken braces and widths. */
export function template(text: string): NamePolicy {
  const pieces: Piece[] = [];
  // An even number of parts: text, word, text, word, …, text.
  text.split(/\{([^{}]*)\}/).forEach((part, position) => {
    if (position % 2 === 1) pieces.push(word(part, text));
    else if (/[{}]/.test(part)) throw broken(text, 'a brace has no partner');
    else if (part !== '') pieces.push(() => part);
  });
  if (pieces.length === 1) return pieces[0]!;
  return (job, index) => pieces.map((piece) => piece(job, index)).join('');
}

const words: Record<string, Piece> = {
  host: (job) => urlNames(job.url).host,
  path: (job) => urlNames(job.url).segments.join('/'),
  name: (job) => urlName(job.url),
  stem: (job) => split(urlName(job.url))[0],
  ext: (job) => split(urlName(job.url))[1].slice(1),
  index: (_, index) => String(index),
  line: (job) => String(job.origin.number),
  hash: (job) => urlHash(job.url),
};

function word(text: string, whole: string): Piece {
  const colon = text.lastIndexOf(':');
  const name = colon === -1 ? text : text.slice(0, colon);
  if (name === '') throw broken(whole, 'a pair of braces holds no word');
  if (colon !== -1) return sized(name, text.slice(colon + 1), whole);
  return Object.hasOwn(words, name) ? words[name]! : column(name);
}

function sized(name: string, size: string, whole: string): Piece {
  const count = Number(size);
  if (name === 'index' && /^0[1-9]\d?$/.test(size)) return (_, index) => String(index).padStart(count, '0');
  if (name === 'hash' && /^[1-9]\d?$/.test(size) && count <= 64) return (job) => urlHash(job.url).slice(0, count);
  throw broken(whole, `{${name}:${size}} has no such width`);
}

function column(name: string): Piece {
  return (job) => {
    const value = job.columns && Object.hasOwn(job.columns, name) ? job.columns[name] : undefined;
    if (value !== undefined) return value;
    throw new PdlError(
      'NAME',
      `Cannot name ${withoutUserinfo(job.url)}: {${name}} is no word of the template and no column of its line`,
    );
  };
}

function broken(text: string, state: string): UsageError {
  return new UsageError(`Cannot use --name ${JSON.stringify(text).slice(0, 80)}: ${state}; allowed are ${allowed}`);
}
