/** Asks each origin's robots.txt before the first of its lines and obeys it (RFC 9309), Crawl-delay included. */

import type { Clock } from '../clock.js';
import { type ErrorCode, PdlError } from '../errors.js';
import type { Settings } from '../options.js';
import type { Answer, InlineInit, Layer, Passed, Task } from '../types.js';
import { hostOf, originOf, pathOf, withoutUserinfo } from '../url.js';
import { anything, type RobotsRules } from './robots-rules.js';
import { readRobots } from './robots-txt.js';
import type { Turns } from './turns.js';

interface Entry {
  rules: Promise<RobotsRules>;
  /** Clock time from which it is asked anew. */
  until: number;
  /** Bytes it takes, about. */
  size: number;
}

/** RFC 9309 section 2.5: at least 500 KiB must be read; the rest may be ignored. */
const maxText = 500 * 1024;
const wanted: InlineInit = { maxSize: maxText, excess: 'cut' };
/** RFC 9309 section 2.4: not longer than 24 hours. */
const keepMs = 86_400_000;
/** A robots.txt that could not be read forbids all; then it is asked again. */
const refusedMs = 60_000;
/** Origins remembered: as many as a default window has lines, within so many bytes. */
const maxOrigins = 10_000;
const maxBytes = 32 * 1024 ** 2;
/** What an origin takes beside its rules. */
const baseSize = 1024;

/** Failures that say more than "robots.txt could not be read". */
const passedOn = new Set<ErrorCode>(['ABORTED', 'HOST_DOWN', 'RATE_LIMITED', 'PRIVATE_ADDRESS', 'HOOK']);

type RobotsSettings = Pick<Settings, 'userAgent' | 'maxRetryAfter'>;

/** Below redirects, so that each hop is asked for; robots.txt itself is fetched by `task.fetch`, which takes its own turn. */
export function robots(settings: RobotsSettings, turns: Pick<Turns, 'slow'>, clock: Clock): Layer {
  const known = new Map<string, Entry>();
  let bytes = 0;
  const token = productToken(settings.userAgent);

  /** Asked once for all lines of an origin that wait for it. */
  const rulesFor = (origin: string, task: Task): Promise<RobotsRules> => {
    const now = clock.now();
    const held = known.get(origin);
    if (held !== undefined && held.until > now) return held.rules;
    const entry: Entry = { rules: ask(origin, task, token), until: now + keepMs, size: 0 };
    keep(origin, entry, baseSize);
    entry.rules.then(
      ({ size }) => known.get(origin) === entry && keep(origin, entry, baseSize + size),
      (error: unknown) => {
        entry.until = error instanceof PdlError && error.code === 'ROBOTS' ? clock.now() + refusedMs : 0;
      },
    );
    return entry.rules;
  };

  /** As the youngest; the oldest make room. */
  const keep = (origin: string, entry: Entry, size: number) => {
    forget(origin);
    entry.size = size;
    bytes += size;
    known.set(origin, entry);
    while (known.size > maxOrigins || bytes > maxBytes) forget(known.keys().next().value!);
  };

  const forget = (origin: string) => {
    bytes -= known.get(origin)?.size ?? 0;
    known.delete(origin);
  };

  return (next) => async (task) => {
    const rules = await rulesFor(originOf(task.url), task);
    const delayMs = Math.min(rules.crawlDelay * 1000, settings.maxRetryAfter);
    // A host that asks for more patience than the user has is met with the user's.
    if (delayMs > 0) turns.slow(hostOf(task.url), delayMs);
    const path = pathOf(task.url);
    // The file itself is never forbidden (section 2.2.2).
    return path === '/robots.txt' || rules.allows(path) ? next(task) : refused;
  };
}

const refused: Passed = { status: 'skipped', reason: 'robots' };

async function ask(origin: string, task: Task, token: string): Promise<RobotsRules> {
  const url = `${origin}/robots.txt`;
  let status: number;
  try {
    const answer = await task.fetch(url, wanted);
    status = answer.status;
    if (status >= 200 && status < 300) return await readRobots(textOf(answer), token);
  } catch (error) {
    if (!(error instanceof PdlError) || passedOn.has(error.code)) throw error;
    status = error.facts.status ?? 0;
    if (status === 0 || status >= 500) throw unreadable(task, error);
  }
  // RFC 9309 section 2.3.1.3: "unavailable" (4xx, and redirects without end) means no rules.
  if (status < 500) return anything;
  throw unreadable(task, new PdlError('HTTP_STATUS', `the server answered ${status}`, { status }));
}

/** Its first 500 KiB. Of a larger file the last line may be cut, and `/` in place of `/private` would forbid all. */
function textOf(answer: Answer): string {
  const text = answer.text().slice(0, maxText);
  const isCut = answer.body.byteLength >= maxText;
  return isCut ? text.slice(0, Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1) : text;
}

/** What robots.txt calls us: the first word of the user agent. */
export function productToken(userAgent: string | null): string {
  return /^[A-Za-z_-]+/.exec(userAgent ?? '')?.[0] ?? 'pdl';
}

function unreadable(task: Task, cause: PdlError): PdlError {
  const message = `Cannot fetch ${withoutUserinfo(task.url)}: its robots.txt could not be read (${cause.code}), which forbids all`;
  return new PdlError('ROBOTS', message, { cause });
}
