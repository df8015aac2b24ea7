/** One body on its way to its file: gathered in memory up to 1 MiB, beyond that streamed into a part that can be continued. */

import { PdlError } from '../errors.js';
import type { Head, Job, Landed, Part } from '../types.js';
import { Digest } from './digest.js';
import { diskError, lacksHandle, withHandle } from './disk.js';
import { gatherLimit, type Landing } from './landing.js';
import { cutShort } from './memory.js';
import { PartFile } from './part-file.js';

/** A small body that broke off is only kept when to continue it saves more than its two files cost. */
const worthKeeping = 64 * 1024;

export class Incoming implements Part {
  readonly #job: Job;
  readonly #head: Head;
  readonly #to: Landing;
  readonly #digest: Digest | null;
  #chunks: Uint8Array[] = [];
  #bytes: number;
  #file: PartFile | null = null;
  #opening: Promise<void> | null = null;

  constructor(job: Job, head: Head, to: Landing) {
    this.#job = job;
    this.#head = head;
    this.#to = to;
    this.#bytes = head.offset;
    this.#digest = Digest.of(job, to.settings.sha256);
  }

  /** Opens the file now instead of at the end. */
  open(): Promise<this> {
    return this.#tell(async () => {
      this.#file = await withHandle(this.#to.clock, () => this.#openFile());
      return this;
    });
  }

  write(chunk: Uint8Array): void | Promise<void> {
    this.#bytes += chunk.length;
    // A continued part is hashed when it is whole: to read it first would hold the connection for its length.
    if (this.#head.offset === 0) this.#digest?.update(chunk);
    if (this.#file && !this.#opening) return this.#pass(this.#file, chunk);
    this.#chunks.push(chunk);
    if (this.#bytes > gatherLimit) return this.#spill();
  }

  async finish(): Promise<Landed> {
    try {
      return this.#landNow() ?? (await this.#land());
    } catch (error) {
      const told = this.#told(error);
      await this.#leave(keeps(told));
      throw told;
    } finally {
      this.#to.ended();
    }
  }

  async abandon(): Promise<void> {
    await this.#leave(true);
    this.#to.ended();
  }

  /** A small file, with nothing to wait for: each promise costs a tenth of its JavaScript. Null where something is. */
  #landNow(): Landed | null {
    if (this.#file || this.#opening || this.#to.settings.fsync) return null;
    this.#checkLength(this.#bytes);
    try {
      this.#file = this.#writeGathered();
    } catch (error) {
      if (lacksHandle(error)) return null;
      throw error;
    }
    const sha256 = this.#digest?.end();
    this.#setTime(this.#file);
    this.#file.close();
    void this.#to.publish(this.#file.path, this.#bytes, sha256);
    return this.#landed(this.#bytes, sha256);
  }

  async #land(): Promise<Landed> {
    await this.#opening;
    await this.#file?.stream.flush();
    const bytes = this.#file?.stream.written ?? this.#bytes;
    this.#checkLength(bytes);
    if (this.#digest && this.#head.offset > 0) await this.#file!.readInto(this.#digest);
    const sha256 = this.#digest?.end();
    this.#file ??= await withHandle(this.#to.clock, () => this.#writeGathered());
    this.#setTime(this.#file);
    if (this.#to.settings.fsync) await this.#file.sync();
    this.#file.close();
    await this.#to.publish(this.#file.path, bytes, sha256);
    this.#file.dropNote();
    return this.#landed(bytes, sha256);
  }

  #checkLength(bytes: number): void {
    const total = this.#head.total ?? this.#bytes;
    if (bytes !== total) throw cutShort(this.#job, bytes, total);
  }

  #setTime(file: PartFile): void {
    if (this.#to.settings.remoteTime) file.setTime(this.#head.headers['last-modified']);
  }

  #landed(bytes: number, sha256: string | undefined): Landed {
    const landed: Landed = { path: this.#to.path, bytes };
    if (sha256 !== undefined) landed.sha256 = sha256;
    return landed;
  }

  /** The small file's path: one open, one write, one close, all of them now. Measured fastest on tmpfs. */
  #writeGathered(): PartFile {
    const { state, backlog } = this.#to;
    const file = PartFile.create(this.#job, null, state, backlog, false);
    this.#file = file;
    file.writeNow(this.#chunks);
    return file;
  }

  #openFile(): PartFile {
    const { state, backlog, settings } = this.#to;
    const { offset } = this.#head;
    if (offset > 0) return PartFile.continued(this.#job, offset, state, backlog);
    return PartFile.create(this.#job, this.#head, state, backlog, settings.fsync);
  }

  /** Too much to gather: all goes to a file from here on. What comes while it is being opened waits with the rest. */
  #spill(): Promise<void> {
    this.#opening ??= heard(
      this.open().then(() => {
        const chunks = this.#chunks;
        this.#chunks = [];
        this.#opening = null;
        for (const chunk of chunks) void this.#pass(this.#file!, chunk);
      }),
    );
    return this.#opening;
  }

  #pass(file: PartFile, chunk: Uint8Array): void | Promise<void> {
    try {
      const room = file.write(chunk);
      return room && heard(this.#tell(() => room));
    } catch (error) {
      throw this.#told(error);
    }
  }

  /** Keeps what can be continued, drops the rest. Never throws. */
  async #leave(keep: boolean): Promise<void> {
    try {
      await this.#opening?.catch(() => {});
      if (keep && !this.#file && this.#isWorthKeeping()) {
        this.#file = this.#openFile();
        this.#file.writeNow(this.#chunks);
      }
      const kept = keep && ((await this.#file?.keep()) ?? false);
      this.#file?.close();
      if (!kept) this.#file?.drop();
    } catch {
      // The disk refused again; what it holds is checked by the next run.
    } finally {
      this.#chunks = [];
    }
  }

  #isWorthKeeping(): boolean {
    return this.#bytes >= worthKeeping && this.#head.validator !== undefined;
  }

  async #tell<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw this.#told(error);
    }
  }

  #told(error: unknown): unknown {
    return diskError(error, this.#to.settings.dir, this.#head.total);
  }
}

/** A cut connection leaves a promise that nobody waits for; its failure is told again by `finish`. */
function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** After these the bytes are as good as before; after others, such as a wrong checksum, they are not. */
function keeps(error: unknown): boolean {
  return error instanceof PdlError && (error.code === 'TRUNCATED' || error.code === 'DISK');
}
