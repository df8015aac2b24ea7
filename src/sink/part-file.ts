/** A part on disk with its note: opened, continued, made durable, kept or dropped. */

import { closeSync, fstatSync, ftruncateSync, futimesSync, read, rmSync, writevSync } from 'node:fs';
import { promisify } from 'node:util';
import { PdlError } from '../errors.js';
import type { Head, Job } from '../types.js';
import type { Digest } from './digest.js';
import { syncFile } from './fsync.js';
import { type Note, noteOf, readNote, writeNote } from './note.js';
import { openPart, type State } from './state.js';
import { type Backlog, FileStream, unwritten } from './stream.js';

/** Under --fsync a part is made durable each time so much has come. */
const durableStep = 64 * 1024 ** 2;

export class PartFile {
  readonly path: string;
  readonly stream: FileStream;
  #fd: number;
  #note: Note | null;
  #durable: number;
  readonly #noteAt: string;
  readonly #job: Job;
  readonly #state: State;

  private constructor(fd: number, note: Note | null, offset: number, job: Job, state: State, backlog: Backlog) {
    const base = partBase(state, job);
    this.path = `${base}.part`;
    this.#noteAt = `${base}.json`;
    this.stream = new FileStream(fd, offset, backlog);
    this.#fd = fd;
    this.#note = note;
    this.#durable = note?.durable ?? 0;
    this.#job = job;
    this.#state = state;
  }

  /** A new part. @param note what it may be continued by, or null when it never will be. */
  static create(job: Job, head: Head | null, state: State, backlog: Backlog, fsync: boolean): PartFile {
    const base = partBase(state, job);
    dropOldNote(job, state);
    const note = head && noteOf(job, head);
    if (note && fsync) note.durable = 0;
    const file = new PartFile(openPart(state, `${base}.part`, true), note, 0, job, state, backlog);
    // Before the first byte: a killed run must find it.
    if (note) file.#orClose(() => file.#writeNote(note));
    return file;
  }

  /** The part of an earlier try, from `offset` on. */
  static continued(job: Job, offset: number, state: State, backlog: Backlog): PartFile {
    const base = partBase(state, job);
    const fd = openPart(state, `${base}.part`, false);
    const file = new PartFile(fd, readNote(`${base}.json`, job), offset, job, state, backlog);
    file.#orClose(() => {
      if (fstatSync(fd).size < offset) throw shorter(job);
      ftruncateSync(fd, offset);
    });
    return file;
  }

  /** @throws the errno of an earlier write. */
  write(chunk: Uint8Array): void | Promise<void> {
    const room = this.stream.write(chunk);
    if (this.#note?.durable !== undefined && this.stream.written - this.#durable >= durableStep) this.#makeDurable();
    return room;
  }

  /** All bytes of a small file at once, in one call. */
  writeNow(chunks: readonly Uint8Array[]): void {
    writeAll(this.#fd, chunks);
    for (const chunk of chunks) this.stream.written += chunk.length;
  }

  async readInto(digest: Digest): Promise<void> {
    const buffer = Buffer.allocUnsafe(1024 ** 2);
    for (let at = 0; ; ) {
      const { bytesRead } = await promisify(read)(this.#fd, buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      digest.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  }

  setTime(lastModified: string | undefined): void {
    setTime(this.#fd, lastModified);
  }

  /** EIO here means that the kernel dropped what it could not write; a second fsync would say yes (failure-cases S4). */
  async sync(): Promise<void> {
    try {
      await syncFile(this.#fd);
    } catch (error) {
      this.#note = null;
      throw error;
    }
  }

  /** @throws the errno of close: on some file systems that is where a full disk shows. */
  close(): void {
    const fd = this.#fd;
    this.#fd = -1;
    if (fd !== -1) closeSync(fd);
  }

  /** Leaves the part for the next try if it can be continued. Says whether. */
  async keep(): Promise<boolean> {
    await this.stream.flush().catch(() => {});
    const { written } = this.stream;
    if (!this.#note || written === 0) return false;
    if (this.#note.durable !== undefined) {
      await syncFile(this.#fd);
      this.#writeNote({ ...this.#note, durable: written });
    }
    return true;
  }

  /** The part is published or of no use. */
  dropNote(): void {
    if (this.#note || this.#state.held.has(this.#job.id)) rmSync(this.#noteAt, { force: true });
    this.#state.held.delete(this.#job.id);
  }

  drop(): void {
    this.dropNote();
    rmSync(this.path, { force: true });
  }

  /** A file that cannot be begun is nobody's to close. */
  #orClose(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.close();
      this.drop();
      throw error;
    }
  }

  #writeNote(note: Note): void {
    writeNote(this.#noteAt, note);
    this.#state.held.add(this.#job.id);
  }

  /** Behind the writes; should it fail, the fsync at the end fails too and is heard. */
  #makeDurable(): void {
    const durable = this.stream.written;
    this.#durable = durable;
    syncFile(this.#fd).then(
      () => {
        if (this.#note && this.#fd !== -1) writeNote(this.#noteAt, { ...this.#note, durable });
      },
      () => {},
    );
  }
}

/** Drops the note of an earlier try's part: that is of no more use. Says whether there was one. */
export function dropOldNote(job: Job, state: State): boolean {
  if (!state.held.delete(job.id)) return false;
  rmSync(`${partBase(state, job)}.json`, { force: true });
  return true;
}

/** Where the part of a job is. */
export function partPath(job: Job, state: State): string {
  return `${partBase(state, job)}.part`;
}

/** An unreadable date is no reason to fail a whole file. */
export function setTime(fd: number, lastModified = ''): void {
  const time = Date.parse(lastModified) / 1000;
  if (time >= 0) futimesSync(fd, time, time);
}

function shorter(job: Job): PdlError {
  return new PdlError('TRUNCATED', `Cannot continue ${job.name}: its part is shorter than before`);
}

function partBase(state: State, job: Job): string {
  return `${state.parts}/${job.id}`;
}

export function writeAll(fd: number, chunks: readonly Uint8Array[]): void {
  for (let rest = chunks; rest.length > 0; ) rest = unwritten(rest, writevSync(fd, rest));
}
