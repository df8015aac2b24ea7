/** Puts layers around a transfer, the first one outermost. */

import type { Layer, Transfer } from '../types.js';

export function stack(layers: readonly Layer[], transfer: Transfer): Transfer {
  return layers.reduceRight<Transfer>((next, layer) => layer(next), transfer);
}
