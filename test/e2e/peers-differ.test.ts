/** pdl beside curl, wget, wget2 and aria2 at every raw reply: where it differs from one, a reviewed table says so and why. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { folder } from '../support/pdl.ts';
import { type Ending, pdlEach, peerEach, peerNames, peerVersion } from '../support/peers.ts';
import { differences, reviewed } from '../support/peers-table.ts';
import { type Server, startServer } from '../support/server.ts';
import { headPaths } from '../support/sins-heads.ts';

const versions = peerNames.map((name) => ({ name, version: peerVersion(name) }));
const installed = versions.filter(({ version }) => version !== null).map(({ name }) => name);
/** A column of the table that is held, and not only reported. */
const held = versions.map(({ name, version }) => version?.startsWith(reviewed[name]) ?? false);

type Path = (typeof headPaths)[number];
/** The letters of the table, one for each peer: `-` where it is not installed. */
interface Row {
  peers: string;
  pdl: string;
}
interface Measured extends Row {
  /** Where pdl and these peers end with the same bytes, or both fail. */
  same: boolean[];
}

function letterOf({ failed, bytes }: Ending, right: string): string {
  if (failed) return 'f';
  return bytes?.toString('latin1') === right ? 's' : 'w';
}

/** Every program at these paths. Each path has a host name of its own: no connection and no pace is shared. */
async function measure(server: Server, paths: readonly Path[], dir: string, patient: boolean): Promise<Measured[]> {
  const host = (at: number) => (process.platform === 'linux' ? `127.1.${at >> 8}.${at & 255}` : '127.0.0.1');
  const urls = paths.map(({ path }, at) => server.url(patient ? `${path}?pause=500` : path, host(at)));
  const limits = patient ? { seconds: 3, atOnce: 4 } : { seconds: 1, atOnce: 12 };
  const pdl = await pdlEach(urls, join(dir, 'pdl'));
  const peers = new Map<string, Ending[]>();
  await Promise.all(
    installed.map(async (name) => peers.set(name, await peerEach(name, urls, join(dir, name), limits))),
  );
  return paths.map(({ reply }, at) => {
    const mine = pdl[at]!;
    const theirs = peerNames.map((name) => peers.get(name)?.[at]);
    return {
      peers: theirs.map((ending) => (ending === undefined ? '-' : letterOf(ending, reply.body))).join(''),
      pdl: mine.failed && mine.bytes !== null ? 'l' : letterOf(mine, reply.body),
      same: theirs.map((ending) => ending === undefined || isSame(ending, mine)),
    };
  });
}

/** What a failed peer leaves is not compared. */
function isSame(peer: Ending, mine: Ending): boolean {
  if (peer.failed || mine.failed) return peer.failed === mine.failed && mine.words === 'failed';
  return (peer.bytes ?? Buffer.of()).equals(mine.bytes ?? Buffer.of());
}

/** The table by path. A reply's name alone stands for all its ends. */
function rowsOf(): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const { why, at } of differences) {
    for (const line of at.trim().split('\n')) {
      const [peers = '', pdl = '', ...names] = line.trim().split(/ +/);
      assert.match(`${peers} ${pdl}`, /^[swf?]{4} [swfl]$/, why);
      assert.ok([...peers].some((letter) => letter !== pdl) || pdl === 'w', `no difference: ${line}`);
      for (const name of names) {
        const [reply, only] = name.split('/');
        const paths = headPaths.filter((one) => one.name === reply && (only === undefined || one.end === only));
        assert.ok(paths.length > 0, `no such reply: ${name}`);
        for (const { path } of paths) {
          assert.ok(!rows.has(path), `twice in the table: ${path}`);
          rows.set(path, { peers, pdl });
        }
      }
    }
  }
  return rows;
}

/** Whether what was measured is what the table says: all alike without a row. `only` looks at pdl and the peers held. */
function fits(row: Row | undefined, { peers, pdl, same }: Measured, only: boolean): boolean {
  const looked = peerNames.map((_, at) => peers[at] !== '-' && (held[at] || !only));
  if (row === undefined) return pdl !== 'l' && same.every((alike, at) => alike || !looked[at]);
  return pdl === row.pdl && looked.every((is, at) => !is || row.peers[at] === '?' || row.peers[at] === peers[at]);
}

/** Lines in the table's own form. */
function linesOf(found: readonly { path: Path; row: Row | undefined; measured: Measured }[]): string[] {
  const lines = new Map<string, string[]>();
  for (const { path, row, measured } of found) {
    const said = row === undefined ? 'no difference' : `${row.peers} ${row.pdl}`;
    const key = `the table: ${said}; now: ${measured.peers} ${measured.pdl}  `;
    lines.set(key, [...(lines.get(key) ?? []), `${path.name}/${path.end}`]);
  }
  return [...lines].map(([key, names]) => key + names.join(' '));
}

test('at odd replies pdl ends as its peers do, but where the table says', async (t: TestContext) => {
  const rows = rowsOf();
  for (const [at, { name, version }] of versions.entries()) {
    if (version === null) t.diagnostic(`${name} is not installed: its column is not compared`);
    else if (!held[at]) t.diagnostic(`${name} ${version} was not reviewed: where it differs is only reported`);
  }
  const server = await startServer({ log: false, host: '0.0.0.0' });
  t.after(() => server.close());
  const dir = folder(t);
  const misfits = async (paths: readonly Path[], patient: boolean) => {
    const all = await measure(server, paths, join(dir, String(patient)), patient);
    return paths
      .map((path, at) => ({ path, row: rows.get(path.path), measured: all[at]! }))
      .filter(({ row, measured }) => !fits(row, measured, false));
  };

  const first = await misfits(headPaths, false);
  // A busy machine makes programs slow: what does not fit is looked at once more, with patience.
  const found =
    first.length === 0
      ? []
      : await misfits(
          first.map(({ path }) => path),
          true,
        );
  const wrong = found.filter(({ row, measured }) => !fits(row, measured, true));
  for (const line of linesOf(found.filter((one) => !wrong.includes(one)))) t.diagnostic(line);
  assert.deepEqual(linesOf(wrong), []);
});
