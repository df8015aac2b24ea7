/** The directory where files land: parts, final names, the journal, and what it knows of earlier runs. */

import { rmSync } from 'node:fs';
import type { Clock } from '../clock.js';
import { PdlError } from '../errors.js';
import type { Head, Held, Job, Part, Passed, Sink, Store } from '../types.js';
import { withoutUserinfo } from '../url.js';
import { diskError, withHandle } from './disk.js';
import { answeredName } from './disposition.js';
import { Existing, shownPath } from './existing.js';
import { DirectorySync } from './fsync.js';
import { gatherLimit, type Landing } from './landing.js';
import type { KnownNames } from './names.js';
import { heldOf, readNote } from './note.js';
import { Incoming } from './part.js';
import { look } from './publish.js';
import { encode, entryOf, isBelow } from './record.js';
import { type DirectorySettings, openState, type State } from './state.js';
import { Taken } from './taken.js';

export interface Directory extends Sink, Store {
  skip(job: Job): Passed | null;
  add(job: Job): Promise<void>;
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
  readonly #backlog = { bytes: 0, limit: backlogLimit };
  readonly #sync: DirectorySync;
  /** Jobs whose body is coming in. */
  readonly #active = new Set<string>();
  /** Names that an answer gave to jobs that are not saved yet: a retry must not clash with itself. */
  readonly #answered = new Map<string, string>();
  /** Journal lines of published files that `add` has not waited for. */
  readonly #recording = new Map<string, Promise<void>>();
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
  async add(job: Job): Promise<void> {
    const recorded = this.#recording.get(job.id);
    this.#recording.delete(job.id);
    try {
      await recorded;
    } catch (error) {
      throw diskError(error, this.#settings.dir);
    }
  }

  held(job: Job): Held | null | Promise<Held | null> {
    if (this.#settings.noResume) this.forget(job);
    if (!this.#state.held.has(job.id)) return this.#existing.whole(job);
    return this.#heldPart(job);
  }

  begin(job: Job, head: Head): Part | Promise<Part> {
    const url = withoutUserinfo(job.url);
    if (this.#active.has(job.id)) throw new PdlError('EXISTS', `Cannot fetch ${url} twice at a time: it is under way`);
    const name = this.#nameFor(job, head);
    const isLarge = head.offset > 0 || (head.total ?? 0) > gatherLimit;
    if (isLarge) this.#existing.refuseEarly(job, name);
    const part = new Incoming(job, head, this.#landing(job, head, name));
    this.#active.add(job.id);
    return isLarge ? this.#opened(part, job) : part;
  }

  forget(job: Job): void {
    if (!this.#state.held.delete(job.id)) return;
    rmSync(`${this.#state.parts}/${job.id}.json`, { force: true });
    rmSync(`${this.#state.parts}/${job.id}.part`, { force: true });
  }

  tidy(): void {
    this.#tidy = true;
  }

  async close(): Promise<void> {
    await this.#state.close(this.#tidy && this.#argumentsOnly && this.#unfinished === 0);
  }

  async #opened(part: Incoming, job: Job): Promise<Part> {
    try {
      return await part.open();
    } catch (error) {
      this.#active.delete(job.id);
      throw error;
    }
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

  #landing(job: Job, head: Head, name: string): Landing {
    const state = this.#state;
    return {
      state,
      settings: this.#settings,
      clock: this.#clock,
      backlog: this.#backlog,
      path: shownPath(state.shown, name),
      publish: (part, bytes, sha256) => {
        this.#existing.publish(job, part, name);
        const record = () => this.#record(job, encode(entryOf(job, head, { name, bytes, sha256 }, state.seq++)));
        return this.#settings.fsync ? this.#sync.names(state.root, name).then(record) : record();
      },
      ended: () => this.#active.delete(job.id),
    };
  }

  #record(job: Job, line: string): void {
    const recorded = this.#state.journal.append(line);
    // Heard of in `add`; a hook that throws in between never asks.
    recorded.catch(() => {});
    this.#recording.set(job.id, recorded);
    this.#answered.delete(job.id);
    this.#unfinished -= 1;
  }
}
