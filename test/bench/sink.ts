/** What the disk side costs by itself: names, journal, small files, a rerun, and the memory of ten million lines. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/clock.ts';
import { settle } from '../../src/options.ts';
import { openArchive } from '../../src/sink/archive.ts';
import { openDirectory } from '../../src/sink/directory.ts';
import { duplicates } from '../../src/sink/duplicates.ts';
import { openNames } from '../../src/sink/names.ts';
import { encode } from '../../src/sink/record.ts';
import type { Head, Job } from '../../src/types.ts';

type Print = (line: string) => void;

const origin = { source: 'list.txt', number: 1, text: '' };
const megabyte = 1024 ** 2;
const clock = systemClock;

/** The URLs of a large list: 34 bytes and more, each with a name of its own but for every tenth. */
function urlAt(at: number): string {
  return `http://host${at % 1000}.example/img/${at % 10 === 0 ? 'cover' : `picture-${at}`}.jpg`;
}

function jobAt(at: number): Job {
  const url = urlAt(at);
  return {
    id: createHash('sha256')
      .update(url + at)
      .digest('hex')
      .slice(0, 32),
    url,
    origin,
  };
}

/** Runs each work in a process of its own, so that the peak memory is its own. */
export function measureSink(print: Print = console.log): void {
  for (const [work, count] of [
    ['small', 40_000],
    ['large', 10],
    ['rerun', 100_000],
    ['journal', 1_000_000],
    ['sets', 10_000_000],
  ] as const) {
    print(execFileSync(process.execPath, ['--import', 'tsx', self, work, String(count)], { encoding: 'utf8' }).trim());
  }
}

const self = fileURLToPath(import.meta.url);
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const works: Record<string, (count: number, dir: string) => Promise<string>> = {
  async small(count, dir) {
    const sink = await openDirectory(settle({ dir }), clock);
    const names = openNames(settle({ dir }), sink.known);
    const body = Buffer.alloc(33_000, 7);
    const jobs = Array.from({ length: count }, (_, at) => jobAt(at));
    const head: Head = { status: 200, url: '', offset: 0, total: body.length, headers: { etag: '"abcdef0123456789"' } };
    const start = process.cpuUsage();
    const begun = clock.now();
    let next = 0;
    const worker = async () => {
      while (next < count) {
        const job = jobs[next++]!;
        job.name = names.give(job, next);
        if (sink.skip(job) || (await sink.held(job))) throw new Error('nothing is there');
        const part = await sink.begin(job, head);
        await part.write(body);
        await part.finish({ lengthUnknown: false });
        await sink.add(job);
      }
    };
    await Promise.all(Array.from({ length: 16 }, worker));
    const seconds = (clock.now() - begun) / 1000;
    const { user, system } = process.cpuUsage(start);
    await sink.close();
    return `small files: ${rate(count, seconds)} of 33 kB, ${each(user, count)} user + ${each(system, count)} system`;
  },

  async large(count, dir) {
    const sink = await openDirectory(settle({ dir }), clock);
    const size = 200 * megabyte;
    const chunks = [64, 16].map((kilobytes) => Buffer.alloc(kilobytes * 1024, 7));
    const told: string[] = [];
    for (const chunk of chunks) {
      const begun = clock.now();
      const one = async (at: number) => {
        const job = { ...jobAt(at + chunk.length), name: `${chunk.length}-${at}.bin` };
        const part = await sink.begin(job, { status: 200, url: '', offset: 0, total: size, headers: {} });
        for (let sent = 0; sent < size; sent += chunk.length) {
          await part.write(chunk);
          if (sent % megabyte === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        await part.finish({ lengthUnknown: false });
      };
      for (let at = 0; at < count; at += 4) {
        await Promise.all([0, 1, 2, 3].map((more) => (at + more < count ? one(at + more) : null)));
        for (const more of [0, 1, 2, 3]) rmSync(`${dir}/${chunk.length}-${at + more}.bin`, { force: true });
      }
      const seconds = (clock.now() - begun) / 1000;
      told.push(`${((count * size) / seconds / 1e9).toFixed(2)} GB/s in chunks of ${chunk.length / 1024} kB`);
    }
    await sink.close();
    return `large files: ${told.join(', ')}, peak ${peak()}`;
  },

  async rerun(count, dir) {
    const lines: string[] = [];
    for (let at = 0; at < count; at += 1) {
      const name = `picture-${at}.jpg`;
      writeFileSync(`${dir}/${name}`, 'x');
      lines.push(encode({ ...recordOf(at), name, bytes: 1 }));
    }
    writeJournal(dir, lines);
    const begun = clock.now();
    const sink = await openDirectory(settle({ dir }), clock);
    const names = openNames(settle({ dir }), sink.known);
    for (let at = 0; at < count; at += 1) {
      const job = jobAt(at);
      job.name = names.give(job, at + 1);
      if (sink.skip(job)?.reason !== 'journal') throw new Error(`not known: ${job.url}`);
    }
    await sink.close();
    return `rerun: ${count} finished files in ${seconds(begun)}`;
  },

  async journal(count, dir) {
    let lines: string[] = [];
    for (let at = 0; at < count; at += 1) {
      lines.push(encode(recordOf(at)));
      if (lines.length === 50_000) {
        writeJournal(dir, lines);
        lines = [];
      }
    }
    writeJournal(dir, lines);
    lines = [];
    const begun = clock.now();
    const sink = await openDirectory(settle({ dir }), clock);
    const opened = seconds(begun);
    const asked = process.cpuUsage();
    const seen = duplicates();
    const names = openNames(settle({ dir }), sink.known);
    for (let at = 0; at < count; at += 1) {
      const job = jobAt(at);
      if (seen.skip(job) || names.give(job, at + 1) !== recordOf(at).name) throw new Error('not known');
    }
    const { user, system } = process.cpuUsage(asked);
    await sink.close();
    return `journal: ${count} records opened in ${opened}, found again at ${each(user + system, count)}, peak ${peak()}`;
  },

  async sets(count) {
    const seen = duplicates();
    const names = openNames(settle());
    const start = process.cpuUsage();
    for (let at = 0; at < count; at += 1) {
      const job = { id: fakeId(at), url: urlAt(at), origin };
      if (!seen.skip(job)) names.give(job, at + 1);
    }
    const { user } = process.cpuUsage(start);
    return `duplicates and names: ${count} lines at ${each(user, count)}, peak ${peak()}`;
  },

  async archive(count, dir) {
    const path = `${dir}/archive`;
    for (let at = 0; at < count; at += 50_000) {
      const lines = Array.from({ length: 50_000 }, (_, more) => `url ${urlAt(at + more)}-${at + more}\n`);
      writeFileSync(path, lines.join(''), { flag: 'a' });
    }
    const begun = clock.now();
    const archive = await openArchive(path);
    const opened = seconds(begun);
    await archive.close();
    return `archive: ${count} lines opened in ${opened}, peak ${peak()}`;
  },
};

function recordOf(at: number) {
  const { id, url } = jobAt(at);
  const etag = '"abcdef0123456789"';
  const lastModified = 'Wed, 21 Oct 2015 07:28:00 GMT';
  return { id, name: `picture-${at}.jpg`, bytes: 33_000, kind: 'saved' as const, seq: at + 1, url, etag, lastModified };
}

function fakeId(at: number): string {
  return Math.imul(at, 0x9e3779b1).toString(16).padStart(32, `${at}-`);
}

function writeJournal(dir: string, lines: string[]): void {
  if (!existsSync(`${dir}/.pdl`)) execFileSync('mkdir', ['-m', '700', `${dir}/.pdl`]);
  writeFileSync(`${dir}/.pdl/journal.ndjson`, lines.join(''), { flag: 'a' });
}

const rate = (count: number, seconds: number) => `${Math.round(count / seconds).toLocaleString('en')} files/s`;
const each = (microseconds: number, count: number) => `${(microseconds / count).toFixed(1)} µs`;
const seconds = (begun: number) => `${((clock.now() - begun) / 1000).toFixed(2)} s`;
const peak = () => `${Math.round(process.resourceUsage().maxRSS / 1024)} MB`;

if (process.argv[1] === self) {
  const [work = '', count = '1000'] = process.argv.slice(2);
  if (work === '') measureSink();
  else {
    const dir = mkdtempSync(join(place, 'pdl-bench-'));
    try {
      console.log(await works[work]!(Number(count), dir));
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
}
