#!/usr/bin/env node
/** The door: sets what must be set before Node's thread pool and first import, then hands over to cli/main. */

// Node looks up two names at a time with its 4 pool threads: 5,000 hosts take 52 s, with 64 threads 4.3 s.
// An ESM entry would be too late: its loader has started the pool already.
process.env['UV_THREADPOOL_SIZE'] ??= '64';

const module_ = require('node:module') as { enableCompileCache?: () => unknown; wrap(source: string): string };

// cli/main as .config/bundle.mjs makes it; import() would cost 11 ms for Node's ESM loader.
type Main = typeof import('../src/cli/main.js', { with: { 'resolution-mode': 'import' }});
const { main } = load() as Main;
void main();

/** Reading 1 MB of JavaScript takes 22 of the 90 ms of `pdl URL`: V8 is given what it made of it before, and takes it if it is its own. */
function load(): unknown {
  if (module_.enableCompileCache) {
    module_.enableCompileCache();
    return require('./main.cjs');
  }
  // Node 20 keeps nothing by itself. .config/code-cache.cjs has, when this was built.
  const { readFileSync } = require('node:fs') as typeof import('node:fs');
  const { Script } = require('node:vm') as typeof import('node:vm');
  const filename = `${__dirname}/main.cjs`;
  const script = new Script(module_.wrap(readFileSync(filename, 'utf8')), {
    filename,
    cachedData: kept(() => readFileSync(`${__dirname}/main.code`)),
  });
  const made = { exports: {} };
  script.runInThisContext()(made.exports, require, made, filename, __dirname);
  return made.exports;
}

function kept(read: () => Buffer): Buffer | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
