/** The results of a run as they arrive, one entry of the stream after the other. */

import type { Result } from '../types.js';
import { unpackResults } from './pack.js';
import type { Redis } from './server.js';

export interface Delivery {
  /** Id of the stream entry. */
  id: string;
  results: Result[];
}

/** How long one look waits, ms: as long as a stopped reader may linger. */
const blockMs = 500;
/** Entries per look; each holds what one worker did in a tenth of a second. */
const entries = 8;

type Entry = [id: Buffer, fields: Buffer[]];

/** Begins with the oldest entry that was not acknowledged. Ends when `redis` is closed on purpose. */
export async function* deliveries(redis: Redis, stream: string, isOver: () => boolean): AsyncGenerator<Delivery> {
  let last = '0';
  while (!isOver()) {
    let reply: [Buffer, Entry[]][] | null;
    try {
      reply = (await redis.xreadBuffer('COUNT', entries, 'BLOCK', blockMs, 'STREAMS', stream, last)) as typeof reply;
    } catch (error) {
      if (isOver()) return;
      throw error;
    }
    for (const [id, [, blob]] of reply?.[0]?.[1] ?? []) {
      last = id.toString();
      yield { id: last, results: unpackResults(blob!) };
    }
  }
}
