/** no_proxy lists: which hosts are asked directly. */

import { BlockList, isIP, isIPv6 } from 'node:net';

type Exempt = (hostname: string, port: number) => boolean;

/**
 * Entries are separated by commas or spaces: `*`, a name (itself and everything below it; a leading `.` or `*.` changes
 * nothing, as in curl), an address, a network `10.0.0.0/8` or `fd00::/8`; names and addresses may end in `:port`.
 */
export function exemptions(list: string): Exempt {
  const entries = list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(entry);
  return (hostname, port) => {
    const host = hostname.toLowerCase().replace(/\.$/, '');
    return entries.some((matches) => matches(host, port));
  };
}

function entry(text: string): Exempt {
  if (text === '*') return () => true;
  const network = /^\[?([\da-f.:]+)\]?\/(\d{1,3})$/.exec(text);
  if (network !== null) return within(network[1]!, Number(network[2]));
  const { host, port } = split(text);
  const onPort = (asked: number) => port === null || port === asked;
  if (isIP(host) !== 0) {
    const same = within(host, isIPv6(host) ? 128 : 32);
    return (asked, askedPort) => onPort(askedPort) && same(asked, askedPort);
  }
  const name = host.replace(/^\*?\./, '').replace(/\.$/, '');
  return (asked, askedPort) => onPort(askedPort) && name !== '' && (asked === name || asked.endsWith(`.${name}`));
}

function split(text: string): { host: string; port: number | null } {
  if (isIPv6(text)) return { host: text, port: null };
  const [, host = text, port] = /^(.*?)(?::(\d{1,5}))?$/.exec(text) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: port === undefined ? null : Number(port) };
}

/** A network matches addresses in it, never names: their addresses are the proxy's to find. */
function within(network: string, bits: number): Exempt {
  const version = isIP(network);
  if (version === 0 || bits > (version === 4 ? 32 : 128)) return () => false;
  const networks = new BlockList();
  networks.addSubnet(network, bits, version === 4 ? 'ipv4' : 'ipv6');
  return (host) => {
    const asked = isIP(host);
    return asked !== 0 && networks.check(host, asked === 4 ? 'ipv4' : 'ipv6');
  };
}
