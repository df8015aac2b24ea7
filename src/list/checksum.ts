/** How a list writes a checksum: `sha256:HEX`, `sha-256=HEX`, or bare hex whose length tells the algorithm. */

import type { Algorithm, Checksum } from '../types.js';

const digits: Record<Algorithm, number> = { sha256: 64, sha512: 128, sha1: 40, md5: 32 };

/** @returns null when the text is no checksum of a known algorithm with the right number of hex digits. */
export function parseChecksum(text: string): Checksum | null {
  const [, name, hex = ''] = /^(?:([a-z0-9-]+)\s*[:=]\s*)?([0-9a-f]+)$/i.exec(text.trim()) ?? [];
  const algorithm = name === undefined ? byLength(hex) : name.toLowerCase().replaceAll('-', '');
  return isAlgorithm(algorithm) && hex.length === digits[algorithm] ? { algorithm, hex: hex.toLowerCase() } : null;
}

export function isAlgorithm(name: unknown): name is Algorithm {
  return typeof name === 'string' && Object.hasOwn(digits, name);
}

function byLength(hex: string): Algorithm | undefined {
  return (Object.keys(digits) as Algorithm[]).find((algorithm) => digits[algorithm] === hex.length);
}
