/** The table of the test server's routes: what each name does when it is asked. */

import type { Route } from './exchange.ts';
import { framing } from './sins-framing.ts';
import { headRoutes } from './sins-heads.ts';
import { ranges } from './sins-ranges.ts';
import { time } from './sins-time.ts';
import { wants } from './sins-wants.ts';

/** By first path segment. `?delay=MS` works on every one: it waits before the answer begins. */
export const sins: Record<string, Route | undefined> = { ...ranges, ...framing, ...headRoutes, ...time, ...wants };
