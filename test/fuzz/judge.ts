/** Holds what pdl made of an answer against what the reference reader says of it. */

import type { ErrorCode } from '../../src/errors.ts';
import type { End } from '../support/heads.ts';
import { acceptedRefusal } from './accepted.ts';
import { hugeLength, type Verdict, wholePart } from './reader.ts';

/** What came of one line. */
export interface Outcome {
  status: 'saved' | 'failed' | 'skipped' | 'none';
  /** How many results the line had. */
  results: number;
  body?: string;
  unsized?: boolean;
  code?: ErrorCode;
  message?: string;
  /** Requests that the server saw for it. */
  requests: number;
  ms: number;
}

/** A kind, and behind the colon what is seen; null where all is right. */
export type Fault = string | null;

const maxRequests = 3;

export function faultOf(verdict: Verdict, end: End, outcome: Outcome, maxMs: number): Fault {
  if (outcome.results !== 1) return `results: ${outcome.results} for one line`;
  if (outcome.requests > maxRequests) return `requests: ${outcome.requests} for one line`;
  if (outcome.ms > maxMs) return `slow: ${outcome.ms} ms`;
  if (outcome.status === 'saved') return faultOfSaved(verdict, outcome);
  if (outcome.status !== 'failed') return `status: ${outcome.status}`;
  if (verdict.kind === 'bytes' && acceptedRefusal(verdict.notes) === undefined)
    return `failed: a right answer, with ${outcome.code}: ${outcome.message}`;
  const codes = codesOf(verdict, end);
  if (!codes.has(outcome.code!)) return `code: ${outcome.code} is none of ${[...codes].join()}: ${outcome.message}`;
  return null;
}

function faultOfSaved(verdict: Verdict, { body = '', unsized }: Outcome): Fault {
  if (verdict.kind === 'refuse')
    return `saved: ${body.length} bytes of an answer that is ${verdict.reasons.join(' or ')}`;
  const meanings = verdict.kind === 'bytes' ? [verdict.meaning] : verdict.meanings;
  if (meanings.length > 1) return `meanings: saved one of ${meanings.length} (${verdict.notes.join('; ')})`;
  const [meaning] = meanings;
  if (body !== meaning!.body) return `bytes: saved ${body.length}, right are ${meaning!.body.length}`;
  if (verdict.kind === 'bytes' && unsized !== meaning!.unsized) return `lengthUnknown: ${unsized}`;
  return null;
}

/** Codes that tell the truth about an answer that is not saved. */
function codesOf(verdict: Verdict, end: End): Set<ErrorCode> {
  const codes = new Set<ErrorCode>();
  if (verdict.notes.includes(hugeLength)) codes.add('TOO_LARGE');
  if (verdict.notes.includes(wholePart)) codes.add('TRUNCATED').add('HTTP_STATUS');
  const reasons = verdict.kind === 'refuse' ? verdict.reasons : (['cut', 'malformed'] as const);
  for (const reason of reasons) {
    if (reason === 'status') for (const code of ['HTTP_STATUS', 'REDIRECT', 'RATE_LIMITED'] as const) codes.add(code);
    if (reason === 'malformed' || verdict.notes.length > 0) codes.add('BAD_RESPONSE');
    if (reason === 'status' && verdict.notes.length === 0) continue;
    if (end === 'keep') codes.add('TIMEOUT');
    else codes.add('TRUNCATED').add('RESET');
  }
  return codes;
}
