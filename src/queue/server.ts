/** The Redis of a queue: reached and looked at before anything is handed over or fetched. */

import type { Redis, RedisOptions } from 'ioredis';
import { UsageError } from '../errors.js';
import { version } from '../version.js';
import { runsKey, versionKey } from './keys.js';
import { loadPeers, type Peers } from './peers.js';

export type { Redis };

export interface Server {
  readonly peers: Peers;
  /** For commands that answer at once. Reconnects for ever; what was sent meanwhile waits. */
  readonly redis: Redis;
  /** A further connection, for commands that block. */
  another(): Redis;
  close(): void;
}

/** Major version: what two pdl must share to share a run. */
export const major = version.split('.')[0]!;

/** @throws UsageError when the packages are missing, nobody answers, or the server would lose or refuse data. */
export async function openServer(url: string): Promise<Server> {
  const shown = shownUrl(url);
  const peers = await loadPeers();
  await look(peers, url, shown);
  const all: Redis[] = [];
  const connect = (extra: Pick<RedisOptions, 'socketTimeout' | 'enableAutoPipelining'>) => {
    const redis = new peers.Redis(url, { ...lasting, ...extra });
    // Without a listener ioredis writes to the console; a connection that is lost comes back by itself.
    redis.on('error', () => {});
    all.push(redis);
    return redis;
  };
  return {
    peers,
    redis: connect({ socketTimeout: 10_000, enableAutoPipelining: true }),
    another: () => connect({}),
    close() {
      for (const redis of all) redis.disconnect();
    },
  };
}

const lasting = {
  maxRetriesPerRequest: null,
  connectTimeout: 5_000,
  retryStrategy: (times: number) => Math.min(50 * 2 ** times, 1_000),
};

/** Scheme, host and path: a password never leaves for any message. */
function shownUrl(url: string): string {
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    throw new UsageError('Cannot use the queue: allowed is redis://host/0 or rediss://host/0');
  }
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

async function look(peers: Peers, url: string, shown: string): Promise<void> {
  const redis = new peers.Redis(url, {
    lazyConnect: true,
    connectTimeout: 5_000,
    maxRetriesPerRequest: 0,
    commandTimeout: 10_000,
    retryStrategy: () => null,
  });
  // ioredis tells of a refused SELECT here, and waits on.
  const trouble = new Promise<never>((_, reject) => redis.on('error', reject));
  const ask = async () => {
    await redis.connect();
    judge(await redis.info(), shown);
    await agree(redis, shown);
  };
  try {
    await Promise.race([trouble, ask()]);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`Cannot use the queue ${shown}: ${stateOf(error)}`);
  } finally {
    redis.disconnect();
  }
}

function judge(info: string, shown: string): void {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const policy = field('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    const hint = 'set it to noeviction, or lines would be lost when memory is short';
    throw new UsageError(`Cannot use the queue ${shown}: its maxmemory-policy is ${policy} (${hint})`);
  }
  if (field('redis_mode') === 'cluster') throw new UsageError(`Cannot use the queue ${shown}: it is a Redis cluster`);
}

/** Takes the version of the runs that are there, or says ours where there is none. */
const agreeScript = `
local there = redis.call('GET', KEYS[1])
if there and there ~= ARGV[1] and redis.call('SCARD', KEYS[2]) > 0 then return there end
redis.call('SET', KEYS[1], ARGV[1])
return ARGV[1]`;

async function agree(redis: Redis, shown: string): Promise<void> {
  const there = await redis.eval(agreeScript, 2, versionKey, runsKey, major);
  if (there === major) return;
  const hint = `this is pdl ${version}; finish them with the other, or use another database`;
  throw new UsageError(`Cannot use the queue ${shown}: its runs are of pdl ${there} (${hint})`);
}

function stateOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  if (/WRONGPASS|NOAUTH|invalid password|AUTH/i.test(message)) return 'it refuses the password, or wants one';
  if (/NOPERM/.test(message)) return 'its user may not do what a queue needs';
  if (/invalid DB|out of range/i.test(message)) return 'it has no such database';
  const known = /^(?:E[A-Z]+)$/.test(code ?? '') ? code : /ETIMEDOUT|timeout/i.test(message) ? 'ETIMEDOUT' : null;
  return `no Redis answers there${known === null ? '' : ` (${known})`}`;
}
