/** Where a 3xx answer leads. */

import { PdlError } from '../errors.js';
import type { RawHead } from '../types.js';
import { parseUrl, withoutFragment, withoutUserinfo } from '../url.js';

/** 300 and unknown 3xx may go without Location; 304 and 306 lead nowhere, and 305 names a proxy, not the file. */
const mustLead = new Set([301, 302, 303, 307, 308]);
const neverLead = new Set([304, 305, 306]);

/**
 * Absolute URL, without fragment and userinfo, that the answer to `url` leads to; null when it is no redirect.
 * @throws PdlError REDIRECT when it should lead somewhere and does not say where.
 */
export function redirectTarget(url: string, { status, headers }: RawHead): string | null {
  if (status < 300 || status > 399 || neverLead.has(status)) return null;
  const targets = new Set([headers['location'] ?? []].flat().map((target) => target.trim()));
  const [target] = targets;
  if (target === undefined && !mustLead.has(status)) return null;
  const refuse = (state: string) =>
    new PdlError('REDIRECT', `Cannot follow the redirect of ${url}: ${state}`, { status, url });
  if (!target) throw refuse('it names no place to go to');
  if (targets.size > 1) throw refuse('it names two different places');
  const place = parseUrl(escapeBytes(target), url);
  if (place === null) throw refuse('the place it names is no URL');
  return withoutFragment(withoutUserinfo(place));
}

/** Bytes above 0x7f as they came: as percent escapes they are neither mangled nor encoded twice (failure-cases D9). */
function escapeBytes(latin1: string): string {
  return latin1.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}
