/** A process of its own that puts files through a sink: what the tests kill, race and starve. */

import { PdlError } from '../../src/errors.ts';
import type { Options } from '../../src/options.ts';
import { open, saveAll } from './support.ts';

/** What it is to do, as its argument. */
export interface Order {
  options: Options & { dir: string };
  /** Bytes of each file. */
  sizes: number[];
  version: number;
  workers: number;
  /** Stay with the lock held. */
  stay?: boolean;
}

const order = JSON.parse(process.argv[2] ?? '{}') as Order;
const say = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`);

try {
  const sink = await open(order.options.dir, order.options);
  say({ ready: process.pid });
  await saveAll(sink, order, say);
  if (order.stay) setInterval(() => {}, 60_000);
  else {
    await sink.close();
    say({ end: true });
  }
} catch (error) {
  if (!(error instanceof PdlError)) throw error;
  say({ code: error.code, message: error.message, reason: error.facts.reason });
  process.exitCode = 1;
}
