/** What this process saved: the journal knows of earlier runs only, and a worker serves one run after the other. */

import { statSync } from 'node:fs';
import type { Settings } from '../options.js';
import type { Store } from '../types.js';

/** Files kept in mind: 20 MB. Older ones are found in the way, and passed over as `exists`. */
const most = 100_000;

/** A file that is still there is not fetched again, unless that is what the user asked for. */
export function recent({ existing }: Pick<Settings, 'existing'>): Store {
  const files = new Map<string, { path: string; bytes: number }>();
  const replaces = existing === 'overwrite' || existing === 'refresh';
  return {
    skip({ id }) {
      const file = replaces ? undefined : files.get(id);
      if (file === undefined) return null;
      if (statSync(file.path, { throwIfNoEntry: false })?.size !== file.bytes) return null;
      return { status: 'skipped', reason: 'journal', path: file.path };
    },
    add({ id }, { path, bytes }) {
      files.delete(id);
      files.set(id, { path, bytes });
      if (files.size > most) files.delete(files.keys().next().value!);
    },
  };
}
