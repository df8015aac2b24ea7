/** Failures that turned out to be nobody's fault: found out after they were thrown, so kept beside the errors. */

import type { PdlError } from '../errors.js';

/** Who was to blame instead of the line. */
export type Blamed = 'network' | 'host';

const spared = new WeakMap<PdlError, Blamed>();

/** The own network or a dead host was to blame: this failure takes no try from its line. */
export function spare(error: PdlError, blamed: Blamed): void {
  spared.set(error, blamed);
}

/** Who was to blame; undefined while the failure counts. */
export function blamedFor(error: PdlError): Blamed | undefined {
  return spared.get(error);
}
