/**
 * `npm run bench [-- WORK...] [--rounds N] [--scale F]`: pdl beside every installed peer, in turn, on tmpfs and loopback; medians and ratios.
 * Files and bytes are checked after every run; a wrong run counts for nothing.
 */

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { brought, lay } from './corpus.ts';
import { type Measured, measure, median } from './measure.ts';
import { peers } from './peers.ts';
import { singles } from './singles.ts';
import { startSite } from './site.ts';
import { type Work, works } from './works.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    json: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const scale = Number(values.scale);
const scratch = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'pdl-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const wanted = (name: string) => positionals.length === 0 || positionals.includes(name);

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${rounds} rounds, scale ${scale}`);
const report: Record<string, unknown> = {};
for (const [name, work] of Object.entries(works)) if (wanted(name)) report[name] = await compare(name, work);
for (const [name, single] of Object.entries(singles)) if (wanted(name)) report[name] = await single(scratch, scale);
if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
process.exit();

/** Every peer in every round, so that noise meets all alike. */
async function compare(name: string, work: Work): Promise<Record<string, Measured>> {
  const count = Math.max(work.workers, Math.round(work.count * scale));
  const root = join(scratch, 'www');
  mkdirSync(root);
  const corpus = lay(root, count, work.size);
  const site = await startSite(root, join(scratch, 'site'), work);
  const runs = new Map<string, Measured[]>(peers().map(([peer]) => [peer, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [peer, ask] of turned(peers(), round)) {
      const out = join(scratch, 'out');
      mkdirSync(out);
      const command = ask({
        urls: corpus.names.map((file) => site.url(file)),
        workers: work.workers,
        out,
        scratch,
        ...(site.ca ? { ca: site.ca } : {}),
      });
      const measured = await measure(command, scratch);
      if (site.span) measured.span = site.span();
      const { files, bytes } = brought(out);
      rmSync(out, { recursive: true });
      if (files === corpus.names.length && bytes === corpus.bytes) runs.get(peer)!.push(measured);
      else
        console.log(
          `  ${name} ${peer}: wrong: ${files}/${corpus.names.length} files, ${bytes}/${corpus.bytes} bytes ${measured.stderr.slice(0, 200)}`,
        );
    }
  }
  await site.close();
  rmSync(root, { recursive: true });
  return tell(name, runs, count, corpus.bytes);
}

/** Another one first in each round: the first of all meets memory that the machine has yet to find. */
function turned<T>(all: T[], round: number): T[] {
  const at = round % all.length;
  return [...all.slice(at), ...all.slice(0, at)];
}

function tell(name: string, runs: Map<string, Measured[]>, files: number, bytes: number): Record<string, Measured> {
  const medians: Record<string, Measured> = {};
  for (const [peer, all] of runs) {
    if (all.length === 0) continue;
    const of = (key: 'wall' | 'cpu' | 'peak' | 'span') => median(all.map((one) => one[key] ?? 0));
    medians[peer] = { wall: of('wall'), cpu: of('cpu'), peak: of('peak'), code: all[0]!.code, stderr: '' };
    if (all[0]!.span !== undefined) medians[peer].span = of('span');
  }
  const own = medians['pdl']?.wall ?? Number.NaN;
  console.log(`\n${name}: ${files} files, ${(bytes / 1e6).toFixed(0)} MB`);
  for (const [peer, { wall, cpu, peak, span }] of Object.entries(medians)) {
    console.log(
      `  ${peer.padEnd(7)} ${wall.toFixed(2).padStart(7)} s  ${(files / wall).toFixed(0).padStart(6)} files/s  ${(bytes / wall / 1e6).toFixed(0).padStart(5)} MB/s` +
        `  cpu ${cpu.toFixed(2).padStart(6)} s  peak ${peak.toFixed(0).padStart(4)} MB  pdl is ${(wall / own).toFixed(2)} ×` +
        (span === undefined ? '' : `  first request to last byte ${span.toFixed(2)} s`),
    );
  }
  return medians;
}
