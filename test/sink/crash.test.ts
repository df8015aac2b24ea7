import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import test from 'node:test';
import { bodyOf, isWholeBody, pathOf, saveAll, scratch, startChild, within } from './support.ts';

/** Every file below DIR but the state. */
function files(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('/.pdl'))
    .map((entry) => `${entry.parentPath}/${entry.name}`);
}

/** Reads each final name whenever it is a new file, until told to stop: it must be whole at every instant. */
async function watch(dir: string, stop: () => boolean): Promise<number> {
  const seen = new Map<string, number>();
  while (!stop()) {
    for (const path of files(dir)) {
      const { ino, ctimeMs } = statSync(path);
      if (seen.get(path) === ino + ctimeMs) continue;
      assert.ok(isWholeBody(readFileSync(path)), path);
      seen.set(path, ino + ctimeMs);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return seen.size;
}

const sizes = Array.from({ length: 240 }, (_, at) => (at % 20 === 0 ? 3_000_000 : 20_000 + 50 * at));

for (const [existing, rounds] of [
  ['skip', 5],
  ['overwrite', 3],
] as const) {
  test(`under ${existing}, kill -9 at any moment leaves no file that is not whole, and no said word untrue`, async (t) => {
    const dir = scratch(t);
    let resumed = 0;
    for (let round = 0; round < rounds; round += 1) {
      const version = existing === 'skip' ? 1 : round;
      const child = startChild({ options: { dir, existing }, sizes, version, workers: 8 });
      let over = false;
      const watching = watch(dir, () => over);
      await child.ready;
      const lines = 5 + ((round * 61) % 200);
      const timer = setInterval(() => child.said.length > lines && child.process.kill('SIGKILL'), 1);
      const said = await child.ended;
      clearInterval(timer);
      over = true;
      assert.ok((await watching) > 0);
      for (const { path, resumedFrom, code, message } of said) {
        assert.equal(code, undefined, message);
        if (path) assert.ok(isWholeBody(readFileSync(path)), path);
        if (resumedFrom > 0) resumed += 1;
      }
    }
    await within(dir, { existing }, (sink) =>
      saveAll(sink, { sizes, version: 1, workers: 8 }, ({ code, message }) => assert.equal(code, undefined, message)),
    );
    for (const [at, size] of sizes.entries())
      assert.ok(readFileSync(`${dir}/${pathOf(at)}`).equals(bodyOf(at, 1, size)));
    assert.equal(files(dir).length, sizes.length);
    assert.deepEqual(readdirSync(`${dir}/.pdl/parts`), []);
    t.diagnostic(`${resumed} bodies were continued`);
  });
}
