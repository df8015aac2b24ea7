/** Results of each kind for the tests of the reports. */

import type { Failed, Saved, Skipped } from '../../src/types.ts';

const told = {
  seq: 1,
  at: '2026-01-02T03:04:05.678Z',
  source: 'urls.txt',
  line: 7,
  url: 'http://example.org/a.jpg',
  attempts: 1,
  queuedMs: 2,
  waitedMs: 3,
  durationMs: 45,
};

export function saved(fields: Partial<Saved> = {}): Saved {
  return {
    ...told,
    status: 'saved',
    path: 'out/a.jpg',
    bytes: 33_000,
    resumedFrom: 0,
    httpStatus: 200,
    finalUrl: 'http://example.org/a.jpg',
    contentType: 'image/jpeg',
    ttfbMs: 12,
    ...fields,
  };
}

export function skipped(fields: Partial<Skipped> = {}): Skipped {
  return { ...told, status: 'skipped', reason: 'journal', attempts: 0, ...fields };
}

export function failed(fields: Partial<Failed> = {}): Failed {
  return {
    ...told,
    status: 'failed',
    error: {
      code: 'HTTP_STATUS',
      message: 'Cannot fetch http://example.org/a.jpg: the server answered 404 Not Found',
    },
    permanent: true,
    httpStatus: 404,
    text: 'http://example.org/a.jpg',
    ...fields,
  };
}
