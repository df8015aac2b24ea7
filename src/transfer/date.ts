/** HTTP dates in the three forms of RFC 9110 section 5.6.7; anything else is no date. */

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const time = '(?<hour>[0-2]\\d):(?<minute>[0-5]\\d):(?<second>[0-6]\\d)';
const forms = [
  new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\\d\\d) (?<month>[A-Z][a-z]{2}) (?<year>\\d{4}) ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]{2,5}day, (?<day>\\d\\d)-(?<month>[A-Z][a-z]{2})-(?<year>\\d\\d) ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`),
];

/** Milliseconds since 1970, or undefined. `Date.parse` would take `2`, `0x10` and local times (failure-cases Y3). */
export function httpDate(text: string | undefined): number | undefined {
  if (text === undefined || text.length > 40) return undefined;
  for (const form of forms) {
    const groups = form.exec(text)?.groups;
    if (groups) return toMs(groups);
  }
  return undefined;
}

function toMs(groups: Record<string, string | undefined>): number | undefined {
  const [year, day, hour, minute, second] = ['year', 'day', 'hour', 'minute', 'second'].map((part) =>
    Number(groups[part]),
  ) as [number, number, number, number, number];
  const month = months.indexOf(groups['month'] ?? '');
  // Two digits: the pivot of RFC 6265 section 5.1.1, which needs no clock.
  const fullYear = groups['year']?.length === 2 ? year + (year < 70 ? 2000 : 1900) : year;
  const ms = Date.UTC(fullYear, month, day, hour, minute, Math.min(second, 59));
  const made = new Date(ms);
  return month >= 0 && made.getUTCDate() === day && made.getUTCHours() === hour ? ms : undefined;
}
