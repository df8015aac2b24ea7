/** What V8 is told before a run. The library leaves its caller's V8 alone. */

import { setFlagsFromString } from 'node:v8';

/** As far as it matters here: Node's own types leave it to the browser's. */
declare const WebAssembly: { Instance: new (module: object, imports?: object) => object };

// A V8 that does not know a flag says so on stderr: 11 is Node 20's, 14 is Node 26's.
const major = Number.parseInt(process.versions.v8, 10);

/**
 * V8 optimises WebAssembly, of which a run has one piece, undici's parser of replies, once it has used up a budget: after the first reply
 * (Node 20; 22 to 26: the fourth), for 110 ms of CPU, 50 of them in the way of the exit of `pdl URL`. Each reply then takes 2.4 µs less, so
 * that it should be after some 50,000 (Node 20, measured). How much there is of the budget is settled when the parser is loaded, and what one
 * step takes of it, a quarter of the budget at most, when a function of it is first called: a large budget that becomes a small one.
 */
function tuneParser(): void {
  setFlagsFromString('--wasm-tiering-budget=2147483647');
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class extends Instance {
    constructor(module: object, imports?: object) {
      super(module, imports);
      setFlagsFromString('--wasm-tiering-budget=1000');
      WebAssembly.Instance = Instance;
    }
  };
}

/**
 * V8 counts the buffers of what is read as growth of a heap of 10 MB, and so marks it anew for every 60 MB received: a fifth of the CPU of
 * 10 x 200 MB (1.85 s, now 1.58). Six times what lives, in place of up to four, costs 26 MB at 160,000 small files (182, now 208).
 */
const growing = '--heap-growing-percent=500';

/**
 * A run is short, and V8 takes its time: 40,000 files of 1 kB are fetched in 2 s, of which the first 4,000 took 0.6. Told to optimise a
 * function after an eighth of the usual budget, to compile it simply before that and to inline less, it saves 7 to 10 % of those runs.
 * For Node 20 alone: later ones count otherwise, and have a compiler between the two.
 */
const warming = [
  '--interrupt-budget=8000',
  '--always-sparkplug',
  '--max-inlined-bytecode-size=100',
  '--max-inlined-bytecode-size-cumulative=200',
];

/** To be called once all code is loaded: after a change of flags V8 refuses the code that Node keeps compiled, which takes 12 ms. */
export function tuneV8(): void {
  if (major < 11 || major > 14) return;
  for (const flag of [growing, ...(major === 11 ? warming : [])]) setFlagsFromString(flag);
  tuneParser();
}
