/** Groups failures by what went wrong and where, in bounded memory. */

import type { Failed } from '../types.js';
import { hostOf } from '../url.js';
import { safe } from './safe.js';

export interface Cause {
  /** `403`, `TIMEOUT`. */
  what: string;
  host: string;
  count: number;
}

export interface Causes {
  add(failed: Failed): void;
  /** The `most` largest groups, largest first, and how many groups and failures are beyond them. */
  top(most: number): { causes: Cause[]; more: number; failures: number };
}

/** A list of 10M lines on 10M dead hosts must not fill the memory with their names. */
const largest = 10_000;

export function openCauses(): Causes {
  const groups = new Map<string, Cause>();
  return {
    add(failed) {
      const what = whatOf(failed);
      const host = hostOf(failed.finalUrl ?? failed.url) || failed.source;
      const key = `${what} ${host}`;
      const known = groups.get(key) ?? groups.get(`${what} *`);
      if (known !== undefined) known.count += 1;
      else if (groups.size < largest) groups.set(key, { what, host, count: 1 });
      else groups.set(`${what} *`, { what, host: 'further hosts', count: 1 });
    },
    top(most) {
      const sorted = [...groups.values()].sort((one, other) => other.count - one.count);
      const rest = sorted.slice(most);
      return {
        causes: sorted.slice(0, most),
        more: rest.length,
        failures: rest.reduce((sum, { count }) => sum + count, 0),
      };
    },
  };
}

/** `403 × 812 on example.org`. */
export function causeText({ what, host, count }: Cause): string {
  return `${what} × ${count} on ${safe(host)}`;
}

/** The status says more than the code where the status is the reason. */
function whatOf({ error, httpStatus }: Failed): string {
  const byStatus = error.code === 'HTTP_STATUS' || error.code === 'RATE_LIMITED';
  return byStatus && httpStatus !== undefined ? String(httpStatus) : error.code;
}
