/** What every room needs to know of a URL that the WHATWG parser has already written (lower-case scheme and host, default port gone). */

const parsed = /^(https?:)\/\/(?:[^/?#@]*@)?([^/?#]*)([^#]*)/;

/** The host that politeness is owed to: lower-case name plus the port, 80 and 443 left out (design.md section 3). */
export function hostOf(url: string): string {
  const host = parsed.exec(url)?.[2] ?? '';
  return host.replace(/:(?:80|443)$/, '');
}

/** Scheme, host and port: what credentials, robots.txt and redirects are bound to. */
export function originOf(url: string): string {
  const [, scheme = '', host = ''] = parsed.exec(url) ?? [];
  return `${scheme}//${host}`;
}

/** The URL without userinfo, fit for messages and records (failure-cases L8). */
export function withoutUserinfo(url: string): string {
  // Asked several times a file: the look for an @ costs a tenth of the pattern.
  return url.includes('@') ? url.replace(/^(https?:\/\/)[^/?#@]*@/, '$1') : url;
}

/** The URL without its fragment: what makes two lines the same. */
export function withoutFragment(url: string): string {
  const hash = url.indexOf('#');
  return hash === -1 ? url : url.slice(0, hash);
}
