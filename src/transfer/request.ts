/** The request of one hop, its headers built from scratch so that nothing of one origin reaches another. */

import type { Held, Job, Request, Task } from '../types.js';
import { hostOf, originOf, withoutFragment, withoutUserinfo } from '../url.js';
import type { Credentials } from './credentials.js';
import { checkHeaders, harmless, wireText } from './fields.js';
import { conditions } from './resume.js';

/** A GET for the task's hop that asks only for what is missing beside `held`. */
export function requestFor(task: Task, held: Held | null, secrets: Credentials): Request {
  const headers = headersFor(task.job, task.url, secrets);
  const asked = conditions(held);
  return {
    url: withoutFragment(withoutUserinfo(task.url)),
    method: 'GET',
    headers: asked === null ? headers : { ...headers, ...asked },
    signal: task.signal,
    deadline: task.deadline,
  };
}

/**
 * Headers for `url` on behalf of a job. The job's own headers and userinfo go to the origin of the job's own URL only;
 * cookies go by the host of `url`, and netrc too where that is safe.
 * @throws PdlError BAD_LINE for a header of the job that may not be sent.
 */
export function headersFor(
  job: Pick<Job, 'url' | 'headers'>,
  url: string,
  secrets: Credentials,
): Record<string, string> {
  const home = url === job.url || originOf(url) === originOf(job.url);
  const shared = home ? secrets.own : secrets.foreign;
  const basic = home ? userinfoOf(job.url) : undefined;
  // The usual job has none of these: one frozen object then serves all requests of the run.
  if (!job.headers && !basic && !secrets.login && !secrets.cookies) return shared;
  const headers = job.headers ? merged(shared, job.headers, home) : { ...shared };
  // Where a stranger's redirect leads, a password goes over https and to its usual port only.
  const signature = basic ?? (home || isUsualHttps(url) ? netrcOf(secrets, url) : undefined);
  const cookies = secrets.cookies?.(url);
  if (signature !== undefined && !carries(headers, 'authorization')) headers['Authorization'] = signature;
  if (cookies !== undefined && !carries(headers, 'cookie')) headers['Cookie'] = cookies;
  return headers;
}

/** `given` over `shared`, whatever the case of their names; away from home only what is harmless. */
export function merged(
  shared: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
  home: boolean,
): Record<string, string> {
  checkHeaders(given);
  const fields = new Map(Object.entries(shared).map((field) => [field[0].toLowerCase(), field]));
  for (const [name, value] of Object.entries(given)) {
    const key = name.toLowerCase();
    if (home || harmless.has(key)) fields.set(key, [name, wireText(value)]);
  }
  return Object.fromEntries(fields.values());
}

function carries(headers: Record<string, string>, key: string): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === key);
}

/** Basic credentials of a URL's userinfo, as UTF-8 (RFC 7617); undefined without any. */
export function userinfoOf(url: string): string | undefined {
  const userinfo = /^https?:\/\/([^/?#@]*)@/.exec(url)?.[1];
  if (!userinfo) return undefined;
  const colon = userinfo.indexOf(':');
  const [user, password] = colon === -1 ? [userinfo, ''] : [userinfo.slice(0, colon), userinfo.slice(colon + 1)];
  return basicOf(Buffer.from(`${decoded(user)}:${decoded(password)}`, 'latin1'));
}

function isUsualHttps(url: string): boolean {
  return url.startsWith('https://') && !/:\d+$/.test(originOf(url));
}

function netrcOf(secrets: Credentials, url: string): string | undefined {
  const login = secrets.login?.(hostOf(url).replace(/:\d+$/, ''));
  return login && basicOf(Buffer.from(`${login.login}:${login.password}`, 'utf8'));
}

function basicOf(bytes: Buffer): string {
  return `Basic ${bytes.toString('base64')}`;
}

/** Percent escapes as bytes; `decodeURIComponent` throws on those that are not UTF-8. */
function decoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
