/** What --existing makes of a file that is there already: pass it, ask for a newer one, go around it, or replace it. */

import { renameSync, type Stats } from 'node:fs';
import { PdlError } from '../errors.js';
import type { Held, Job, Passed } from '../types.js';
import { withoutUserinfo } from '../url.js';
import { diskError } from './disk.js';
import { look, makeParents, publishNew } from './publish.js';
import type { Entry } from './record.js';
import type { DirectorySettings, State } from './state.js';

export class Existing {
  readonly #settings: DirectorySettings;
  readonly #state: State;
  /** What stands at a name may be replaced by anyone's file. */
  readonly replaces: boolean;

  constructor(settings: DirectorySettings, state: State) {
    this.#settings = settings;
    this.#state = state;
    this.replaces = settings.existing === 'overwrite' || settings.existing === 'refresh';
  }

  /** Why the job needs no request. @throws PdlError EXISTS when a directory has its name. */
  pass(job: Job): Passed | null {
    if (this.replaces) return null;
    const entry = this.recorded(job);
    if (entry && this.#isWhole(entry)) return this.#passed('journal', entry.name);
    // A file of our own that is gone or changed is fetched anew; under `rename` the name leads around all others.
    if (this.#settings.existing === 'rename' || job.name === undefined || job.name === entry?.name) return null;
    // Whoever puts a file there later is met when ours gets its name: a look at each of a million that cannot be there costs 4 µs.
    if (this.#state.wasEmpty) return null;
    const stat = this.at(job.name);
    if (stat?.isDirectory()) throw inTheWay(job, `${job.name} is a directory`);
    return stat && this.#passed('exists', job.name);
  }

  /** By what a refresh may ask whether the file of an earlier run has changed. */
  whole(job: Job): Held | null {
    const entry = this.#settings.existing === 'refresh' ? this.recorded(job) : null;
    if (!entry || !this.#isWhole(entry)) return null;
    const { etag, lastModified } = entry;
    if (etag === undefined && lastModified === undefined) return null;
    return { kind: 'whole', ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) };
  }

  /** Before gigabytes come: what can already be seen to end in EXISTS or NAME. */
  refuseEarly(job: Job, name: string): void {
    try {
      makeParents(this.#state.root, name);
    } catch (error) {
      throw diskError(error, this.#settings.dir);
    }
    const stat = this.at(name);
    if (stat && !this.#mayReplace(job, name, stat)) throw inTheWay(job, `something is at ${name}`);
  }

  /** Gives a whole part its name. @throws PdlError EXISTS, or an errno. */
  publish(job: Job, part: string, name: string): void {
    const final = `${this.#state.root}/${name}`;
    if (name.includes('/')) makeParents(this.#state.root, name);
    if (!this.replaces && publishNew(part, final)) return;
    const stat = look(final);
    if (stat && !this.#mayReplace(job, name, stat)) throw inTheWay(job, `something has appeared at ${name}`);
    renameSync(part, final);
  }

  recorded(job: Job): Entry | null {
    return this.#state.records.find(job.id);
  }

  /** What stands at a path below DIR. @throws PdlError DISK */
  at(name: string): Stats | null {
    try {
      return look(`${this.#state.root}/${name}`);
    } catch (error) {
      throw diskError(error, this.#settings.dir);
    }
  }

  #isWhole({ name, bytes }: Entry): boolean {
    const stat = this.at(name);
    return stat?.isFile() === true && stat.size === bytes;
  }

  /** Only what the user gave up, or the file of this very URL. */
  #mayReplace(job: Job, name: string, stat: Stats): boolean {
    return !stat.isDirectory() && (this.replaces || this.recorded(job)?.name === name);
  }

  #passed(reason: 'journal' | 'exists', name: string): Passed {
    return { status: 'skipped', reason, path: shownPath(this.#state.shown, name) };
  }
}

/** DIR as given and the name; for the working directory the name alone, as curl and wget show it. */
export function shownPath(dir: string, name: string): string {
  return dir === '.' ? name : `${dir.replace(/\/+$/, '')}/${name}`;
}

function inTheWay(job: Job, state: string): PdlError {
  return new PdlError('EXISTS', `Cannot save ${withoutUserinfo(job.url)}: ${state}`);
}
