/** The promise of this room: whatever a server does between two requests, a file is one version of it, or a failure. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PdlError } from '../../src/errors.ts';
import { settle } from '../../src/options.ts';
import { redirects } from '../../src/schedule/redirects.ts';
import { openCredentials } from '../../src/transfer/credentials.ts';
import { receive } from '../../src/transfer/receive.ts';
import { home, landing, stillClock, stillRun, taskOf, wire } from './fakes.ts';
import { type Shelf, shelf } from './shelf.ts';
import { type Model, model, Server, type Step } from './versions-model.ts';

/** Tries again and again, as a run and its reruns do. Each failure must be one that a server can cause. */
async function run(given: Model): Promise<{ held: Shelf; server: Server; saved: boolean; asked: number }> {
  const held = shelf();
  const server = new Server(given, held);
  const transport = wire((request) => server.answer(request));
  const settings = settle({ clock: stillClock });
  const secrets = openCredentials(settings, {});
  const bring = redirects(settings, stillRun)(landing(receive(transport, held, settings, stillClock, secrets)));
  for (let attempt = 0; attempt < 20; attempt++) {
    server.crash();
    try {
      const outcome = await bring(taskOf(home));
      assert.equal(outcome.status, 'saved');
      return { held, server, saved: true, asked: transport.sent.length };
    } catch (error) {
      assert.ok(error instanceof PdlError, String(error));
      assert.ok(['RESET', 'TRUNCATED', 'HTTP_STATUS', 'BAD_RESPONSE'].includes(error.code), error.message);
    }
  }
  return { held, server, saved: false, asked: transport.sent.length };
}

const isVersion = (server: Server, bytes: Buffer) =>
  server.versions.some((version) => [version, version.toUpperCase()].includes(bytes.toString()));

test('any sequence of cuts, crashes, resumes and version changes ends in one version, or in a failure', async () => {
  let [resumed, saved, failed, changed] = [0, 0, 0, 0];
  await fc.assert(
    fc.asyncProperty(model, async (given) => {
      const { held, server, saved: done, asked } = await run(given);
      assert.ok(asked <= 20 * 3, `${asked} requests`);
      for (const bytes of held.published) {
        assert.ok(isVersion(server, bytes), `${bytes} is none of ${server.versions.join(' ')}`);
      }
      assert.equal(held.published.length, done ? 1 : 0);
      if (held.heads.some((head) => head.offset > 0)) resumed++;
      if (server.versions.length > 1) changed++;
      if (done) saved++;
      else failed++;
    }),
    { numRuns: 6000 },
  );
  // A check that meets none of its cases proves nothing.
  for (const count of [resumed, saved, failed, changed])
    assert.ok(count > 100, `${resumed} ${saved} ${failed} ${changed}`);
});

test('a part continues where it broke when nothing changed', async () => {
  const step: Step = {
    changes: false,
    pause: 2500,
    cut: 0.5,
    framing: 'length',
    ranges: 'right',
    shift: [0, 0, 0],
    bare: false,
    quiet: false,
    encoding: 'identity',
    crash: 1,
  };
  for (const tag of ['strong', 'none'] as const) {
    const { held, saved, asked } = await run({
      sizes: [6],
      tag,
      modified: true,
      steps: [step, step, step, { ...step, cut: 1 }],
    });
    assert.ok(saved);
    assert.deepEqual(
      held.heads.map((head) => head.offset),
      [0, 3, 4, 5],
    );
    assert.equal(asked, 4);
  }
});
