/** One worker as a process of its own, with leases short enough for a test. Arguments: a JSON object of options. */

import { work } from '../../src/queue.ts';

const { leaseMs, ...options } = JSON.parse(process.argv[2]!);
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
for await (const _ of work({ ...options, leaseMs, signal: stop.signal }));
