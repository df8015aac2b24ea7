/** Header fields that a user gives: how they are written, and which are refused. */

import { PdlError, UsageError } from '../errors.js';
import { trimEnd } from '../trim-end.js';

/** Lower-case name → [name as given, value]; null means: do not send pdl's own field of that name. */
export type Fields = Map<string, readonly [name: string, value: string | null]>;

/** pdl's own or the connection's business (failure-cases L10, D12): a user's value would break framing, resuming or secrecy. */
const reserved = new Set(
  (
    'host content-length transfer-encoding connection range if-range accept-encoding ' +
    'te trailer upgrade expect keep-alive proxy-connection proxy-authorization'
  ).split(' '),
);

/** What may go to an origin other than the one the caller meant (failure-cases D2). */
export const harmless: ReadonlySet<string> = new Set(['user-agent', 'accept', 'accept-language']);

/**
 * Checks the headers of one job.
 * @throws PdlError BAD_LINE that names the header, never its value.
 */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    const fault = faultOf(name, value);
    if (fault !== null) throw new PdlError('BAD_LINE', `Cannot send header ${shown(name)}: ${fault}`);
  }
}

/** The same check for headers that a program gives. @throws UsageError */
export function checkGiven(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    const fault = faultOf(name, value);
    if (fault !== null) throw new UsageError(`Cannot send header ${shown(name)}: ${fault}`);
  }
}

/**
 * Adds one `Name: value` to `fields`. As in curl, `Name;` has an empty value and `Name:` takes back pdl's own field.
 * @param where what is named in the message in place of the text, which may be a secret.
 * @throws UsageError
 */
export function addField(fields: Fields, text: string, where: string): void {
  const colon = text.indexOf(':');
  const empty = colon === -1 && text.trimEnd().endsWith(';');
  if (colon < 1 && !empty) throw new UsageError(`Cannot use ${where}: allowed is 'Name: value'`);
  const name = empty ? text.trimEnd().slice(0, -1) : text.slice(0, colon);
  const value = empty ? '' : trimEnd(text.slice(colon + 1).replace(/^[ \t]+/, ''), /[ \t]/);
  const fault = faultOf(name, value);
  if (fault !== null) throw new UsageError(`Cannot use ${where} (${shown(name)}): ${fault}`);
  const key = name.toLowerCase();
  const before = fields.get(key)?.[1];
  const both = before ? `${before}${key === 'cookie' ? '; ' : ', '}${value}` : value;
  fields.set(key, [name, both === '' && !empty ? null : both]);
}

/** Characters beyond ASCII as the bytes of their UTF-8, which is what a shell would have sent. */
export function wireText(text: string): string {
  return /^[\x00-\x7f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

function faultOf(name: string, value: unknown): string | null {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return 'its name holds a character that no header name may hold';
  if (reserved.has(name.toLowerCase())) return 'pdl sets it itself';
  if (typeof value !== 'string') return 'its value is no text';
  // CR, LF and NUL would let a value forge further headers; the other controls are forbidden too (RFC 9110 section 5.5).
  return /[\x00-\x08\x0a-\x1f\x7f]/.test(value) ? 'its value holds a line end or another control character' : null;
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 40));
}
