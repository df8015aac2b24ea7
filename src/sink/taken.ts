/** The names given so far, and the next free one: case and Unicode twins are one name, a file and a directory never share one. */

import { numbered } from './clean.js';
import { KeyedHash } from './hashes.js';
import { HashTable } from './table.js';

const file = 1;
const directory = 2;

export class Taken {
  readonly #hash = new KeyedHash();
  /** What `#hash` stands at: a name is looked up twice and then added. */
  #hashed: string | null = null;
  readonly #names = new HashTable();
  /** The number to try next for a name that was met twice: 10,000 times `0.jpg` would be quadratic without. */
  readonly #next = new HashTable(true);
  #lastDirectory = '';

  /** Takes a path as it is: it was recorded by an earlier run. */
  reserve(path: string): void {
    const slash = path.lastIndexOf('/');
    if (slash !== -1) this.#reserveDirectories(path.slice(0, slash));
    this.#add(foldName(path), file);
  }

  /**
   * Takes the path, numbered where it is already given. Its directories are numbered too where a file has their name.
   * @param occupied a further reason against a path, such as a file on disk.
   */
  claim(path: string, occupied: (path: string) => boolean = never): string {
    const slash = path.lastIndexOf('/');
    const parent = slash === -1 ? '' : this.#claimDirectories(path.slice(0, slash));
    const name = slash === -1 ? path : path.slice(slash + 1);
    const free = this.#free(parent, name, file, (key, whole) => !this.#isTaken(key) && !occupied(whole));
    this.#add(foldName(free), file);
    return free;
  }

  /** Takes exactly this path, or says false. */
  claimExactly(path: string): boolean {
    const slash = path.lastIndexOf('/');
    if (this.#isTaken(foldName(path))) return false;
    if (slash !== -1) {
      const parent = path.slice(0, slash);
      if (this.#claimDirectories(parent) !== parent) return false;
    }
    this.#add(foldName(path), file);
    return true;
  }

  #claimDirectories(path: string): string {
    if (path === this.#lastDirectory) return path;
    let whole = '';
    for (const segment of path.split('/')) {
      whole = this.#free(whole, segment, directory, (key) => !this.#has(key, file));
      this.#add(foldName(whole), directory);
    }
    if (whole === path) this.#lastDirectory = path;
    return whole;
  }

  #reserveDirectories(path: string): void {
    if (path === this.#lastDirectory) return;
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      this.#add(foldName(path.slice(0, slash)), directory);
    }
    this.#add(foldName(path), directory);
    this.#lastDirectory = path;
  }

  /** `parent/name`, or the first numbering of it that is free. */
  #free(parent: string, name: string, kind: number, isFree: (key: string, whole: string) => boolean): string {
    const prefix = parent === '' ? '' : `${parent}/`;
    const whole = prefix + name;
    const key = foldName(whole);
    if (isFree(key, whole)) return whole;
    const { high, low } = this.#hashOf(key);
    for (let number = this.#next.get(high ^ kind, low) ?? 2; ; number += 1) {
      const other = prefix + numbered(name, number);
      if (!isFree(foldName(other), other)) continue;
      // A directory may be entered again, a file's name is given once.
      this.#next.set(high ^ kind, low, kind === file ? number + 1 : number);
      return other;
    }
  }

  #isTaken(key: string): boolean {
    return this.#has(key, file) || this.#has(key, directory);
  }

  #has(key: string, kind: number): boolean {
    const { high, low } = this.#hashOf(key);
    return this.#names.has(high ^ kind, low);
  }

  #add(key: string, kind: number): void {
    const { high, low } = this.#hashOf(key);
    this.#names.add(high ^ kind, low);
  }

  #hashOf(key: string): KeyedHash {
    if (key !== this.#hashed) this.#hash.text(key);
    this.#hashed = key;
    return this.#hash;
  }
}

const never = () => false;
const asciiLower = /^[\x20-\x40\x5b-\x7e]*$/;
const ascii = /^[\x20-\x7e]*$/;

/**
 * What two names have in common that one file system or another takes for the same: case folded, NFC (failure-cases N8).
 * Upper then lower folds `ß` with `SS` and both forms of sigma, where lower alone does not.
 */
export function foldName(path: string): string {
  if (asciiLower.test(path)) return path;
  if (ascii.test(path)) return path.toLowerCase();
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}
