/**
 * What coordination over Redis costs: time and memory to hand a list over, and CPU per line of submitter, worker and Redis together,
 * beyond what a local run of the same lines takes. Requests are answered within the process. `node --import tsx test/bench/queue.ts [LINES]`
 */

import { pathToFileURL } from 'node:url';
import { Redis } from 'ioredis';
import { systemClock } from '../../src/clock.ts';
import { download } from '../../src/download.ts';
import { submit, work } from '../../src/queue.ts';
import type { Landed, Result, Sink, Summary, Transport } from '../../src/types.ts';
import { startRedis } from '../queue/redis.ts';

const hosts = 20_000;

function* list(lines: number): Generator<string> {
  for (let index = 0; index < lines; index += 1) {
    const host = (index * 7_919) % hosts;
    yield `https://h${host}.example.org/images/${(index * 31) % 997}/picture-${index}.jpg`;
  }
}

const transport: Transport = {
  async send(_request, receiver) {
    await receiver.onHead({ status: 200, headers: { 'content-length': '0' } });
    return 'length';
  },
  async close() {},
};

const nowhere: Sink = {
  held: () => null,
  begin: (job) => ({
    write() {},
    finish: async (): Promise<Landed> => ({ path: job.name ?? '', bytes: 0 }),
    async abandon() {},
  }),
  forget() {},
  async close() {},
};

const parts = { transport, sink: nowhere, maxWorkers: 16 };

async function consume(run: AsyncGenerator<Result, Summary>): Promise<{ count: number; summary: Summary }> {
  for (let count = 0; ; count += 1) {
    const step = await run.next();
    if (step.done) return { count, summary: step.value };
  }
}

function ownCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

export async function measureQueue(lines: number) {
  const redis = await startRedis();
  const client = new Redis(redis.url);
  const info = async (name: string) => Number(new RegExp(`${name}:([\\d.]+)`).exec(await client.info())?.[1]);
  const redisCpu = async () => (await info('used_cpu_user')) + (await info('used_cpu_sys'));
  const memory = async () => (await info('used_memory')) / 1e6;

  let before = ownCpu();
  await consume(download(list(lines), parts));
  const localS = ownCpu() - before;

  const emptyMb = await memory();
  const began = systemClock.now();
  before = ownCpu();
  const redisBefore = await redisCpu();
  const run = submit(list(lines), { queue: redis.url, run: 'bench' });
  const first = run.next();
  while (Number(await client.hget('pdl:run:bench:meta', 'handed')) < lines) {
    await new Promise<void>((resolve) => systemClock.timer(100, resolve));
  }
  const handOverS = (systemClock.now() - began) / 1000;
  const handOverCpuS = ownCpu() - before;
  const handOverRedisS = (await redisCpu()) - redisBefore;
  const linesMb = (await memory()) - emptyMb;

  // Nobody takes results meanwhile: what they need at most.
  const stop = new AbortController();
  const worked = consume(work({ ...parts, queue: redis.url, signal: stop.signal }));
  const workBegan = systemClock.now();
  const most = Math.min(lines, 1_000_000);
  while (Number(await client.hget('pdl:run:bench:meta', 'waiting')) < most) {
    await new Promise<void>((resolve) => systemClock.timer(100, resolve));
  }
  const workS = (systemClock.now() - workBegan) / 1000;
  const resultsMb = (await memory()) - emptyMb;
  const one = await first;
  const { count } = one.done ? { count: 0 } : await consume(run);
  const totalS = ownCpu() - before;
  const redisS = (await redisCpu()) - redisBefore;
  stop.abort();
  await worked;
  const peakMb = await info('used_memory_peak');
  client.disconnect();
  await redis.close();
  const perLine = (seconds: number) => (seconds / lines) * 1e6;
  return {
    lines: count + 1,
    handOverS,
    handOverUs: perLine(handOverCpuS),
    handOverRedisUs: perLine(handOverRedisS),
    linesMb,
    workS,
    resultsMb,
    peakMb: peakMb / 1e6,
    localUs: perLine(localS),
    totalUs: perLine(totalS),
    redisUs: perLine(redisS),
    coordinationUs: perLine(totalS + redisS - localS),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  const figures = await measureQueue(Number(process.argv[2] ?? 1_000_000));
  for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(16)} ${value.toFixed(1)}\n`);
  process.exit();
}
