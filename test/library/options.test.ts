/** Wrong use is said at the call, before any request, with the option and the value. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as library from '../../src/index.ts';
import { download, type Options, type Source, UsageError } from '../../src/index.ts';
import { options } from '../../src/options.ts';
import { wire } from './wire.ts';

const wrong: [options: unknown, message: RegExp][] = [
  [{ maxWorker: 4 }, /^Cannot use maxWorker 4: there is no such option/],
  [{ 'max-workers': 4 }, /^Cannot use max-workers 4: there is no such option/],
  [{ toString: 1 }, /^Cannot use toString 1: there is no such option/],
  [{ delai: '1-4' }, /^Cannot use delai "1-4": there is no such option/],
  [{ headers: { Authorization: 'Bearer geheim' } }, /^Cannot use headers an object: there is no such option/],
  [{ fetchOptions: { auth: 'geheim' } }, /^Cannot use fetchOptions an object: there is no such option/],
  [{ token: 'geheim' }, /^Cannot use token a text: there is no such option/],
  [{ header: { Authorization: 'Bearer geheim' } }, /^Cannot use header an object: allowed is a text or a list/],
  [{ noproxy: 'http://u:geheim@proxy' }, /^Cannot use noproxy "http:..proxy": there/],
  [{ maxWorkers: 0 }, /^Cannot use maxWorkers 0: allowed is a whole number from 1 to 65535/],
  [{ maxWorkers: 1.5 }, /^Cannot use maxWorkers 1.5: /],
  [{ maxWorkers: Number.NaN }, /^Cannot use maxWorkers (?:NaN|null): /],
  [{ maxWorkers: null }, /^Cannot use maxWorkers null: /],
  [{ delay: '4-1' }, /^Cannot use delay "4-1": allowed is A or A-B with A <= B/],
  [{ delay: [1, 2, 3] }, /^Cannot use delay \[1,2,3\]: /],
  [{ delay: {} }, /^Cannot use delay \{\}: /],
  [{ timeout: '10 parsecs' }, /^Cannot use timeout "10 parsecs": allowed is a time such as/],
  [{ timeout: -1 }, /^Cannot use timeout -1: /],
  [{ existing: 'keep' }, /^Cannot use existing "keep": allowed is skip, overwrite, rename, refresh/],
  [{ robots: 'yes' }, /^Cannot use robots "yes": allowed is true or false/],
  [{ dir: '' }, /^Cannot use dir "": /],
  [{ maxSize: '5 apples' }, /^Cannot use maxSize "5 apples": allowed is a size/],
  [{ layers: (next: unknown) => next }, /^Cannot use layers a function: allowed is a list of functions/],
  [{ layers: ['log'] }, /^Cannot use layers \["log"\]: allowed is a list of functions/],
  [{ layers: [undefined] }, /^Cannot use layers \[null\]: allowed is a list of functions/],
  [{ sink: {} }, /^Cannot use sink \{\}: allowed is an object with held, begin, forget and close/],
  [{ names: '{name}' }, /^Cannot use names "\{name\}": allowed is a function/],
  [{ store: new Set() }, /^Cannot use store \{\}: allowed is an object with skip/],
  [{ transport: globalThis.fetch }, /^Cannot use transport a function: allowed is an object with send and close/],
  [{ clock: Date }, /^Cannot use clock a function: allowed is an object with now, date, random and timer/],
  [{ signal: new AbortController() }, /^Cannot use signal \{\}: allowed is an AbortSignal/],
];

for (const [given, message] of wrong) {
  test(`refused at the call: ${message.source.slice(1, 60)}`, () => {
    const transport = wire();
    const dir = join(tmpdir(), 'pdl-refused');
    assert.throws(
      () => download(['http://site.example/a'], { transport, dir, ...(given as Options) }),
      (error: Error) => {
        assert.ok(error instanceof TypeError && error instanceof UsageError);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /geheim/);
        return true;
      },
    );
    assert.deepEqual(transport.log, []);
    assert.equal(existsSync(dir), false);
  });
}

for (const given of [null, 'dir', 7, []]) {
  test(`options ${JSON.stringify(given)} are refused at the call`, () => {
    assert.throws(() => download([], given as never), { name: 'UsageError', message: /^Cannot use options? / });
  });
}

for (const given of [undefined, null, 7, {}, () => [], { length: 1 }]) {
  test(`the source ${String(given)} is refused at the call`, () => {
    assert.throws(() => download(given as unknown as Source), {
      name: 'UsageError',
      message: /^Cannot read the source .*: allowed is an iterable/,
    });
  });
}

test('undefined and, where there is a "none", null are the default', () => {
  download([], { maxWorkers: undefined, archive: null as never, sink: null, signal: undefined });
});

test('values may be written as at a shell, or ready made', () => {
  download([], { delay: '1-4', timeout: '1.5m', maxSize: '2.5M', rate: '60/m', retry: '5', header: 'A: b' });
  download([], { delay: [1, 4], timeout: 90, maxSize: 2_621_440, retry: 5, header: ['A: b', 'C: d'] });
});

// ── what a user's editor shows ───────────────────────────────────────────────────────────────────

const root = join(import.meta.dirname, '../..');

/** Names without a comment right before them, in the lines of a declaration. */
function undocumented(text: string, declaration: RegExp): string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, at) => {
    const name = declaration.exec(line)?.[1];
    if (name === undefined) return [];
    let above = at - 1;
    while (lines[above]?.trim().startsWith('// biome-ignore')) above -= 1;
    return lines[above]?.trim().endsWith('*/') ? [] : [name];
  });
}

test('every option says its unit, its values or its default where an editor shows it', () => {
  const text = readFileSync(join(root, 'src/options.ts'), 'utf8');
  const table = text.slice(text.indexOf('export const options'), text.indexOf('} as const'));
  const documented = undocumented(table, /^ {2}(\w+): (?:option|maybe)\(/);
  assert.ok(Object.keys(options).length > 40);
  assert.deepEqual(documented, []);
});

/** The files whose declarations the library's face re-exports. */
const faces = [...readFileSync(join(root, 'src/index.ts'), 'utf8').matchAll(/from '\.\/(.+)\.js'/g)].map(
  ([, file]) => file!,
);
const publicFiles = [...new Set([...faces, 'list/source', 'list/judge', 'list/formats/format', 'parts', 'sink/bench'])];

test('every public type and function has its docstring', () => {
  assert.ok(publicFiles.length > 10);
  for (const file of publicFiles) {
    const text = readFileSync(join(root, `src/${file}.ts`), 'utf8');
    const found = undocumented(
      text,
      /^export (?:declare )?(?:async )?(?:interface|type|class|function\*?|const) (\w+)/,
    );
    assert.deepEqual(file === 'sink/bench' ? found.filter((name) => name === 'Subject') : found, [], `${file}.ts`);
  }
});

test('every public function shows an example', () => {
  const sources = publicFiles.map((file) => readFileSync(join(root, `src/${file}.ts`), 'utf8'));
  for (const [name, value] of Object.entries(library)) {
    if (typeof value !== 'function' || /^class/.test(String(value))) continue;
    const declared = new RegExp(`^export (?:async )?function\\*? ?${name}\\b`, 'm');
    const source = sources.find((text) => declared.test(text));
    assert.ok(source !== undefined, `${name} was not found`);
    const above = source.slice(0, source.search(declared));
    assert.match(above.slice(above.lastIndexOf('/**')), /@example/, name);
  }
});
