/** The parts of a run that a library user may replace: their types, and what they must at least look like. */

import type { Clock } from './clock.js';
import { systemClock } from './clock.js';
import type { Layer, NamePolicy, Sink, Store, Transport } from './types.js';

/** The parts that a library user may replace. */
export interface Parts {
  /** Layers around each job, outermost first; outside retry and politeness. */
  layers: readonly Layer[];
  /** Where bodies land; default: the directory `dir` with its journal. */
  sink: Sink | null;
  /** Proposes names in place of the `name` template. */
  names: NamePolicy | null;
  /** A further memory of what needs no request. */
  store: Store | null;
  /** Sends requests in place of undici. */
  transport: Transport | null;
  clock: Clock;
  /** Aborted: nothing new starts, what runs may end within 2 s, then it is cut. */
  signal: AbortSignal | null;
  /** Jobs come with names that are theirs already, and one may come twice: twins are not looked for. For workers of a queue. */
  named: boolean;
}

const isFunction = (value: unknown) => typeof value === 'function';
const has = (value: unknown, ...methods: string[]) =>
  typeof value === 'object' && value !== null && methods.every((name) => isFunction((value as never)[name]));

/** Kind of each part: a test and what it allows. */
export const parts: Record<keyof Parts, [test: (value: unknown) => boolean, allowed: string, initial: unknown]> = {
  layers: [
    (value) => Array.isArray(value) && value.every(isFunction),
    'a list of functions (next) => (task) => outcome',
    [],
  ],
  sink: [
    (value) => has(value, 'held', 'begin', 'forget', 'close'),
    'an object with held, begin, forget and close',
    null,
  ],
  names: [isFunction, 'a function (job, index) => path', null],
  store: [(value) => has(value, 'skip'), 'an object with skip', null],
  transport: [(value) => has(value, 'send', 'close'), 'an object with send and close', null],
  clock: [
    (value) => has(value, 'now', 'date', 'random', 'timer'),
    'an object with now, date, random and timer',
    systemClock,
  ],
  signal: [(value) => value instanceof AbortSignal, 'an AbortSignal', null],
  named: [(value) => typeof value === 'boolean', 'true or false', false],
};
