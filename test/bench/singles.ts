/** Works of another shape than "fetch this list": wide lists, long lists, reruns, start-up, the scheduler alone. */

import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { installed, startNginx } from '../support/real-servers.ts';
import { brought, imageSize, lay } from './corpus.ts';
import { type Measured, measure, median, peakAfter } from './measure.ts';
import { pdlBin, peers } from './peers.ts';

type Single = (scratch: string, scale: number) => Promise<unknown>;

export const singles: Record<string, Single> = {
  hosts,
  'long-list': longList,
  'ten-million': tenMillion,
  rerun,
  'start-up': startUp,
  seed4,
  schedule: script('schedule.ts'),
  sink: script('sink.ts'),
  queue: script('queue.ts'),
};

/** A measurement with a process of its own, which prints its own lines. */
function script(file: string): Single {
  return async () => {
    console.log(`\n${file}:`);
    spawnSync(process.execPath, ['--import', 'tsx', join(import.meta.dirname, file)], { stdio: 'inherit' });
  };
}

/** 10,000,000 lines: all but 1,000 in the archive, and --plan over the same list. What counts is the peak of memory. */
async function tenMillion(scratch: string, scale: number): Promise<unknown> {
  const root = join(scratch, 'ten');
  const { names } = lay(root, 1_000, () => 100);
  const site = await startNginx(root, join(scratch, 'ten-site'));
  const [list, archive] = [join(scratch, 'ten.txt'), join(scratch, 'ten-archive.txt')];
  writeFileSync(list, names.map((name) => `${site.url(name)}\n`).join(''));
  writeFileSync(archive, '');
  const block = 100_000;
  for (let at = 0; at < 10_000_000 * scale; at += block) {
    const urls = Array.from(
      { length: block },
      (_, n) => `http://h${n % 500}.example/d${n % 1000}/file-${at + n}.jpg\n`,
    );
    appendFileSync(list, urls.join(''));
    appendFileSync(archive, `url ${urls.join('url ')}`);
  }
  const run = [process.execPath, pdlBin, list, '-q', '-j', '16'];
  const archived = await measure([...run, '--archive', archive, '-d', join(scratch, 'ten-out')], scratch);
  const planned = await measure([...run, '--plan'], scratch);
  await site.close();
  for (const path of [root, list, archive, join(scratch, 'ten-out')]) rmSync(path, { recursive: true });
  const told = (name: string, { wall, peak, code }: Measured) =>
    `${name} ${wall.toFixed(0)} s, peak ${peak.toFixed(0)} MB, exit ${code}`;
  console.log(`\nten-million (× ${scale}): ${told('archived', archived)}; ${told('--plan', planned)}`);
  return { archived, planned };
}

/** 5,000 hosts, one file each, behind a resolver that takes 20 ms; in a mount namespace with its own resolv.conf. */
async function hosts(scratch: string, scale: number): Promise<unknown> {
  const count = Math.round(5_000 * scale);
  const root = join(scratch, 'hosts');
  mkdirSync(root);
  writeFileSync(join(root, 'x.bin'), 'x'.repeat(1_000));
  const site = await startNginx(root, join(scratch, 'hosts-site'), 'rewrite ^ /x.bin break;');
  const resolver = await startResolver('127.0.0.77', 20);
  const conf = join(scratch, 'resolv.conf');
  writeFileSync(conf, 'nameserver 127.0.0.77\noptions timeout:2 attempts:2\n');
  const inside = ['unshare', '-m', 'sh', '-c', `mount --bind ${conf} /etc/resolv.conf && exec "$@"`, 'sh'];
  const told: Record<string, unknown> = {};
  console.log(`\nhosts: ${count} hosts, 20 ms per look-up, -j 32`);
  for (const [peer, ask] of peers()) {
    const out = join(scratch, 'out');
    mkdirSync(out);
    const urls = Array.from({ length: count }, (_, index) => `http://h${index}.bench.test:${site.port}/f${index}`);
    const measured = await measure([...inside, ...ask({ urls, workers: 32, out, scratch })], scratch);
    const { files } = brought(out);
    rmSync(out, { recursive: true });
    told[peer] = { ...measured, files };
    console.log(
      `  ${peer.padEnd(7)} ${measured.wall.toFixed(2)} s  peak ${measured.peak.toFixed(0)} MB  ${files}/${count} files`,
    );
  }
  resolver.close();
  await site.close();
  rmSync(root, { recursive: true });
  return told;
}

/** Answers every A query with 127.0.0.1 after `ms`, every other query with nothing. */
async function startResolver(address: string, ms: number): Promise<{ close(): void }> {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address: from }) => {
    const end = query.indexOf(0, 12) + 5;
    const isA = query.readUInt16BE(end - 4) === 1;
    const head = Buffer.from(query.subarray(0, end));
    head.writeUInt16BE(0x8180, 2);
    head.writeUInt16BE(isA ? 1 : 0, 6);
    head.fill(0, 8, 12);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
    setTimeout(() => socket.send(isA ? Buffer.concat([head, record]) : head, port, from), ms);
  });
  await new Promise<void>((resolve) => socket.bind(53, address, resolve));
  return { close: () => socket.close() };
}

/** 1,000,000 lines, a server that never answers: when the first request comes, and the peak of memory. */
async function longList(scratch: string, scale: number): Promise<unknown> {
  const lines = Math.round(1_000_000 * scale);
  let first = 0;
  const server = createServer(() => {
    first ||= performance.now();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const list = join(scratch, 'long.txt');
  const urls = Array.from(
    { length: lines },
    (_, index) => `http://127.0.0.1:${port}/d${index % 1000}/file-${index}.jpg\n`,
  );
  writeFileSync(list, urls.join(''));
  const runs = [];
  for (let round = 0; round < 3; round++) {
    first = 0;
    const begin = performance.now();
    const peak = await peakAfter([process.execPath, pdlBin, list, '-d', join(scratch, 'long-out')], scratch, 4_000);
    runs.push({ firstMs: first - begin, peak });
    rmSync(join(scratch, 'long-out'), { recursive: true, force: true });
  }
  server.closeAllConnections();
  server.close();
  const told = {
    lines,
    firstMs: median(runs.map(({ firstMs }) => firstMs)),
    peak: median(runs.map(({ peak }) => peak)),
  };
  console.log(
    `\nlong-list: ${lines} lines: first request after ${told.firstMs.toFixed(0)} ms, peak ${told.peak.toFixed(0)} MB`,
  );
  return told;
}

/** The same command again over finished files: no request, 50 µs a file. */
async function rerun(scratch: string, scale: number): Promise<unknown> {
  const count = Math.round(100_000 * scale);
  const root = join(scratch, 'rerun');
  const { names } = lay(root, count, () => 100);
  const site = await startNginx(root, join(scratch, 'rerun-site'));
  const list = join(scratch, 'rerun.txt');
  writeFileSync(list, names.map((name) => site.url(name)).join('\n'));
  const command = [process.execPath, pdlBin, list, '-j', '16', '-d', join(scratch, 'rerun-out')];
  const first = await measure(command, scratch);
  await site.close();
  const again = await measure(command, scratch);
  rmSync(root, { recursive: true });
  rmSync(join(scratch, 'rerun-out'), { recursive: true });
  console.log(
    `\nrerun: ${count} files: fetched in ${first.wall.toFixed(2)} s, again in ${again.wall.toFixed(2)} s, peak ${again.peak.toFixed(0)} MB, exit ${again.code}`,
  );
  return { first, again };
}

async function startUp(scratch: string): Promise<unknown> {
  const root = join(scratch, 'start');
  mkdirSync(root);
  writeFileSync(join(root, 'a.txt'), 'a');
  const site = await startNginx(root, join(scratch, 'start-site'));
  const time = async (...args: string[]) => {
    const walls: number[] = [];
    for (let round = 0; round < 11; round++) {
      walls.push((await measure([process.execPath, ...args], scratch)).wall * 1000);
      rmSync(join(scratch, 'start-out'), { recursive: true, force: true });
    }
    return median(walls);
  };
  const told = {
    version: await time(pdlBin, '--version'),
    help: await time(pdlBin, '--help'),
    wrong: await time(pdlBin, '--no-such-option'),
    oneUrl: await time(pdlBin, site.url('a.txt'), '-d', join(scratch, 'start-out')),
    bareNode: await time('-e', '0'),
  };
  await site.close();
  rmSync(root, { recursive: true });
  console.log(
    `\nstart-up, ms: ${Object.entries(told)
      .map(([name, ms]) => `${name} ${ms.toFixed(0)}`)
      .join('  ')}`,
  );
  return told;
}

/** Seed program S4: the asyncio + aiohttp + aiofiles loop over 10,000 images, beside pdl. */
async function seed4(scratch: string, scale: number): Promise<unknown> {
  const python = '/usr/bin/python3';
  const ready = installed(python) && spawnSync(python, ['-c', 'import aiohttp, aiofiles']).status === 0;
  if (!ready) {
    console.log('\nseed4: left out, python3-aiohttp and python3-aiofiles are not installed');
    return null;
  }
  const root = join(scratch, 'seed4');
  const { names, bytes } = lay(root, Math.round(10_000 * scale), imageSize);
  const site = await startNginx(root, join(scratch, 'seed4-site'));
  const list = join(scratch, 'seed4.txt');
  writeFileSync(list, names.map((name) => site.url(name)).join('\n'));
  const program = join(import.meta.dirname, 'seed4.py');
  const told: Record<string, number[]> = { aiohttp: [], pdl: [] };
  for (let round = 0; round < 3; round++) {
    const commands = {
      aiohttp: [python, program, list],
      pdl: [process.execPath, pdlBin, list, '-j', '16', '-q', '-o', '{index}.jpg', '-d'],
    };
    for (const [name, command] of Object.entries(commands)) {
      const out = join(scratch, 'out');
      mkdirSync(out);
      const { wall } = await measure([...command, out], scratch);
      if (brought(out).bytes === bytes) told[name]!.push(wall);
      else console.log(`  seed4 ${name}: wrong`);
      rmSync(out, { recursive: true });
    }
  }
  await site.close();
  rmSync(root, { recursive: true });
  const [aiohttp, pdl] = [median(told['aiohttp']!), median(told['pdl']!)];
  console.log(
    `\nseed4: ${names.length} images: aiohttp ${aiohttp.toFixed(2)} s, pdl ${pdl.toFixed(2)} s: pdl is ${(aiohttp / pdl).toFixed(2)} ×`,
  );
  return { aiohttp, pdl };
}
