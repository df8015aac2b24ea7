/** Hashes of a file: the checksum its line asks for, and the SHA-256 that --sha256 records. */

import { createHash, type Hash } from 'node:crypto';
import { PdlError } from '../errors.js';
import type { Algorithm, Job } from '../types.js';
import { withoutUserinfo } from '../url.js';

/** The hashes of one body. */
export class Digest {
  readonly #job: Job;
  readonly #hashes = new Map<Algorithm, Hash>();
  readonly #recorded: boolean;

  private constructor(job: Job, sha256: boolean) {
    this.#job = job;
    this.#recorded = sha256;
    if (job.checksum) this.#hashes.set(job.checksum.algorithm, createHash(job.checksum.algorithm));
    if (sha256 && !this.#hashes.has('sha256')) this.#hashes.set('sha256', createHash('sha256'));
  }

  /** Null when nobody wants a hash. */
  static of(job: Job, sha256: boolean): Digest | null {
    return sha256 || job.checksum ? new Digest(job, sha256) : null;
  }

  update(chunk: Uint8Array): void {
    for (const hash of this.#hashes.values()) hash.update(chunk);
  }

  /**
   * The SHA-256 to record, if one is.
   * @throws PdlError CHECKSUM when the bytes are not those of the list.
   */
  end(): string | undefined {
    const results = new Map([...this.#hashes].map(([algorithm, hash]) => [algorithm, hash.digest('hex')]));
    const { checksum, url } = this.#job;
    if (checksum && results.get(checksum.algorithm) !== checksum.hex.toLowerCase()) {
      throw new PdlError(
        'CHECKSUM',
        `Cannot keep ${withoutUserinfo(url)}: its ${checksum.algorithm} is ${results.get(checksum.algorithm)}, the list says ${checksum.hex}`,
      );
    }
    return this.#recorded ? results.get('sha256') : undefined;
  }
}
