/**
 * What coordination over Redis costs: time and memory to hand a list over, and the CPU per line of submitter, worker and
 * Redis together beyond that of a local run of the same lines. Requests are answered within the process, and each part
 * is a process of its own. `npm run build && node --import tsx test/bench/queue.ts [LINES]`
 */

import { fork } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Redis } from 'ioredis';
import { systemClock } from '../../src/clock.ts';
import type * as library from '../../src/index.ts';
import { startRedis } from '../queue/redis.ts';

const hosts = 20_000;
/** Results that may wait in Redis for a submitter that is away. */
const mostResults = 1_000_000;

function* list(lines: number): Generator<string> {
  for (let index = 0; index < lines; index += 1) {
    const host = (index * 7_919) % hosts;
    yield `https://h${host}.example.org/images/${(index * 31) % 997}/picture-${index}.jpg`;
  }
}

const parts: library.Options = {
  maxWorkers: 16,
  transport: {
    async send(_request, receiver) {
      await receiver.onHead({ status: 200, headers: { 'content-length': '0' } });
      return 'length';
    },
    async close() {},
  },
  sink: {
    held: () => null,
    begin: (job) => ({
      write() {},
      finish: async () => ({ path: job.name ?? '', bytes: 0 }),
      async abandon() {},
    }),
    forget() {},
    async close() {},
  },
};

/** A role played in a process of its own; tells the seconds of CPU it took. */
async function play(role: string, lines: number, queue: string): Promise<void> {
  const { download, submit, work }: typeof library = await import(
    pathToFileURL(join(import.meta.dirname, '../../dist/src/index.js')).href
  );
  const stop = new AbortController();
  process.on('message', () => stop.abort());
  const run =
    role === 'local'
      ? download(list(lines), parts)
      : role === 'worker'
        ? work({ ...parts, queue, signal: stop.signal })
        : submit(list(lines), { queue, run: 'bench' });
  for (let count = 0; ; count += 1) {
    // The submitter takes its first result only when it is told to: until then results pile up.
    if (role === 'submitter' && count === 1) await new Promise((resolve) => process.once('message', resolve));
    const step = await run.next();
    if (step.done) break;
  }
  const { user, system } = process.cpuUsage();
  process.send!((user + system) / 1e6);
  process.disconnect();
}

function started(role: string, lines: number, queue = '') {
  const child = fork(import.meta.filename, [role, String(lines), queue], { execArgv: ['--import', 'tsx'] });
  const cpuS = new Promise<number>((resolve) => child.on('message', (seconds) => resolve(Number(seconds))));
  return { cpuS, tell: () => child.send('go') };
}

export async function measureQueue(lines: number) {
  const localS = await started('local', lines).cpuS;
  const redis = await startRedis();
  const client = new Redis(redis.url);
  const info = async (name: string) => Number(new RegExp(`${name}:([\\d.]+)`).exec(await client.info())?.[1]);
  const until = async (field: string, count: number) => {
    const began = systemClock.now();
    while (Number(await client.hget('pdl:run:bench:meta', field)) < count) {
      await new Promise<void>((resolve) => systemClock.timer(100, resolve));
    }
    return (systemClock.now() - began) / 1000;
  };
  const emptyMb = (await info('used_memory')) / 1e6;

  const submitter = started('submitter', lines, redis.url);
  const handOverS = await until('handed', lines);
  const linesMb = (await info('used_memory')) / 1e6 - emptyMb;
  const worker = started('worker', lines, redis.url);
  const workS = await until('waiting', Math.min(lines, mostResults) - 1);
  const resultsMb = (await info('used_memory')) / 1e6 - emptyMb;
  submitter.tell();
  const submitterS = await submitter.cpuS;
  worker.tell();
  const workerS = await worker.cpuS;
  const redisS = (await info('used_cpu_user')) + (await info('used_cpu_sys'));
  const peakMb = (await info('used_memory_peak')) / 1e6;
  const commands = (await info('total_commands_processed')) / lines;
  client.disconnect();
  await redis.close();
  const us = (seconds: number) => (seconds / lines) * 1e6;
  return {
    lines,
    handOverS,
    workS,
    linesMb,
    resultsMb,
    peakMb,
    commandsPerLine: commands,
    localUs: us(localS),
    submitterUs: us(submitterS),
    workerUs: us(workerS),
    redisUs: us(redisS),
    coordinationUs: us(submitterS + workerS + redisS - localS),
  };
}

if (process.send !== undefined) {
  const [, , role = '', lines, queue = ''] = process.argv;
  await play(role, Number(lines), queue);
} else if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  const figures = await measureQueue(Number(process.argv[2] ?? 1_000_000));
  for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(16)} ${value.toFixed(2)}\n`);
  process.exit();
}
