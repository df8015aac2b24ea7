/** The flag table against what is written from it, and against the options it sets. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { completion } from '../../src/cli/completion.ts';
import { keyOf, spelling, variableOf } from '../../src/cli/flag.ts';
import { flags } from '../../src/cli/flags.ts';
import { helpText } from '../../src/cli/help.ts';
import { manPage, optionTable } from '../../src/cli/manual.ts';
import { options, settle } from '../../src/options.ts';
import { folder } from '../support/pdl.ts';

const root = join(import.meta.dirname, '../..');
const own = ['input', 'format', 'glob', 'noGlob', 'json', 'print', 'failed', 'report', 'progress', 'quiet', 'verbose'];
const acts = ['queue', 'worker', 'run', 'color', 'verify', 'plan', 'completion', 'help', 'version'];

test('every option of the library has its flag, and every flag its option or its place in the command', () => {
  const keys = flags.map(keyOf);
  assert.equal(new Set(keys).size, keys.length);
  assert.deepEqual(keys.filter((key) => !Object.hasOwn(options, key)).sort(), [...own, ...acts].sort());
  assert.deepEqual(
    Object.keys(options).filter((key) => !keys.includes(key as never)),
    [],
  );
  const letters = flags.flatMap(({ letter }) => letter ?? []);
  assert.equal(new Set(letters).size, letters.length);
});

test('the default that is shown is the default that holds', () => {
  const defaults = settle();
  for (const flag of flags) {
    const key = keyOf(flag);
    if (!Object.hasOwn(options, key) || flag.initial === undefined) continue;
    if (['off', '= -j', 'pdl/VERSION'].includes(flag.initial)) {
      assert.ok([null, 0, Number.POSITIVE_INFINITY].includes(defaults[key] as never), `${key} is off by default`);
    } else {
      assert.deepEqual(settle({ [key]: flag.initial })[key], defaults[key], key);
    }
  }
});

test('what is offered as a choice is allowed', () => {
  for (const flag of flags) {
    if (!Array.isArray(flag.complete)) continue;
    for (const word of flag.complete) {
      if (flag.kind !== undefined) assert.notEqual(flag.kind.parse(word), undefined, `${flag.long} ${word}`);
      else assert.equal(settle({ [keyOf(flag)]: word })[keyOf(flag)], word);
    }
  }
});

test('--help is as pinned, fits 80 columns and names every flag', () => {
  const help = helpText();
  assert.equal(help, readFileSync(join(root, 'fixtures/help.txt'), 'utf8'));
  assert.deepEqual(
    help.split('\n').filter((line) => line.length > 80),
    [],
  );
  for (const flag of flags) assert.ok(help.includes(spelling(flag)), flag.long);
});

test('the README holds the option table of the flags', { skip: !readme().includes('<!-- options -->') }, () => {
  const [, table] = /<!-- options -->\n([\s\S]*?)\n<!-- \/options -->/.exec(readme()) ?? [];
  assert.equal(table, optionTable(), 'run `npm run docs`');
});

test('the man page is clean roff and names every flag', () => {
  const page = manPage();
  for (const flag of flags) assert.ok(page.includes(`\\-\\-${flag.long.replaceAll('-', '\\-')}`), flag.long);
  const groff = spawnSync('groff', ['-man', '-Tascii', '-ww', '-z'], { input: page, encoding: 'utf8' });
  if (groff.error === undefined) assert.equal(groff.stderr, '');
});

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  test(`the ${shell} completion names every flag and parses`, (t) => {
    const script = completion(shell);
    for (const { long } of flags) assert.ok(script.includes(shell === 'fish' ? `-l ${long}` : `--${long}`), long);
    // From a file: fish takes no script to check from its standard input.
    const file = join(folder(t), `pdl.${shell}`);
    writeFileSync(file, script);
    const parsed = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    if (parsed.error === undefined) assert.equal(parsed.stderr, '');
  });
}

test('bash completes flags and their words', () => {
  const ask = (words: string[]) => {
    const script = `${completion('bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _pdl; echo "\${COMPREPLY[*]}"`;
    return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim();
  };
  assert.equal(ask(['pdl', '--max-w']), '--max-workers');
  assert.equal(ask(['pdl', '--existing', 're']), 'rename refresh');
  assert.equal(ask(['pdl', '--delay', 'x']), '');
});

test('a variable is PDL_ and the long name', () => {
  assert.equal(variableOf(flags.find(({ long }) => long === 'max-workers')!), 'PDL_MAX_WORKERS');
});

function readme(): string {
  try {
    return readFileSync(join(root, 'README.md'), 'utf8');
  } catch {
    return '';
  }
}
