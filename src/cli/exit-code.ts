/** Turns what happened into the exit code (design.md section 2). Pure. */

import type { ErrorCode } from '../errors.js';
import type { Summary } from '../types.js';

export type Signal = 'SIGHUP' | 'SIGINT' | 'SIGTERM';

export interface Facts {
  /** pdl itself is wrong: an error that no rule foresaw. */
  bug?: boolean;
  /** Whoever read stdout went away. */
  stdoutGone?: boolean;
  signal?: Signal | null;
  /** A file of the user's own (--failed, --report, stdout) could not be written. */
  notWritten?: boolean;
  /** Wrong use, a list that cannot be read, or no line of it valid. */
  misused?: boolean;
  /** How the run failed to begin, when it did. */
  refused?: ErrorCode | null;
}

const bySignal: Record<Signal, number> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** Several at once: 70, 141, signal, 3, 4, 2, 1. LOCKED stands alone, since nothing else can have happened. */
export function exitCode(summary: Summary | null, facts: Facts = {}): number {
  const stopped = summary?.stopped ?? null;
  const refused = facts.refused ?? null;
  if (facts.bug) return 70;
  if (facts.stdoutGone) return 141;
  if (facts.signal) return bySignal[facts.signal];
  if (facts.notWritten || stopped === 'disk' || refused === 'DISK') return 3;
  if (stopped === 'max-failures' || stopped === 'quota' || stopped === 'deadline' || stopped === 'min-free') return 4;
  if (refused === 'LOCKED') return 5;
  if (facts.misused || refused === 'LIST') return 2;
  if (stopped === 'signal') return 130;
  return refused !== null || stopped === 'offline' || (summary?.failed ?? 0) > 0 || (summary?.left ?? 0) > 0 ? 1 : 0;
}
