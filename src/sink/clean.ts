/** Makes any text a file name that is safe and portable: failure-cases.md section N, as one pure function. */

import { createHash } from 'node:crypto';
import { trimEnd } from '../trim-end.js';

/** Bytes a file system allows in one name. */
const longestName = 255;

/** Controls (C0, DEL, C1), zero-width and bidi marks, line separators: none may reach a disk or a terminal (N3, N14). */
const invisible = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
/** What Windows and SMB refuse (N5). Slashes are gone before. */
const unportable = /[<>:"|?*]/g;
/** Device names stand for the device under any ending (N5). */
const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:\.|$)/i;
/** No name may end in these (N5). */
const trailing = /[\s.]/;
const plain = /^[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*$/;

/**
 * One path segment made safe: the last one of `text`, whichever way its slashes lean. May be empty, when nothing is left.
 * @param seed what the 8 hex digits are drawn from that replace the end of a name longer than 255 bytes; its URL.
 */
export function cleanName(text: string, seed: string = text): string {
  // Nine of ten names are this plain, and the pipeline costs 2 µs.
  if (text.length < 100 && plain.test(text) && !device.test(text)) return text;
  const last = text.slice(Math.max(text.lastIndexOf('/'), text.lastIndexOf('\\')) + 1);
  const visible = bounded(last)
    .replace(/\p{Cs}/gu, '_')
    .replace(invisible, '')
    .normalize('NFC')
    .replace(unportable, '_');
  const name = trimEnd(visible.replace(/^\s+/, ''), trailing)
    .replace(/^\.[\s.]*/, '_')
    .replace(/^[-~]/, '_$&');
  return shortened(device.test(name) ? `_${name}` : name, seed);
}

/** `a.jpg`, 2 → `a-2.jpg`; the stem gives way where the whole would be over 255 bytes. */
export function numbered(name: string, number: number | string): string {
  const [stem, ending] = split(name);
  const suffix = `-${number}${ending}`;
  return cut(stem, longestName - Buffer.byteLength(suffix)) + suffix;
}

/** Name without and from its last dot. A dot in front or far from the end makes no ending. */
export function split(name: string): [stem: string, ending: string] {
  const dot = name.lastIndexOf('.');
  return dot <= 0 || name.length - dot > 20 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
}

/** Start and end of a text far too long for a name: NFC takes quadratic time for a run of combining marks. */
function bounded(text: string): string {
  return text.length <= 2048 ? text : text.slice(0, 1536) + text.slice(-512);
}

/** First hex digits of SHA-256. */
function digits(text: string, count: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, count);
}

function shortened(name: string, seed: string): string {
  if (name.length * 3 <= longestName || Buffer.byteLength(name) <= longestName) return name;
  return numbered(name, digits(seed, 8));
}

/** The text cut to so many bytes, never inside a code point, and never leaving an end that would be trimmed. */
function cut(text: string, bytes: number): string {
  const buffer = Buffer.from(text);
  if (buffer.length <= bytes) return text;
  let end = Math.max(bytes, 0);
  while (end > 0 && (buffer[end]! & 0xc0) === 0x80) end -= 1;
  return trimEnd(buffer.toString('utf8', 0, end), trailing);
}
