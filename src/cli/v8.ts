/** What V8 is told before a run. The library leaves its caller's V8 alone. */

import { setFlagsFromString } from 'node:v8';

// The V8 of Node 20 to 26: one that does not know a flag says so on stderr.
const knowing = /^1[1-4]\./;

/**
 * Left alone, V8 optimises WebAssembly, of which a run has one piece, undici's parser of replies, after the first reply (Node 20; 22 to
 * 26: the fourth), on a thread for which the exit waits: 50 of the 170 ms of `pdl URL`. Told so it waits for some 200 replies; at 20,000
 * the optimised parser has not yet paid for itself.
 */
const tiering = '--wasm-tiering-budget=2147483647';

/**
 * V8 counts the buffers of what is read as growth of a heap of 10 MB, and so marks it anew for every 60 MB received: a fifth of the CPU of
 * 10 x 200 MB (1.85 s, now 1.58). Six times what lives, in place of up to four, costs 26 MB at 160,000 small files (182, now 208).
 */
const growing = '--heap-growing-percent=500';

/** To be called once all code is loaded: after a change of flags V8 refuses the code that Node keeps compiled, which takes 12 ms. */
export function tuneV8(): void {
  if (!knowing.test(process.versions.v8)) return;
  setFlagsFromString(tiering);
  setFlagsFromString(growing);
}
