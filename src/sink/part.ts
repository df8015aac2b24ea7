/** One body on its way to its file: gathered in memory up to 1 MiB, beyond that streamed into a part that can be continued. */

import type { Bag, Member } from '../bag.js';
import { PdlError } from '../errors.js';
import { ByteBlocks } from '../structures/byte-blocks.js';
import type { Head, Job, Landed, Part } from '../types.js';
import { Digest } from './digest.js';
import { diskError, lacksHandle, withHandle } from './disk.js';
import { gatherLimit, type Landing, type Whole } from './landing.js';
import { cutShort } from './memory.js';
import { PartFile } from './part-file.js';
import { landWhole } from './whole.js';

/** A small body that broke off is only kept when to continue it saves more than its two files cost. */
const worthKeeping = 64 * 1024;

export class Incoming implements Part, Member {
  readonly job: Job;
  slot = -1;
  readonly #head: Head;
  readonly #name: string;
  readonly #to: Landing;
  /** All that are coming in. */
  readonly #others: Bag<Incoming>;
  readonly #digest: Digest | null;
  readonly #gathered = new ByteBlocks();
  #bytes: number;
  #file: PartFile | null = null;
  #opening: Promise<void> | null = null;
  #made: Whole | null = null;

  /** @param name path below DIR. */
  constructor(job: Job, head: Head, name: string, to: Landing, others: Bag<Incoming>) {
    this.job = job;
    this.#head = head;
    this.#name = name;
    this.#to = to;
    this.#others = others;
    others.add(this);
    this.#bytes = head.offset;
    this.#digest = Digest.of(job, to.settings.sha256);
  }

  /** Opens the file now instead of at the end. */
  async open(): Promise<this> {
    try {
      this.#file = await withHandle(this.#to.clock, () => this.#openFile());
      return this;
    } catch (error) {
      this.#others.delete(this);
      throw this.#told(error);
    }
  }

  write(chunk: Uint8Array): void | Promise<void> {
    this.#bytes += chunk.length;
    // A continued part is hashed when it is whole: to read it first would hold the connection for its length.
    if (this.#head.offset === 0) this.#digest?.update(chunk);
    if (this.#file && !this.#opening) return this.#pass(this.#file, chunk);
    this.#gathered.append(chunk);
    if (this.#bytes > gatherLimit) return this.#spill();
  }

  finish(): Landed | Promise<Landed> {
    if (!this.#isGathered) return this.#landLater();
    try {
      this.#checkLength(this.#bytes);
      const whole = this.#whole(this.#bytes);
      const landing = landWhole(whole, this.#gathered.blocks, this.#to);
      if (landing === undefined) return this.#landed(whole);
      return landing.then(
        () => this.#landed(whole),
        (error) => this.#failGathered(error),
      );
    } catch (error) {
      return this.#failGathered(error);
    }
  }

  async abandon(): Promise<void> {
    await this.#leave(true);
  }

  get #isGathered(): boolean {
    return this.#file === null && this.#opening === null && !this.#to.settings.fsync;
  }

  #failGathered(error: unknown): Promise<Landed> {
    return lacksHandle(error) ? this.#landLater() : this.#fail(error);
  }

  async #landLater(): Promise<Landed> {
    try {
      return await this.#land();
    } catch (error) {
      return this.#fail(error);
    }
  }

  async #land(): Promise<Landed> {
    await this.#opening;
    await this.#file?.stream.flush();
    const bytes = this.#file?.stream.written ?? this.#bytes;
    this.#checkLength(bytes);
    if (this.#digest && this.#head.offset > 0) await this.#file!.readInto(this.#digest);
    const whole = this.#whole(bytes);
    this.#file ??= await withHandle(this.#to.clock, () => this.#writeGathered());
    if (this.#to.settings.remoteTime) this.#file.setTime(this.#head.headers['last-modified']);
    if (this.#to.settings.fsync) await this.#file.sync();
    this.#file.close();
    await this.#to.publish(this.#file.path, whole);
    this.#file.dropNote();
    return this.#landed(whole);
  }

  async #fail(error: unknown): Promise<never> {
    const told = this.#told(error);
    await this.#leave(keeps(told));
    throw told;
  }

  /** @throws PdlError CHECKSUM */
  #whole(bytes: number): Whole {
    this.#made ??= { job: this.job, head: this.#head, name: this.#name, bytes, sha256: this.#digest?.end() };
    return this.#made;
  }

  #checkLength(bytes: number): void {
    const total = this.#head.total ?? this.#bytes;
    if (bytes !== total) throw cutShort(this.job, bytes, total);
  }

  #landed({ bytes, sha256 }: Whole): Landed {
    this.#others.delete(this);
    const landed: Landed = { path: this.#to.shown(this.#name), bytes };
    if (sha256 !== undefined) landed.sha256 = sha256;
    return landed;
  }

  /** A small file that had to wait for a file handle. */
  #writeGathered(): PartFile {
    const { state, backlog } = this.#to;
    const file = PartFile.create(this.job, null, state, backlog, false);
    this.#file = file;
    file.writeNow(this.#gathered.blocks);
    return file;
  }

  #openFile(): PartFile {
    const { state, backlog, settings } = this.#to;
    const { offset } = this.#head;
    if (offset > 0) return PartFile.continued(this.job, offset, state, backlog);
    return PartFile.create(this.job, this.#head, state, backlog, settings.fsync);
  }

  /** Too much to gather: all goes to a file from here on. What comes while it is being opened waits with the rest. */
  #spill(): Promise<void> {
    this.#opening ??= heard(
      this.open().then(() => {
        this.#opening = null;
        for (const block of this.#gathered.take()) void this.#pass(this.#file!, block);
      }),
    );
    return this.#opening;
  }

  #pass(file: PartFile, chunk: Uint8Array): void | Promise<void> {
    try {
      const room = file.write(chunk);
      return room && heard(room.catch((error) => Promise.reject(this.#told(error))));
    } catch (error) {
      throw this.#told(error);
    }
  }

  /** Ends it: keeps what can be continued, drops the rest. Never throws. */
  async #leave(keep: boolean): Promise<void> {
    try {
      await this.#opening?.catch(() => {});
      if (keep && !this.#file && this.#isWorthKeeping()) {
        this.#file = this.#openFile();
        this.#file.writeNow(this.#gathered.blocks);
      }
      const kept = keep && ((await this.#file?.keep()) ?? false);
      this.#file?.close();
      if (!kept) this.#file?.drop();
    } catch {
      // The disk refused again; what it holds is checked by the next run.
    } finally {
      this.#gathered.take();
      this.#others.delete(this);
    }
  }

  #isWorthKeeping(): boolean {
    return this.#bytes >= worthKeeping && this.#head.validator !== undefined;
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
