/** Makes one file of the command's 200: resolving and reading each took 100 of the 290 ms of CPU that `pdl URL` needed (Node 20, measured). The library stays as tsc wrote it. */

import { rmSync } from 'node:fs';
import { build } from 'esbuild';

/** Of undici its client alone: fetch, mocks, caches and HTTP/2 took 20 of the 212 ms of CPU of `pdl URL`, and nothing here asks for them. */
const clientOnly = {
  name: 'client-only',
  setup({ onLoad }) {
    const client = `exports.Client = require('./lib/dispatcher/client.js'); exports.util = require('./lib/core/util.js');`;
    onLoad({ filter: /\/undici\/index\.js$/ }, () => ({ contents: client }));
    // allowH2 is false, and no request has a body
    onLoad({ filter: /\/undici\/lib\/(dispatcher\/client-h2|web\/fetch\/body)\.js$/ }, () => ({ contents: '' }));
  },
};

// Of a source that it has compiled before V8 compares the length alone.
rmSync('dist/bin/main.code', { force: true });

await build({
  // the thread beside the command: it is started by its name
  entryPoints: { main: 'dist/src/cli/main.js', 'writer-thread': 'dist/src/sink/writer-thread.js' },
  outdir: 'dist/bin',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  // CommonJS: Node's ESM loader takes 11 ms more. What is imported lazily is still run lazily.
  format: 'cjs',
  platform: 'node',
  target: 'node20.18',
  external: ['bullmq', 'ioredis'],
  // Both are CommonJS, and Node 20 has no import() for code that it was given compiled (but as an experiment, of which it warns).
  supported: { 'dynamic-import': false },
  plugins: [clientOnly],
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
  legalComments: 'eof',
  logLevel: 'warning',
});
