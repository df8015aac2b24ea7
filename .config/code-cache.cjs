/**
 * Keeps what V8 makes of the command's source during a run, as dist/bin/main.code, for the door of Node 20: later ones keep it by themselves.
 * Required into that run, this same file is what keeps it.
 */

const { spawn } = require('node:child_process');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { enableCompileCache } = require('node:module');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const v8 = require('node:v8');
const vm = require('node:vm');

const bin = join(__dirname, '../dist/bin');

/** Fetches some files: V8 compiles what is called. */
function run() {
  const dir = mkdtempSync(join(tmpdir(), 'pdl-build-'));
  const server = createServer((request, response) => response.end(request.url));
  server.listen(0, '127.0.0.1', () => {
    const urls = Array.from({ length: 40 }, (_, n) => `http://127.0.0.1:${server.address().port}/${n}`);
    const command = ['--require', __filename, join(bin, 'pdl.cjs'), '-q', '-d', dir, ...urls];
    const pdl = spawn(process.execPath, command, { env: {}, stdio: ['ignore', 'ignore', 'inherit'] });
    pdl.once('exit', (code) => {
      server.close();
      rmSync(dir, { recursive: true, force: true });
      if (code !== 0) console.error(`The run ended with ${code}: the command will start 20 ms later than it could.`);
    });
  });
}

function keep() {
  const { Script } = vm;
  vm.Script = class extends Script {
    constructor(...given) {
      super(...given);
      process.once('exit', () => writeFileSync(join(bin, 'main.code'), this.createCachedData()));
    }
  };
  // V8 takes nothing that was made under other flags than those it reads it with: at the door there are none.
  v8.setFlagsFromString = () => {};
}

if (require.main !== module) keep();
else if (enableCompileCache === undefined) run();
