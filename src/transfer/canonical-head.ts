/**
 * A reply's header block as RFC 9112 means it: undici's parser refuses what curl, wget, wget2 and aria2 all read. White space around values
 * goes, folded lines are unfolded, odd lines that say nothing of the body are dropped, and one framing is left. Pure, and linear.
 */

/** Bytes of a header block that are read at most; undici refuses more. */
export const maxHeadSize = 65_536;

export interface CanonicalHead {
  /** The block as it is to be parsed, empty line included; empty for an interim reply (1xx), which says nothing. */
  text: string;
  /** Its body comes in chunks. */
  chunked: boolean;
  /** It says so twice: the chunks may hold chunks. */
  once: boolean;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
/** Nothing to mend: no interim status, no blank at the end of a line, no control character, no line without a name. */
const clean = new RegExp(
  `^HTTP/1\\.[01] [2-9]\\d\\d(?: [^\\x00-\\x1f\\x7f]*)?\\r\\n(?:${token}:[ \\t]*(?:[^\\x00-\\x20\\x7f](?:[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f])?)?\\r\\n)*\\r\\n$`,
);
const framingFields = /\n(?:content-length|transfer-encoding):/gi;
const oneLength = /\ncontent-length: *(?:0|[1-9]\d{0,14})\r/i;
const chunkedField = /\ntransfer-encoding: *chunked\r/i;

/** The block when nothing needs mending, which is nearly always; null where it must be looked at more closely. */
export function cleanHead(text: string): CanonicalHead | null {
  if (!clean.test(text)) return null;
  const framing = text.match(framingFields);
  if (framing === null) return { text, chunked: false, once: false };
  if (framing.length > 1) return null;
  if (oneLength.test(text)) return { text, chunked: false, once: false };
  return chunkedField.test(text) ? { text, chunked: true, once: false } : null;
}

interface Field {
  name: string;
  value: string;
  /** Not every reader would see it so. */
  odd: boolean;
}

/**
 * @param text the block as it came, latin1, its empty line included.
 * @returns why it is refused, for a block that can be read in more than one way, or in none.
 */
export function canonicalHead(text: string): CanonicalHead | string {
  // Among lines that end in CRLF, two LF alone are the end for some readers and not for others.
  const hasCrlf = text.includes('\r\n');
  if (hasCrlf && /[^\r]\n\n$/.test(text)) return 'the end of its header block is not certain';
  const [first = '', ...lines] = text.split('\n').map(withoutCr);
  const status = /^HTTP\/(1\.0|1\.1|2\.0)[ \t]+([1-9]\d\d)(?:[ \t].*)?$/.exec(first);
  if (status === null) return 'its status line is not one of HTTP/1.1';
  const [, version, code = ''] = status;
  if (code === '101') return 'it switches to a protocol that nobody asked for';
  if (code.startsWith('1')) return interim;
  const fields = fieldsOf(lines);
  if (typeof fields === 'string') return fields;
  const framed = oneFraming(fields, hasCrlf && /[^\r]\n/.test(text));
  if (typeof framed === 'string') return framed;
  const block = framed.fields.map(({ name, value }) => `${name}: ${value}\r\n`).join('');
  const head = `HTTP/${version === '1.0' ? version : '1.1'} ${code} \r\n${block}\r\n`;
  return { text: head, chunked: framed.chunked, once: framed.once };
}

/** A reply that comes before the final one, and says nothing. */
const interim: CanonicalHead = { text: '', chunked: false, once: false };

function withoutCr(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** Why they are refused, where a line that is no field may be about the body. */
function fieldsOf(lines: string[]): Field[] | string {
  const fields: Field[] = [];
  let last: Field | null = null;
  for (const line of lines) {
    if (line === '') break;
    if (line.includes('\0')) return 'a line of its header block holds a NUL';
    if (/^[ \t]/.test(line)) {
      // RFC 9112 section 5.2: a folded line goes on with the value before it; section 2.2: none may follow the status line.
      if (last === null) return 'its first header line is a folded one';
      last.value = trim(`${last.value} ${trim(blanked(line))}`);
      last.odd = true;
      continue;
    }
    last = fieldOf(line);
    if (last === null) return 'a line of its header block is no field';
    if (last.name !== '') fields.push(last);
  }
  return fields;
}

const fieldLine = new RegExp(`^(${token})([ \\t]*):`);
const isFraming = /^(?:content-length|transfer-encoding)$/i;

/** A field with a name that none may have is dropped, and what is folded onto it; null where it may be about the body, or be the body. */
function fieldOf(line: string): Field | null {
  const found = fieldLine.exec(line);
  if (found === null) {
    const isField = line.includes(':') && !line.startsWith('<') && !line.startsWith('HTTP/');
    return isField && !isAboutTheBody(line) ? { name: '', value: '', odd: true } : null;
  }
  const [begin, name = '', blanks] = found;
  const given = line.slice(begin.length);
  const value = trim(blanked(given));
  const odd = blanks !== '' || /[^\t\x20-\x7e\x80-\xff]/.test(given);
  // A lone CR, or another control, may end the line for some readers.
  return odd && isAboutTheBody(given) ? null : { name, value, odd };
}

/** Whatever stands between the letters. */
function isAboutTheBody(text: string): boolean {
  return /contentlength|transferencoding/i.test(text.replace(/[^a-z]/gi, ''));
}

/** A lone CR and other controls as blanks (RFC 9110 section 5.5). */
function blanked(value: string): string {
  return value.replace(/[\x00-\x08\x0a-\x1f\x7f]/g, ' ');
}

/** Without blanks at either end; a regular expression for the end would be quadratic. */
function trim(value: string): string {
  let [start, end] = [0, value.length];
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

interface Framed {
  fields: Field[];
  chunked: boolean;
  once: boolean;
}

const uncertain = 'the length of its body can be read in more than one way';

/**
 * RFC 9112 section 6.3, or why it is refused.
 * @param mixed some lines of the block end in CRLF and some in LF alone.
 */
function oneFraming(fields: Field[], mixed: boolean): Framed | string {
  const framing = fields.filter(({ name }) => isFraming.test(name));
  if (framing.length > 1 && (mixed || framing.some(({ odd }) => odd))) return uncertain;
  const others = fields.filter((field) => !framing.includes(field));
  const codings = framing.filter(isCoding).map(codingOf);
  const lengths = framing.filter((field) => !isCoding(field));
  const [coding = 'identity', ...more] = new Set(codings);
  if (more.length > 0 || (coding === '' && lengths.length > 0)) return uncertain;
  if (coding === 'chunked') {
    others.push(field('Transfer-Encoding', 'chunked'));
    // Who sends both may mean another length to someone else: nothing more is read from this connection.
    if (lengths.length > 0) others.push(field('Connection', 'close'));
    return { fields: others, chunked: true, once: codings.length > 1 };
  }
  if (coding !== '' && coding !== 'identity')
    return `its Transfer-Encoding is ${coding.slice(0, 40)}, and not chunked alone`;
  const distinct = new Set(lengths.flatMap(({ value }) => value.split(',').map((one) => digits(trim(one)))));
  const [length] = distinct;
  if (distinct.size > 1) return uncertain;
  if (length === '') return 'its Content-Length is no number of bytes';
  if (length !== undefined) others.push(field('Content-Length', length));
  return { fields: others, chunked: false, once: false };
}

function field(name: string, value: string): Field {
  return { name, value, odd: false };
}

function isCoding({ name }: Field): boolean {
  return name.length === 'transfer-encoding'.length;
}

/** `identity` is none. Several in one field stay several: a body framed twice would be unpacked once. */
function codingOf({ value }: Field): string {
  return value
    .split(',')
    .map((one) => trim(one).toLowerCase())
    .filter((one) => one !== '')
    .join(', ');
}

/** Without leading zeros; empty for what is no number of bytes. */
function digits(text: string): string {
  return /^\d+$/.test(text) ? text.replace(/^0+(?=\d)/, '') : '';
}
