/** The works that every peer does too. */

import { imageSize } from './corpus.ts';

export interface Work {
  count: number;
  workers: number;
  size(index: number): number;
  tls?: boolean;
  /** Milliseconds that a small proxy in front of the site lets each request wait. */
  latency?: number;
}

export const works: Record<string, Work> = {
  images: { count: 40_000, workers: 16, size: imageSize },
  small: { count: 40_000, workers: 16, size: () => 1_000 },
  'images-tls': { count: 20_000, workers: 16, size: imageSize, tls: true },
  big: { count: 10, workers: 4, size: () => 200_000_000 },
  'big-tls': { count: 10, workers: 4, size: () => 200_000_000, tls: true },
  latency: { count: 2_000, workers: 64, size: imageSize, latency: 50 },
};
