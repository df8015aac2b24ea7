/** What a server or a proxy wants to be logged in with (RFC 9110 section 11.3). */

/** Names of the schemes that WWW-Authenticate or Proxy-Authenticate offer, in lower case. */
export function challengesOf(field: string | string[] | undefined): string[] {
  const challenges = [field ?? []].flat().flatMap((value) => value.split(','));
  // Beside schemes, the parameters of the one before stand between commas: name=value.
  const schemes = challenges.map((one) => /^\s*([a-z][\w-]*)(?:\s|$)/i.exec(one)?.[1]?.toLowerCase());
  return [...new Set(schemes.filter((scheme) => scheme !== undefined))];
}

/** Schemes that pdl does not speak, when it could not log in with Basic; null when it could. */
export function unspoken(challenges: string[]): string | null {
  if (challenges.length === 0 || challenges.includes('basic')) return null;
  return challenges.map((scheme) => scheme.charAt(0).toUpperCase() + scheme.slice(1)).join(' or ');
}
