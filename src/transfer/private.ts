/** Which addresses are not of the public internet (--no-private; the IANA special-purpose registries, RFC 6890). */

import { BlockList, isIPv4, isIPv6 } from 'node:net';

const special = new BlockList();

for (const [network, bits] of [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // carrier-grade NAT; Alibaba's metadata
  ['127.0.0.0', 8],
  ['168.63.129.16', 32], // Azure's metadata and DNS, on a public address
  ['169.254.0.0', 16], // link-local; the metadata of most clouds
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, broadcast
] as const)
  special.addSubnet(network, bits);

for (const [network, bits] of [
  ['::', 128],
  ['::1', 128],
  ['::ffff:0:0:0', 96], // IPv4 as a translator writes it (RFC 2765)
  ['64:ff9b:1::', 48], // local NAT64
  ['100::', 64], // discard
  ['100:0:0:1::', 64], // dummies (RFC 9780)
  ['2001::', 23], // Teredo, ORCHID and other protocol assignments
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4 carries any IPv4 address
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7], // unique local; AWS's metadata
  ['fe80::', 10], // link-local
  ['fec0::', 10], // site-local, of old
  ['ff00::', 8], // multicast
] as const)
  special.addSubnet(network, bits, 'ipv6');

/** True for a literal IPv4 or IPv6 address (no brackets) that is private, local or reserved. False for a name. */
export function isPrivate(address: string): boolean {
  if (isIPv4(address)) return special.check(address, 'ipv4');
  const [bare = ''] = address.split('%');
  if (!isIPv6(bare)) return false;
  if (special.check(bare, 'ipv6')) return true;
  const inner = embedded(bare);
  return inner !== null && special.check(inner, 'ipv4');
}

/** True for a name that by its own meaning is this machine (RFC 6761): a proxy would look it up for us. */
export function isLocalName(host: string): boolean {
  return /^(?:.+\.)?localhost\.?$/.test(host);
}

/** The IPv4 address within an IPv4-mapped, IPv4-compatible or NAT64 one (RFC 4291, RFC 6052). */
function embedded(address: string): string | null {
  const written = new URL(`http://[${address}]`).hostname;
  const [, high, low] = /^\[(?:::|::ffff:|64:ff9b::)(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})\]$/.exec(written) ?? [];
  if (low === undefined) return null;
  const [a, b] = [Number.parseInt(high ?? '0', 16), Number.parseInt(low, 16)];
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`;
}
