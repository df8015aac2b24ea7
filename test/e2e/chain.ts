/** The real wire and the real directory, joined by the layers between them, without schedule and politeness. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import { PdlError } from '../../src/errors.ts';
import { type Options, settle } from '../../src/options.ts';
import { redirects } from '../../src/schedule/redirects.ts';
import { openDirectory } from '../../src/sink/directory.ts';
import { openCredentials } from '../../src/transfer/credentials.ts';
import { receive } from '../../src/transfer/receive.ts';
import type { Outcome, Transport } from '../../src/types.ts';
import type { Logged, Server } from '../support/server.ts';
import { jobOf, landing, stillRun, taskOf } from '../transfer/fakes.ts';

interface Fetched {
  /** The outcome, or the last failure. */
  end: Outcome | PdlError;
  /** The file under its final name. */
  file: Buffer | null;
  log: Logged[];
}

/** Tries a path up to `tries` times into one directory; `runs` closes and opens the directory in between. */
export async function bring(
  server: Server,
  wire: Transport,
  path: string,
  tries = 2,
  options: Options = {},
  runs = false,
): Promise<Fetched> {
  const dir = mkdtempSync(join(tmpdir(), 'pdl-lies-'));
  const chosen = settle({ ...options, dir });
  const url = server.url(path);
  const job = jobOf(url, { name: 'file' });
  server.log.length = 0;
  let end: Outcome | PdlError | null = null;
  let directory = await openDirectory(chosen, systemClock);
  try {
    for (let attempt = 1; attempt <= tries && !isOutcome(end); attempt++) {
      if (runs && attempt > 1) {
        await directory.close();
        directory = await openDirectory(chosen, systemClock);
      }
      const transfer = receive(wire, directory, chosen, systemClock, openCredentials(chosen, {}));
      end = await redirects(chosen, stillRun)(landing(transfer))(taskOf(url, { job, attempt })).catch(pdlError);
    }
    const names = readdirSync(dir).filter((name) => name !== '.pdl');
    const file = names.includes('file') ? readFileSync(join(dir, 'file')) : null;
    assert.equal(file === null, !isOutcome(end), 'a file and a success go together');
    assert.deepEqual(names, file === null ? [] : ['file'], 'nothing else is left in DIR');
    return { end: end!, file, log: [...server.log] };
  } finally {
    await directory.close();
    rmSync(dir, { recursive: true });
  }
}

function isOutcome(end: Outcome | PdlError | null): end is Outcome {
  return end !== null && 'status' in end;
}

function pdlError(error: unknown): PdlError {
  assert.ok(error instanceof PdlError, String(error));
  return error;
}

export const codeOf = ({ end }: Fetched) => (end as PdlError).code;
export const rangesOf = ({ log }: Fetched) => log.map(({ headers }) => headers['range'] ?? null);
