/** The directory where files land: parts, final names, the journal, and what it knows of earlier runs. */

import { rmSync } from 'node:fs';
import { Bag } from '../bag.js';
import type { Clock } from '../clock.js';
import { PdlError } from '../errors.js';
import type { Head, Held, Job, Part, Passed, Sink, Store } from '../types.js';
import { withoutUserinfo } from '../url.js';
import { diskError, withHandle } from './disk.js';
import { answeredName } from './disposition.js';
import { Existing, shownPath } from './existing.js';
import { DirectorySync } from './fsync.js';
import { gatherLimit, type Landing, type Whole } from './landing.js';
import type { KnownNames } from './names.js';
import { heldOf, readNote } from './note.js';
import { Incoming } from './part.js';
import { dropOldNote, partPath } from './part-file.js';
import { Pending } from './pending.js';
import { look, makeParents } from './publish.js';
import { encode, entryOf, isBelow } from './record.js';
import type { Fate } from './ring.js';
import { type DirectorySettings, openState, type State } from './state.js';
import { Taken } from './taken.js';
import { Writer } from './writer.js';

export interface Directory extends Sink, Store {
  skip(job: Job): Passed | null;
  add(job: Job): void | Promise<void>;
  forget(job: Job): void;
  close(): Promise<void>;
  /** What earlier runs saved, for `openNames`. */
  readonly known: KnownNames;
  readonly journalPath: string;
  /** Says that nothing is left and nothing failed: then `close` removes a `.pdl` that this run made for URL arguments alone. */
  tidy(): void;
}

/** Bytes that may wait to be written, over all files. With 32 MiB 10 x 200 MB took 2.0 s and 160 MB, with 8 MiB 1.65 s and 147 MB (tmpfs). */
const backlogLimit = 8 * 1024 ** 2;

/**
 * Makes DIR, locks it and reads its journal, before any request.
 * @throws PdlError LOCKED when another pdl is at work there, DISK when it cannot be written to.
 */
export async function openDirectory(settings: DirectorySettings, clock: Clock): Promise<Directory> {
  const taken = new Taken();
  const state = await openState(settings, clock, (name) => taken.reserve(name));
  return new FileDirectory(settings, clock, state, taken);
}

class FileDirectory implements Directory {
  readonly known: KnownNames;
  readonly journalPath: string;
  readonly #settings: DirectorySettings;
  readonly #clock: Clock;
  readonly #state: State;
  readonly #taken: Taken;
  readonly #existing: Existing;
  readonly #landing: Landing;
  /** Null where more is to be done than the thread can. */
  readonly #writer: Writer | null;
  readonly #sync: DirectorySync;
  readonly #incoming = new Bag<Incoming>();
  /** Names that an answer gave to jobs that are not saved yet: a retry must not clash with itself. */
  readonly #answered = new Map<string, string>();
  readonly #pending: Pending;
  /** Jobs that need a request, minus those saved. */
  #unfinished = 0;
  #argumentsOnly = true;
  #tidy = false;

  constructor(settings: DirectorySettings, clock: Clock, state: State, taken: Taken) {
    this.#settings = settings;
    this.#clock = clock;
    this.#state = state;
    this.#taken = taken;
    this.#existing = new Existing(settings, state);
    this.#sync = new DirectorySync(clock);
    this.#pending = new Pending((error) => diskError(error, settings.dir));
    this.#writer = settings.remoteTime || this.#existing.replaces ? null : new Writer(clock);
    this.#landing = {
      state,
      settings,
      clock,
      backlog: { bytes: 0, limit: backlogLimit },
      delegate: (whole, chunks) => this.#delegate(whole, chunks),
      publish: (path, whole) => this.#publish(path, whole),
      record: (whole) => this.#record(whole),
      shown: (name) => shownPath(state.shown, name),
    };
    this.journalPath = state.journalPath;
    this.known = {
      taken,
      recorded: (job) => this.#existing.recorded(job)?.name,
      occupied: (path) => this.#existing.at(path) !== null,
    };
  }

  skip(job: Job): Passed | null {
    if (job.origin.source !== 'argv') this.#argumentsOnly = false;
    const passed = this.#existing.pass(job);
    if (!passed) this.#unfinished += 1;
    return passed;
  }

  /**
   * Waits for the journal line of a published file, so that a result is true when it is told. Not in `finish`: the worker would wait
   * too, and all 16 of them would begin again in one volley after each flush, while the server has nothing to do.
   */
  add(job: Job): void | Promise<void> {
    return this.#pending.of(job.id);
  }

  held(job: Job): Held | null | Promise<Held | null> {
    if (this.#settings.noResume) this.forget(job);
    if (!this.#state.held.has(job.id)) return this.#existing.whole(job);
    return this.#heldPart(job);
  }

  begin(job: Job, head: Head): Part | Promise<Part> {
    const url = withoutUserinfo(job.url);
    if (this.#incoming.members.some((other) => other.job.id === job.id))
      throw new PdlError('EXISTS', `Cannot fetch ${url} twice at a time: it is under way`);
    const name = this.#nameFor(job, head);
    const isLarge = head.offset > 0 || (head.total ?? 0) > gatherLimit;
    if (isLarge) this.#existing.refuseEarly(job, name);
    const part = new Incoming(job, head, name, this.#landing, this.#incoming);
    return isLarge ? part.open() : part;
  }

  forget(job: Job): void {
    if (dropOldNote(job, this.#state)) rmSync(partPath(job, this.#state), { force: true });
  }

  tidy(): void {
    this.#tidy = true;
  }

  async close(): Promise<void> {
    await this.#writer?.close();
    await this.#state.close(this.#tidy && this.#argumentsOnly && this.#unfinished === 0);
  }

  async #heldPart(job: Job): Promise<Held | null> {
    const path = `${this.#state.parts}/${job.id}`;
    try {
      const note = await withHandle(this.#clock, () => readNote(`${path}.json`, job));
      const held = note && heldOf(note, look(`${path}.part`));
      if (held) return held;
    } catch (error) {
      throw diskError(error, this.#settings.dir);
    }
    this.forget(job);
    return this.#existing.whole(job);
  }

  #nameFor(job: Job, head: Head): string {
    const given = job.name ?? '';
    if (!isBelow(given)) {
      throw new PdlError('NAME', `Cannot save ${withoutUserinfo(job.url)}: it was given no name below DIR`);
    }
    if (!this.#settings.contentDisposition || this.#existing.recorded(job)) return given;
    const earlier = this.#answered.get(job.id);
    if (earlier !== undefined) return earlier;
    const overwrites = this.#settings.existing === 'overwrite';
    const isFree = (path: string) => overwrites || this.#existing.at(path) === null;
    const name = answeredName(job, given, head, this.#taken, isFree);
    if (name !== given) this.#answered.set(job.id, name);
    return name;
  }

  /** Only what is done by open, write, close and link, and nothing that was held before. */
  #delegate({ job, name, bytes }: Whole, chunks: readonly Uint8Array[]): Promise<Fate> | null {
    if (this.#writer === null || this.#state.held.has(job.id)) return null;
    const { root } = this.#state;
    if (this.#writer.running && name.includes('/')) makeParents(root, name);
    return this.#writer.write(partPath(job, this.#state), `${root}/${name}`, chunks, bytes);
  }

  #publish(path: string, whole: Whole): void | Promise<void> {
    this.#existing.publish(whole.job, path, whole.name);
    if (!this.#settings.fsync) this.#record(whole);
    else return this.#sync.names(this.#state.root, whole.name).then(() => this.#record(whole));
  }

  #record({ job, head, name, bytes, sha256 }: Whole): void {
    const line = encode(entryOf(job, head, { name, bytes, sha256 }, this.#state.seq++));
    this.#pending.add(job.id, this.#state.journal.append(line));
    if (this.#answered.size > 0) this.#answered.delete(job.id);
    this.#unfinished -= 1;
  }
}
