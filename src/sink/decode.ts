/** The names inside a URL, as text: percent-decoded once, but for what would change the path (failure-cases N2, CVE-2025-11563). */

import { withoutFragment } from '../url.js';

/** Host and port as the URL has them, without userinfo. */
const parts = /^https?:\/\/(?:[^/?#@]*@)?([^/?#]*)([^?#]*)/;

export interface UrlNames {
  host: string;
  /** Decoded segments of the path without empty ones; the last is the file's name, `index.html` where the path ends in `/`. */
  segments: string[];
}

export function urlNames(url: string): UrlNames {
  const [, host = '', path = '/'] = parts.exec(withoutFragment(url)) ?? [];
  const segments = path.split('/').filter((segment) => segment !== '');
  if (path === '' || path.endsWith('/')) segments.push('index.html');
  return { host, segments: segments.map(decodeSegment) };
}

/** Last segment of a URL's path, decoded. */
export function urlName(url: string): string {
  const end = url.search(/[?#]/);
  const path = end === -1 ? url : url.slice(0, end);
  const slash = path.lastIndexOf('/');
  // `http://h` cannot come from the URL parser, which writes `http://h/`.
  return slash === path.length - 1 || slash < 8 ? 'index.html' : decodeSegment(path.slice(slash + 1));
}

/** Escapes become text, except slashes, colons and controls, and except bytes that are no UTF-8: those stay escaped. */
function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  return segment.replace(/(?:%[0-9a-f]{2})+/gi, decodeRun);
}

function decodeRun(run: string): string {
  return run.replace(/(?:%(?!2f|5c|3a|[01][0-9a-f]|7f)[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}
