/** Bent ranges, replaced files and kill -9: under a final name stands one version of the file, whole. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { rangeCorpus } from './corpus-ranges.ts';
import type { RangeCase } from './range-case.ts';
import { type RangeServer, startRangeServer } from './range-run.ts';
import type { Story } from './range-story.ts';
import { rangeFaults, ranges } from './ranges.ts';
import { type Found, fuzzFor } from './run-fuzz.ts';

let server: RangeServer;
before(async () => {
  server = await startRangeServer();
});
after(() => server.close());

test('whatever a server does with ranges, a file is one of its versions, and comes in when the server is calm', (t) =>
  fuzzFor(t, ranges(), { must: ['inline', 'killed', 'right', 'files'] }));

for (const { name, case: kept } of rangeCorpus)
  test(`kept: ${name}`, async () => {
    assert.deepEqual(await rangeFaults(server, [kept]), [[]]);
  });

/** What a wrong program would leave in the directory. */
const spoils: Record<string, { spoil: Story['spoil']; fault: RegExp }> = {
  'a byte that is wrong': { fault: /^bytes: /, spoil: each((bytes) => bytes.fill(0, 0, 4)) },
  'a byte too few': { fault: /^bytes: /, spoil: each((bytes) => bytes.subarray(1)) },
  nothing: { fault: /^missing: /, spoil: (dir) => names(dir).forEach((name) => void rmSync(join(dir, name))) },
  'a part': { fault: /^parts: /, spoil: (dir) => writeFileSync(join(dir, '.pdl/parts/x'), '') },
};

const names = (dir: string) => readdirSync(dir).filter((name) => name !== '.pdl');

function each(change: (bytes: Buffer) => Buffer): Story['spoil'] {
  return (dir) => {
    for (const name of names(dir)) writeFileSync(join(dir, name), change(readFileSync(join(dir, name))));
  };
}

const plain: RangeCase = { size: 100_000, validator: 'strong', framing: 'length', steps: [], calm: 'right' };

for (const [name, { spoil, fault }] of Object.entries(spoils))
  test(`a program that leaves ${name} is found`, async () => {
    const [faults] = await rangeFaults(server, [plain], spoil);
    assert.ok(
      faults!.some((one) => fault.test(one)),
      faults!.join(),
    );
  });

test('a finding is made small', async () => {
  const found: Found[] = [];
  const { spoil } = spoils['a byte that is wrong']!;
  await ranges(spoil)({ seed: 1, seconds: 0.01, shrinkMs: 2_000, onFound: (one) => found.push(one) });
  const [first] = found;
  assert.match(first!.fault, /^bytes: /);
  assert.ok(first!.isSmallest && (first!.case as RangeCase).steps.length <= 1, JSON.stringify(first));
});

test('a client that asks for a range without a strong validator is found', async () => {
  const asked: Record<string, Record<string, string>> = {
    'without If-Range': { Range: 'bytes=5-' },
    'of a weak one': { Range: 'bytes=5-', 'If-Range': 'W/"same"' },
    'of one never heard': { Range: 'bytes=5-', 'If-Range': '"other"' },
    'from nothing': { Range: 'bytes=0-', 'If-Range': '"v0"' },
  };
  for (const [name, headers] of Object.entries(asked)) {
    const [file] = server.place([plain]);
    const ask = (more: Record<string, string>) =>
      new Promise((resolve) =>
        get(server.urlOf(file!), { headers: more }, (answer) => answer.resume().on('end', resolve)),
      );
    await ask({});
    assert.deepEqual(file!.sins, []);
    await ask({ Range: 'bytes=5-', 'If-Range': '"v0"' });
    assert.deepEqual(file!.sins, []);
    await ask(headers);
    assert.equal(file!.sins.length, 1, name);
    server.forget([file!]);
  }
});
