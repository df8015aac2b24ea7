/** The rows of the catalogue of failure cases that are about transfers, and why some have no test of their own. */

const series = (letter: string, last: number) => Array.from({ length: last }, (_, at) => `${letter}${at + 1}`);

/** F framing, T time and size, R ranges and resuming, D redirects and credentials, X network, Y statuses and retries, W protocol oddities. */
export const rows: readonly string[] = [
  ...series('F', 14),
  ...series('T', 11),
  ...series('R', 15),
  ...series('D', 13),
  ...series('X', 12),
  ...series('Y', 8),
  ...series('W', 10),
];

/** Rows without a test of their own, and why. */
export const reasons: Readonly<Record<string, string>> = {
  T9: 'nothing is decoded, so there is no bomb: bodies are stored as they come and --max-size counts those bytes (R11, T8)',
  X12: '511 is a final status of its line like any other; a run goes on, since other hosts may well be reached (Y1)',
};
