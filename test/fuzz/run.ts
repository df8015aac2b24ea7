/** Fuzzes for as long as is asked for: `npm run fuzz -- --seconds 60 --seed 7 [replies|ranges|proxies]`, or `--case JSON` for one case again. */

import { parseArgs } from 'node:util';
import { openPlayground } from './playground.ts';
import { proxies } from './proxies.ts';
import { startRangeServer } from './range-run.ts';
import { rangeFaults, ranges } from './ranges.ts';
import { faultsOf, replies } from './replies.ts';
import { type Fuzz, told } from './run-fuzz.ts';

const all: Record<string, Fuzz> = { replies, ranges: ranges(), proxies };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' }, case: { type: 'string' } },
});
const names = positionals.length > 0 ? positionals : Object.keys(all);
const unknown = names.find((name) => !Object.hasOwn(all, name));

if (unknown !== undefined) {
  console.error(`there is no fuzzer ${unknown}; there are ${Object.keys(all).join(', ')}`);
  process.exitCode = 2;
} else if (values.case !== undefined) await again(JSON.parse(values.case) as never);
else for (const name of names) await fuzz(name);

// What is still open then would keep a program from its end.
setTimeout(() => {
  console.log(`left open: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit(1);
}, 10_000).unref();

async function fuzz(name: string): Promise<void> {
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`${name}: seed ${seed}, ${values.seconds} s`);
  const counts = await all[name]!({
    seed,
    seconds: Number(values.seconds),
    onFound(found) {
      console.log(`${name}: seed ${seed}: ${told(found)}`);
      process.exitCode = 1;
    },
  });
  console.log(`${name}: ${JSON.stringify(counts)}`);
}

/** One case as a finding prints it: of answers, or of ranges. */
async function again(one: never): Promise<void> {
  const isReplies = 'replies' in (one as object);
  const server = isReplies ? await openPlayground() : await startRangeServer();
  const faults =
    'stream' in server
      ? await faultsOf({ playground: server, mutate: (outcome) => outcome }, [one])
      : await rangeFaults(server, [one]);
  await server.close();
  console.log(faults[0]!.filter((fault) => fault !== null).join('\n') || 'all is right');
}
