/** Writes sizes, times and counts for people, each as one word, so that a line can be split at its blanks. */

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `0B`, `512B`, `1.5KiB`, `33KiB`: 1024-based, as --limit-rate and --max-size are. */
export function size(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  // 1023.95 would be written as 1024.0
  while (amount >= 1023.95 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || amount >= 99.95 ? 0 : 1;
  return `${amount.toFixed(digits)}${units[unit]}`;
}

/** `12ms`, `0.4s`, `12.3s`, `1m04s`, `2h05m`. */
export function time(ms: number): string {
  if (ms < 99.5) return `${Math.round(ms)}ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (seconds < 3600) return `${minutes}m${two(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`;
}

/** `1 file`, `2 files`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
