/** When V8 optimises WebAssembly, of which a run has one piece: undici's parser of replies. */

import { setFlagsFromString } from 'node:v8';

// The V8 of Node 20 to 26: one that does not know the flag says so on stderr.
const knowing = /^1[1-4]\./;

/**
 * Left alone, V8 optimises the parser after the first reply (Node 20; 22 to 26: the fourth), on a thread for which the exit waits:
 * 50 of the 170 ms of `pdl URL`. Told so it waits for some 200 replies; at 20,000 the optimised parser has not yet paid for itself.
 * To be called once all code is loaded: after a change of flags V8 refuses the code that Node keeps compiled, which takes 12 ms.
 */
export function optimizeLate(v8: string = process.versions.v8): void {
  if (knowing.test(v8)) setFlagsFromString('--wasm-tiering-budget=2147483647');
}
