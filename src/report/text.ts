/** Writes results and events as lines for people. */

import type { Event, Failed, Result, Wait } from '../types.js';
import { size, time } from './amounts.js';
import type { Paint } from './paint.js';
import { safe } from './safe.js';
import { withoutPasswords } from './secrets.js';

/** `saved PATH SIZE TIME`, `skipped REASON URL` or `failed CODE URL MESSAGE`. */
export function resultText(result: Result, paint: Paint): string {
  if (result.status === 'failed') return failedText(result, paint);
  if (result.status === 'skipped') return `${paint.dim('skipped')} ${result.reason} ${foreign(result.url)}`;
  const { path, bytes, durationMs } = result;
  return `${paint.good('saved')} ${safe(path)} ${size(bytes)} ${time(durationMs)}`;
}

export function failedText({ error, url }: Failed, paint: Paint): string {
  return `${paint.bad('failed')} ${error.code} ${foreign(url)} ${foreign(error.message)}`;
}

/** Why a failure happened below, one line for each cause; empty without any. */
export function causeTexts({ error }: Failed): string[] {
  const texts: string[] = [];
  for (let cause = error.cause; cause instanceof Error && texts.length < 5; cause = cause.cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    texts.push(`  because ${foreign(cause.message)}${code === undefined ? '' : ` (${code})`}`);
  }
  return texts;
}

const whyTexts: Record<Wait, string> = {
  rest: 'rest',
  rate: '--rate',
  'retry-after': 'Retry-After',
  backoff: 'backoff',
  'host-down': 'host down',
  offline: 'no network',
};

export function whyText(why: Wait): string {
  return whyTexts[why];
}

/** What `-v` tells of a line under way. */
export function eventText(event: Event): string {
  switch (event.type) {
    case 'start':
      return `start ${foreign(event.url)}${event.restMs > 0 ? ` (rested ${time(event.restMs)})` : ''}`;
    case 'redirect':
      return `redirect ${event.status} ${foreign(event.from)} to ${foreign(event.to)}`;
    case 'retry':
      return `retry ${event.attempt} ${foreign(event.url)} in ${time(event.delayMs)}: ${event.code} ${foreign(event.message)}`;
    case 'wait':
      return `wait ${safe(event.host)} ${time(event.ms)}, ${whyText(event.why)}`;
  }
}

function foreign(text: string): string {
  return withoutPasswords(safe(text));
}
