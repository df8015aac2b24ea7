/** The first command of the README: a real run of the built pdl against a small site on this machine. */

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { media, startMediaServer } from './support/media-server.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'demo-out');
const list = join(folder, 'urls.txt');
rmSync(folder, { recursive: true, force: true });

const server = await startMediaServer();
const names = [...media.map(({ name }) => name), 'moved.mp3', 'missing.jpg'];
mkdirSync(folder);
writeFileSync(list, `# what the demo fetches\n${names.map((name) => server.url(name)).join('\n')}\n`);

const command = ['demo-out/urls.txt', '-j', '4', '--delay', '0.1-0.4', '-d', 'demo-out/files'];
console.log(`$ pdl ${command.join(' ')}\n`);
const code = await new Promise<number | null>((resolve, reject) => {
  const pdl = spawn(process.execPath, [join(root, 'dist/bin/pdl.cjs'), ...command], { cwd: root, stdio: 'inherit' });
  pdl.on('error', reject).on('close', resolve);
});
await server.close();

const wrong = [...media, { name: 'moved.mp3', path: media.find(({ name }) => name === 'track-1.mp3')!.path }].filter(
  ({ name, path }) => !readFileSync(join(folder, 'files', name)).equals(readFileSync(path)),
);
if (wrong.length > 0 || code !== 1) {
  console.error(`The demo went wrong: exit code ${code}, ${wrong.length} files differ`);
  process.exitCode = 1;
} else {
  console.log(`\n${media.length + 1} files are in demo-out/files, byte for byte what the server has.`);
  console.log('One URL of the list leads nowhere, on purpose: that is why pdl ended with exit code 1.');
}
