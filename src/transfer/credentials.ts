/** What requests carry beside the URL: the user's headers, netrc logins, cookies. Opened once, at the start of a run. */

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import type { Settings } from '../options.js';
import { version } from '../version.js';
import { cookieHeader, parseCookies } from './cookies.js';
import { addField, type Fields, harmless, wireText } from './fields.js';
import { type Login, parseNetrc } from './netrc.js';

/** Headers as they go on the wire; shared between requests and never changed. */
type Headers = Readonly<Record<string, string>>;

export interface Credentials {
  /** For a job's own origin: the user's headers over pdl's. */
  readonly own: Headers;
  /** For any other origin: only what is harmless there. */
  readonly foreign: Headers;
  /** Login of the netrc file for a host name; undefined without a file. */
  readonly login?: (hostname: string) => Login | undefined;
  /** Cookie header for a URL; undefined without a file. */
  readonly cookies?: (url: string) => string | undefined;
}

/**
 * Reads headers, netrc and cookies. Each file is read once, as bytes that are sent as they stand.
 * @throws UsageError with the path and the line when a file cannot be read or holds what is no header, login or cookie.
 */
export function openCredentials(settings: Settings, env: NodeJS.ProcessEnv = process.env): Credentials {
  const fields = fieldsOf(settings);
  const secrets: { -readonly [K in keyof Credentials]: Credentials[K] } = {
    own: headersOf(fields),
    foreign: headersOf(new Map([...fields].filter(([key]) => harmless.has(key)))),
  };
  const netrcPath = settings.netrcFile ?? (settings.netrc ? defaultNetrc(env) : null);
  if (netrcPath !== null) {
    const logins = parseNetrc(read('netrc file', netrcPath, 'utf8'), netrcPath);
    secrets.login = (hostname) => logins.get(hostname);
  }
  if (settings.cookies !== null) {
    const jar = parseCookies(read('cookies file', settings.cookies, 'latin1'), settings.cookies);
    secrets.cookies = (url) => cookieHeader(jar, url, settings.clock.date().getTime());
  }
  return secrets;
}

/** pdl's own fields, then those of the header file, then those of the options. */
function fieldsOf({ header, headerFile, userAgent }: Settings): Fields {
  const fields: Fields = new Map();
  if (userAgent !== null) addField(fields, `User-Agent: ${wireText(userAgent)}`, '--user-agent');
  const given: Fields = new Map();
  if (headerFile !== null) {
    for (const [index, line] of read('header file', headerFile, 'latin1').split(/\r?\n/).entries()) {
      if (line.trim() !== '' && !line.startsWith('#'))
        addField(given, line, `header file ${headerFile}, line ${index + 1}`);
    }
  }
  for (const [index, text] of header.entries()) addField(given, wireText(text), `--header number ${index + 1}`);
  return new Map([...fields, ...given]);
}

function headersOf(fields: Fields): Headers {
  const own: Fields = new Map([
    ['user-agent', ['User-Agent', `pdl/${version}`]],
    ['accept', ['Accept', '*/*']],
    // Without this header a server may encode as it likes (RFC 9110 section 12.5.3), and ranges would count encoded bytes.
    ['accept-encoding', ['Accept-Encoding', 'identity']],
  ]);
  const all = new Map([...own, ...fields]).values();
  return Object.freeze(Object.fromEntries([...all].filter((field): field is [string, string] => field[1] !== null)));
}

function defaultNetrc(env: NodeJS.ProcessEnv): string {
  return env['NETRC'] || join(env['HOME'] || homedir(), '.netrc');
}

function read(what: string, path: string, encoding: 'utf8' | 'latin1'): string {
  try {
    return readFileSync(path, encoding).replace(/^(?:\ufeff|\xef\xbb\xbf)/, '');
  } catch (error) {
    throw new UsageError(`Cannot read ${what} ${path}: ${(error as NodeJS.ErrnoException).code ?? 'it is unreadable'}`);
  }
}
