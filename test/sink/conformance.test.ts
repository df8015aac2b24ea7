/** pdl's own sinks keep what pdl/sink-conformance asks of every sink. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { type Subject, sinkClaims } from '../../src/sink/conformance.ts';
import { memory } from '../../src/sink/memory.ts';
import { open } from './support.ts';

function holds(kind: string, subject: () => Subject): void {
  describe(kind, () => {
    for (const [claim, check] of Object.entries(sinkClaims)) test(claim, () => check(subject()));
  });
}

const root = mkdtempSync(join(tmpdir(), 'pdl-conformance-'));
after(() => rmSync(root, { recursive: true, force: true }));

function directory(fsync: boolean): Subject {
  const dir = mkdtempSync(join(root, 'dir-'));
  return {
    open: () => open(dir, { fsync }),
    read: ({ path }) => readFileSync(path),
    names: () => readdirSync(dir),
  };
}

holds('the directory', () => directory(false));
holds('the directory under fsync', () => directory(true));
holds('memory()', () => ({ open: () => memory() }));
