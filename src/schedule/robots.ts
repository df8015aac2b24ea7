/** Asks each origin's robots.txt before the first of its lines and obeys it (RFC 9309), Crawl-delay included. */

import parser from 'robots-parser';
import type { Clock } from '../clock.js';
import { type ErrorCode, PdlError } from '../errors.js';
import type { Settings } from '../options.js';
import type { Layer, Passed, Task } from '../types.js';
import { hostOf, originOf, withoutUserinfo } from '../url.js';
import type { Turns } from './turns.js';

/** What one origin wants. */
interface Rules {
  allows(url: string): boolean;
  /** ms between requests, 0 when it does not say. */
  crawlDelay: number;
}

interface Entry {
  rules: Promise<Rules>;
  /** Clock time from which it is asked anew. */
  until: number;
}

/** RFC 9309 section 2.5: at least 500 KiB must be read; the rest may be ignored. */
const mostText = 500 * 1024;
/** RFC 9309 section 2.4: not longer than 24 hours. */
const keepMs = 86_400_000;
/** A robots.txt that could not be read forbids all; then it is asked again. */
const refusedMs = 60_000;
/** Origins kept in mind, as many as a default window has lines. */
const mostOrigins = 10_000;

/** Failures that say more than "robots.txt could not be read". */
const passedOn = new Set<ErrorCode>(['ABORTED', 'HOST_DOWN', 'RATE_LIMITED', 'PRIVATE_ADDRESS', 'HOOK']);

type RobotsSettings = Pick<Settings, 'userAgent' | 'maxRetryAfter'>;

// Its types speak of a default export, its CommonJS code has none: what arrives is the function itself.
const robotsParser = parser as unknown as typeof parser.default;

/** Below redirects, so that each hop is asked for; robots.txt itself is fetched by `task.fetch`, which takes its own turn. */
export function robots(settings: RobotsSettings, turns: Pick<Turns, 'slow'>, clock: Clock): Layer {
  const known = new Map<string, Entry>();
  const token = productToken(settings.userAgent);

  /** Asked once for all lines of an origin that wait for it. */
  const rulesFor = (origin: string, task: Task): Promise<Rules> => {
    const now = clock.now();
    const held = known.get(origin);
    if (held !== undefined && held.until > now) return held.rules;
    const entry: Entry = { rules: ask(origin, task, token), until: now + keepMs };
    known.delete(origin);
    known.set(origin, entry);
    if (known.size > mostOrigins) known.delete(known.keys().next().value!);
    entry.rules.catch((error: unknown) => {
      entry.until = error instanceof PdlError && error.code === 'ROBOTS' ? clock.now() + refusedMs : 0;
    });
    return entry.rules;
  };

  return (next) => async (task) => {
    const rules = await rulesFor(originOf(task.url), task);
    // A host that asks for more patience than the user has is met with the user's.
    if (rules.crawlDelay > 0) turns.slow(hostOf(task.url), Math.min(rules.crawlDelay, settings.maxRetryAfter));
    return rules.allows(task.url) ? next(task) : refused;
  };
}

const refused: Passed = { status: 'skipped', reason: 'robots' };
const anything: Rules = { allows: () => true, crawlDelay: 0 };

async function ask(origin: string, task: Task, token: string): Promise<Rules> {
  const url = `${origin}/robots.txt`;
  let status: number;
  try {
    const answer = await task.fetch(url);
    status = answer.status;
    if (status >= 200 && status < 300) return parse(url, answer.text(), token);
  } catch (error) {
    if (!(error instanceof PdlError) || passedOn.has(error.code)) throw error;
    status = error.facts.status ?? 0;
    if (status === 0 || status >= 500) throw unreadable(task, error);
  }
  // RFC 9309 section 2.3.1.3: "unavailable" (4xx, and redirects without end) means no rules.
  if (status < 500) return anything;
  throw unreadable(task, new PdlError('HTTP_STATUS', `the server answered ${status}`, { status }));
}

function parse(url: string, text: string, token: string): Rules {
  const parsed = robotsParser(url, text.replace(/^\ufeff/, '').slice(0, mostText));
  const seconds = parsed.getCrawlDelay(token) ?? 0;
  return {
    // The file itself is never forbidden (section 2.2.2).
    allows: (asked) => asked === url || parsed.isAllowed(asked, token) !== false,
    crawlDelay: seconds > 0 ? seconds * 1000 : 0,
  };
}

/** What robots.txt calls us: the first word of the user agent. */
export function productToken(userAgent: string | null): string {
  return /^[A-Za-z_-]+/.exec(userAgent ?? '')?.[0] ?? 'pdl';
}

function unreadable(task: Task, cause: PdlError): PdlError {
  const message = `Cannot fetch ${withoutUserinfo(task.url)}: its robots.txt could not be read (${cause.code}), which forbids all`;
  return new PdlError('ROBOTS', message, { cause });
}
