/** A sink without a disk: bodies stay in memory and travel in the result. */

import { PdlError } from '../errors.js';
import { ByteBlocks } from '../structures/byte-blocks.js';
import type { Head, Job, Landed, Part, Sink } from '../types.js';
import { withoutUserinfo } from '../url.js';
import { Digest } from './digest.js';

/** Options of `memory`. */
export interface MemoryOptions {
  /** Largest body in bytes; a larger one fails with TOO_LARGE. Default 256 MiB. */
  maxSize?: number;
}

/**
 * Keeps each body in `result.body`. Nothing is resumed and nothing remembered; `result.path` is the job's name.
 * @example for await (const result of download(urls, { sink: memory() })) if (result.status === 'saved') parse(result.body);
 */
export function memory(options: MemoryOptions = {}): Sink {
  const { maxSize = 256 * 1024 ** 2 } = options;
  return {
    held: () => null,
    begin: (job, head) => gather(job, head, maxSize),
    forget() {},
    async close() {},
  };
}

function gather(job: Job, head: Head, maxSize: number): Part {
  const digest = Digest.of(job, false);
  const body = new ByteBlocks();
  let bytes = 0;
  if ((head.total ?? 0) > maxSize) throw tooLarge(job, maxSize);
  return {
    write(chunk) {
      bytes += chunk.length;
      if (bytes > maxSize) throw tooLarge(job, maxSize);
      digest?.update(chunk);
      body.append(chunk);
    },
    async finish(): Promise<Landed> {
      if (head.total !== undefined && bytes !== head.total) throw cutShort(job, bytes, head.total);
      digest?.end();
      return { path: job.name ?? '', bytes, body: body.takeBytes() };
    },
    async abandon() {
      body.take();
    },
  };
}

/** The body is not as long as its head said. */
export function cutShort(job: Job, bytes: number, total: number): PdlError {
  return new PdlError('TRUNCATED', `Cannot keep ${withoutUserinfo(job.url)}: ${bytes} of ${total} bytes came`);
}

function tooLarge(job: Job, maxSize: number): PdlError {
  return new PdlError(
    'TOO_LARGE',
    `Cannot hold ${withoutUserinfo(job.url)} in memory: it is larger than ${maxSize} bytes`,
  );
}
