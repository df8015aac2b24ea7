#!/usr/bin/env node
/** The door: sets what must be set before Node's thread pool and first import, then hands over to cli/main. */

// Node looks up two names at a time with its 4 pool threads: 5,000 hosts take 52 s, with 64 threads 4.3 s.
// An ESM entry would be too late: its loader has started the pool already.
process.env['UV_THREADPOOL_SIZE'] ??= '64';

const { enableCompileCache } = require('node:module') as { enableCompileCache?: () => unknown };
enableCompileCache?.();

// cli/main as .config/bundle.mjs makes it; import() would cost 11 ms for Node's ESM loader.
type Main = typeof import('../src/cli/main.js', { with: { 'resolution-mode': 'import' }});
const { main } = require('./main.cjs') as Main;
void main();
