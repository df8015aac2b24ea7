/** The messages of `--json`, one object a line. `v` is raised on any breaking change. */

import type { ErrorCode } from '../errors.js';
import type { Result, SkipReason, StopReason, Summary } from '../types.js';
import { safeJson } from './safe.js';
import { withoutPasswords } from './secrets.js';

/** All durations are whole milliseconds, all sizes bytes. Fields stand in this order. */
interface Common {
  v: 1;
  type: 'result';
  seq: number;
  at: string;
  /** `-` for stdin, `argv` for URL arguments, else the path as given. */
  source: string;
  line: number;
  url: string;
  status: Result['status'];
  attempts: number;
  queuedMs: number;
  waitedMs: number;
  durationMs: number;
}

export interface SavedMessage extends Common {
  status: 'saved';
  path: string;
  bytes: number;
  resumedFrom: number;
  httpStatus: number;
  finalUrl: string;
  contentType: string | null;
  ttfbMs: number;
  sha256?: string;
  lengthUnknown?: true;
  columns?: Record<string, string>;
}

export interface SkippedMessage extends Common {
  status: 'skipped';
  reason: SkipReason;
  path?: string;
}

export interface FailedMessage extends Common {
  status: 'failed';
  error: { code: ErrorCode; message: string };
  permanent: boolean;
  httpStatus?: number;
  finalUrl?: string;
}

export type ResultMessage = SavedMessage | SkippedMessage | FailedMessage;

/** The last object of a run. */
export interface SummaryMessage {
  v: 1;
  type: 'summary';
  saved: number;
  skipped: number;
  failed: number;
  /** Lines not begun; null if the list was not read to its end. */
  left: number | null;
  bytes: number;
  durationMs: number;
  stopped: StopReason | null;
  exitCode: number;
}

export function resultMessage(result: Result): ResultMessage {
  const common = {
    v: 1 as const,
    type: 'result' as const,
    seq: result.seq,
    at: result.at,
    source: result.source,
    line: result.line,
    url: withoutPasswords(result.url),
    status: result.status,
    attempts: result.attempts,
    queuedMs: result.queuedMs,
    waitedMs: result.waitedMs,
    durationMs: result.durationMs,
  };
  switch (result.status) {
    case 'saved': {
      const { path, bytes, resumedFrom, httpStatus, finalUrl, contentType, ttfbMs } = result;
      const columns = result.job?.columns;
      return {
        ...common,
        status: 'saved',
        path,
        bytes,
        resumedFrom,
        httpStatus,
        finalUrl: withoutPasswords(finalUrl),
        contentType,
        ttfbMs,
        ...(result.sha256 !== undefined && { sha256: result.sha256 }),
        ...(result.lengthUnknown && { lengthUnknown: true }),
        ...(columns !== undefined && Object.keys(columns).length > 0 && { columns }),
      };
    }
    case 'skipped':
      return {
        ...common,
        status: 'skipped',
        reason: result.reason,
        ...(result.path !== undefined && { path: result.path }),
      };
    case 'failed':
      return {
        ...common,
        status: 'failed',
        error: { code: result.error.code, message: withoutPasswords(result.error.message) },
        permanent: result.permanent,
        ...(result.httpStatus !== undefined && { httpStatus: result.httpStatus }),
        ...(result.finalUrl !== undefined && { finalUrl: withoutPasswords(result.finalUrl) }),
      };
  }
}

export function summaryMessage(summary: Summary, exitCode: number): SummaryMessage {
  const { saved, skipped, failed, left, bytes, durationMs, stopped } = summary;
  return { v: 1, type: 'summary', saved, skipped, failed, left, bytes, durationMs, stopped, exitCode };
}

/** One line with its end, fit for a terminal: what is unsafe there is spelled `\uXXXX`, which leaves the value as it is. */
export function ndjson(message: ResultMessage | SummaryMessage): string {
  return `${safeJson(JSON.stringify(message))}\n`;
}
