/** What is said when a deadline passes. */

import { PdlError } from '../errors.js';
import type { Carrier } from './carrier.js';
import { inWords, type Lapse, type Limits, slowest } from './deadlines.js';

/** TIMEOUT with the facts.reason `connect`, `handshake`, `head` or `idle`, or TOO_SLOW. */
export function lapsed(
  lapse: Exclude<Lapse, 'drain'>,
  url: string,
  { place, acceptedBy }: Pick<Carrier, 'place' | 'acceptedBy'>,
  limits: Limits,
): PdlError {
  const after = inWords(limits.timeout);
  switch (lapse) {
    case 'connect': {
      const state = `timed out after ${inWords(limits.connectTimeout)}`;
      const message = `Cannot connect to ${place}: ${state}`;
      if (acceptedBy === null) return new PdlError('TIMEOUT', message, { url, reason: 'connect' });
      return new PdlError('TIMEOUT', `${message}, ${acceptedBy} accepts and stays silent`, {
        url,
        reason: 'handshake',
      });
    }
    case 'head':
      return timeout(url, `no whole header block came within ${after}`, 'head');
    case 'idle':
      return timeout(url, `no byte came for ${after}`, 'idle');
    case 'slow': {
      const { speedLimit, speedTime } = slowest(limits);
      const state = `slower than ${speedLimit} byte${speedLimit === 1 ? '' : 's'} a second for ${inWords(speedTime)}`;
      return new PdlError('TOO_SLOW', `Cannot fetch ${url}: ${state}`, { url, reason: 'slow' });
    }
  }
}

/** The line's own time (--max-time) is over; facts.reason is `max-time`. */
export function overdue(url: string): PdlError {
  return timeout(url, 'the time for this line is over', 'max-time');
}

function timeout(url: string, state: string, reason: string): PdlError {
  return new PdlError('TIMEOUT', `Cannot fetch ${url}: ${state}`, { url, reason });
}
