/** The reference reader's first half: status line and fields, as RFC 9112 sections 2.2, 4 and 5 have them. */

import type { Choices } from './choices.ts';

/** Why a message is no file: its bytes are not all there, they break the rules, or its status is not one that is saved. */
export type Reason = 'cut' | 'malformed' | 'status';

export class Refusal extends Error {
  readonly reason: Reason;
  readonly reasons: Reason[];

  constructor(reason: Reason, message: string, ...more: Reason[]) {
    super(message);
    this.reason = reason;
    this.reasons = [reason, ...more];
  }
}

export interface Field {
  name: string;
  value: string;
  /** It was malformed, and read all the same. */
  mended: boolean;
}

export interface ReadHead {
  status: number;
  minor: number;
  fields: Field[];
  /** Where the body begins. */
  next: number;
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const framingName = /^(content-length|transfer-encoding)$/;
/** A broken line in which another reader may see a length or a coding. */
const framingLike = /^[^a-z]*(content-length|transfer-encoding)[^a-z-]/i;

export function readHead(text: string, at: number, choices: Choices): ReadHead {
  const { lines, next, bareLf } = splitHead(text, at, choices);
  if (bareLf && lines[0]!.includes('\n')) throw new Refusal('malformed', 'LF alone in the status line');
  if (next - at > 60_000) choices.odd.add('a head of more than 60 kB');
  const { status, minor } = statusOf(lines[0]!, choices);
  return { status, minor, fields: fieldsOf(lines.slice(1), bareLf, choices), next };
}

/** Section 2.2: lines end with CRLF; a reader may take LF alone for one, or for a character that must not be there. */
function splitHead(text: string, at: number, choices: Choices) {
  let from = at;
  for (let line = lineAt(text, from); line?.text === ''; line = lineAt(text, from)) {
    choices.odd.add('an empty line before the status line');
    from = line.next;
  }
  const strict = linesUntilEmpty(text, from, '\r\n');
  const isClean = strict !== null && !strict.lines.some((line) => line.includes('\n'));
  if (isClean) return { ...strict, bareLf: false };
  const lenient = linesUntilEmpty(text, from, '\n');
  choices.odd.add('LF alone in a head');
  if (lenient === null && strict === null) throw new Refusal('cut', 'the head does not end');
  if (lenient === null) return { ...strict!, bareLf: true };
  if (strict === null) return { ...lenient, bareLf: false };
  // Where LF hides no other length or coding, every reader that goes on takes it for an end.
  const hides = strict.lines.some((line) =>
    line
      .split('\n')
      .slice(1)
      .some((part) => framingLike.test(part)),
  );
  if (!hides || !strict.lines.some((line) => framingLike.test(line))) return { ...lenient, bareLf: false };
  const taken = choices.chooseOnce('LF alone in a head', ['end', 'value'] as const);
  return taken === 'end' ? { ...lenient, bareLf: false } : { ...strict, bareLf: true };
}

function lineAt(text: string, from: number): { text: string; next: number } | null {
  const end = text.indexOf('\n', from);
  if (end === -1) return null;
  const isCrlf = end > from && text[end - 1] === '\r';
  return { text: text.slice(from, isCrlf ? end - 1 : end), next: end + 1 };
}

function linesUntilEmpty(text: string, at: number, mark: '\r\n' | '\n'): { lines: string[]; next: number } | null {
  const lines: string[] = [];
  for (let from = at; ; ) {
    const end = text.indexOf(mark, from);
    if (end === -1) return null;
    const line = text.slice(from, end);
    const stripped = mark === '\n' && line.endsWith('\r') ? line.slice(0, -1) : line;
    from = end + mark.length;
    if (stripped === '') return lines.length === 0 ? null : { lines, next: from };
    lines.push(stripped);
  }
}

/** Section 4, and 2.3 for the version. */
function statusOf(line: string, choices: Choices): { status: number; minor: number } {
  const strict = /^HTTP\/(\d)\.(\d) (\d{3}) [\t \x21-\x7e\x80-\xff]*$/.exec(line);
  const found = strict ?? /^[ \t\v\f\r]*HTTP\/(\d)\.(\d)[ \t\v\f\r]+(\d{3})(?:[ \t\v\f\r][\s\S]*)?$/.exec(line);
  if (found === null) throw new Refusal('malformed', `no status line: ${line.slice(0, 50)}`);
  if (strict === null) choices.odd.add('white space or controls in the status line');
  const [, major, minor, status] = found.map(Number) as [number, number, number, number];
  if (major !== 1) choices.odd.add('another major version');
  else if (minor > 1) choices.rare.add('a higher minor version');
  return { status, minor: major === 1 ? minor : 1 };
}

function fieldsOf(lines: readonly string[], bareLf: boolean, choices: Choices): Field[] {
  const fields: Field[] = [];
  const framing = lines.filter((line) => framingLike.test(line)).length;
  /** The field that a fold goes on with; null where it is passed over. */
  let last: Field | null = null;
  let isFirst = true;
  for (const line of lines) {
    if (/^[ \t]/.test(line) && !isFirst) {
      choices.rare.add('a folded line');
      if (last !== null) last.value = trim(`${last.value} ${clean(line, choices)}`);
      continue;
    }
    const spaced: boolean = isFirst && /^[ \t]/.test(line);
    if (spaced) choices.odd.add('white space before the first field');
    last = fieldOf(spaced ? line.trimStart() : line, { spaced, bareLf, framing }, choices);
    // Section 2.2: what begins with white space is passed over until a field comes.
    if (!spaced) isFirst = false;
    if (last !== null) fields.push(last);
  }
  return fields;
}

function fieldOf(
  line: string,
  from: { spaced: boolean; bareLf: boolean; framing: number },
  choices: Choices,
): Field | null {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0));
  if (from.bareLf && (colon === -1 || name.includes('\n'))) throw new Refusal('malformed', 'LF alone in a name');
  if (colon !== -1 && token.test(name) && !from.spaced) {
    const mended = /[^\t \x21-\x7e\x80-\xff]/.test(line);
    return { name: name.toLowerCase(), value: clean(line.slice(colon + 1), choices), mended };
  }
  choices.odd.add('a line that is no field');
  // With white space before the colon, the name is one that a proxy would mend (section 5.1).
  const bare = name.replace(/[ \t\r]+$/, '').toLowerCase();
  const isMendable = colon !== -1 && token.test(bare) && !from.spaced;
  if (isMendable && (from.framing === 1 || !framingName.test(bare))) return mend(bare, line.slice(colon + 1), choices);
  const [, hidden] = framingLike.exec(line) ?? [];
  if (hidden === undefined) return null;
  const isTaken = choices.choose('a broken line with a length or coding', [true, false]);
  const value = line.slice(line.toLowerCase().indexOf(hidden.toLowerCase()) + hidden.length);
  return isTaken ? mend(hidden.toLowerCase(), value.replace(/^[^:]*?:|^\s+/, ''), choices) : null;
}

const mend = (name: string, value: string, choices: Choices): Field => ({
  name,
  value: clean(value, choices),
  mended: true,
});

/** RFC 9110 section 5.5: a control character is refused, or a blank stands in its place. */
function clean(value: string, choices: Choices): string {
  const blanked = value.replace(/[^\t \x21-\x7e\x80-\xff]/g, ' ');
  if (blanked !== value) choices.odd.add('a control character in a value');
  return trim(blanked);
}

/** Section 5.1: blanks and tabs around a value are not part of it. */
const trim = (value: string) => value.replace(/^[ \t]+|[ \t]+$/g, '');
