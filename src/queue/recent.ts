/** What this process saved: the journal knows of earlier runs only, and a worker serves one run after the other. */

import { statSync } from 'node:fs';
import type { Settings } from '../options.js';
import type { Store } from '../types.js';

/** Files of a generation: at least so many, at most twice as many are kept in mind (8 MB). Older ones are passed over as `exists`. */
const most = 20_000;

/** A file that is still there is not fetched again, unless that is what the user asked for. */
export function recent({ existing }: Pick<Settings, 'existing'>): Store {
  // Two generations: taking the oldest out of one Map, one at a time, means walking over all the holes before it.
  let young = new Map<string, { path: string; bytes: number }>();
  let old: typeof young = new Map();
  const replaces = existing === 'overwrite' || existing === 'refresh';
  return {
    skip({ id }) {
      const file = replaces ? undefined : (young.get(id) ?? old.get(id));
      if (file === undefined) return null;
      if (statSync(file.path, { throwIfNoEntry: false })?.size !== file.bytes) return null;
      return { status: 'skipped', reason: 'journal', path: file.path };
    },
    add({ id }, { path, bytes }) {
      young.set(id, { path, bytes });
      if (young.size < most) return;
      old = young;
      young = new Map();
    },
  };
}
