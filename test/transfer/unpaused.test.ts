// nodejs/undici#5360: a paused parser dies with an uncatchable assertion when its server closes. Nothing here may pause one.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { installed, type RealServer, startNginx, startPython } from '../support/real-servers.ts';
import { bytesOf } from '../support/server.ts';
import { request, type Some, withWire } from '../support/wire.ts';

const files = 40;
const size = 3_000_000;
let folder: string;
const digests: string[] = [];

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'pdl-unpaused-'));
  for (let at = 0; at < files; at++) {
    const body = bytesOf(size, at);
    writeFileSync(join(folder, String(at)), body);
    digests.push(createHash('sha256').update(body).digest('hex'));
  }
});

after(() => rmSync(folder, { recursive: true }));

type Manner = 'prompt' | 'slow';

/** All files, eight at once, each hashed by a receiver that is prompt or takes its time over every chunk. */
async function fetchAll(server: RealServer, manner: Manner, settings: Some = {}): Promise<string[]> {
  return withWire(settings, async (wire) => {
    const found: string[] = [];
    let next = 0;
    const worker = async () => {
      for (let at = next++; at < files; at = next++) {
        const hash = createHash('sha256');
        await wire.send(request(server.url(String(at))), {
          onHead: ({ status }) => assert.equal(status, 200),
          onData(chunk) {
            hash.update(chunk);
            return manner === 'slow' ? new Promise((resolve) => setImmediate(resolve)) : undefined;
          },
        });
        found[at] = hash.digest('hex');
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    return found;
  });
}

async function check(server: RealServer): Promise<void> {
  try {
    assert.deepEqual(await fetchAll(server, 'slow'), digests);
    assert.deepEqual(await fetchAll(server, 'prompt', { limitRate: 150_000_000 }), digests);
  } finally {
    await server.close();
  }
}

test(
  'python3 -m http.server: 40 files of 3 MB, 8 at once, held or not: every hash right',
  {
    skip: !installed('python3') && 'python3 is not installed',
  },
  async () => check(await startPython(folder)),
);

test(
  'nginx that closes every fifth request: the same',
  {
    skip: !installed('nginx') && 'nginx is not installed',
  },
  async () => check(await startNginx(folder, join(folder, 'nginx'), 'keepalive_requests 5;')),
);
