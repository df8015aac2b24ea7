/** Flags that say how a host is reached, and which is not. */

import type { Flag } from '../flag.js';

export const network: readonly Flag[] = [
  {
    long: 'proxy',
    letter: 'x',
    value: 'URL',
    help: 'Proxy (http, https, socks5, socks5h); http_proxy https_proxy all_proxy no_proxy are read too',
  },
  { long: 'no-proxy', value: 'LIST', help: 'Hosts reached without it, with commas between' },
  { long: 'cacert', value: 'FILE', complete: 'file', help: 'Trust these certificates (PEM) instead' },
  { long: 'insecure', letter: 'k', help: 'Check no certificate' },
  { long: 'max-redirects', value: 'N', initial: '10', help: 'Redirects followed for one line' },
  { long: 'allow-downgrade', help: 'Follow a redirect from https to http' },
  { long: 'no-private', help: 'Refuse private addresses' },
];
