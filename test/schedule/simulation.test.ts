import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { type Shape, simulate } from './simulate.ts';

test('200 hosts, 100,000 lines, mixed latencies: every rule holds on every event', async () => {
  const shape: Shape = {
    hosts: 200,
    lines: 100_000,
    workers: 64,
    perHost: 4,
    delay: [1000, 4000],
    spacing: 0,
    window: 10_000,
    longest: 300,
    breaks: 50,
    sorted: false,
    seed: 7,
  };
  const program = fileURLToPath(new URL('./simulate.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program, JSON.stringify(shape)]);
  assert.equal(JSON.parse(stdout).saved, shape.lines);
});

test('property: 1,000 random shapes keep every rule', async () => {
  const shape = fc
    .record({
      hosts: fc.integer({ min: 1, max: 12 }),
      lines: fc.integer({ min: 0, max: 60 }),
      workers: fc.integer({ min: 1, max: 9 }),
      perHost: fc.integer({ min: 1, max: 6 }),
      ends: fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 500 })),
      equal: fc.boolean(),
      spacing: fc.constantFrom(0, 0, 0, 100, 1000),
      window: fc.integer({ min: 1, max: 80 }),
      longest: fc.integer({ min: 0, max: 400 }),
      breaks: fc.constantFrom(0, 0, 3, 10),
      sorted: fc.boolean(),
      seed: fc.integer(),
    })
    .map(({ ends: [one, other], equal, ...rest }): Shape => {
      const delay: [number, number] = [Math.min(one, other), Math.max(one, other)];
      return { ...rest, delay: equal ? [delay[1], delay[1]] : delay };
    });
  await fc.assert(
    fc.asyncProperty(shape, async (one) => {
      await simulate(one);
    }),
    { numRuns: 1000 },
  );
});

test('a list sorted by host keeps all workers busy while any host in the window is ready', async () => {
  const { elapsed } = await simulate({
    hosts: 50,
    lines: 5_000,
    workers: 10,
    perHost: 1,
    delay: [100, 100],
    spacing: 0,
    window: 10_000,
    longest: 100,
    breaks: 0,
    sorted: true,
    seed: 3,
  });
  // 50 hosts × 100 lines at about 150 ms each, all hosts at the same time; 10 workers are never the narrow place.
  assert.ok(elapsed < 50_000, `took ${elapsed} ms of its own time`);
});
