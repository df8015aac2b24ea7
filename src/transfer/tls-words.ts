/** What went wrong with TLS, in words: who says no, to what, and what can be done. */

import { existsSync } from 'node:fs';

/** Certificates that we refuse. */
const distrust: Record<string, string> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate chain ends in an authority that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the issuer of its certificate is not known',
  UNABLE_TO_GET_ISSUER_CERT: 'the issuer of its certificate is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer of its certificate is not known',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  HOSTNAME_MISMATCH: 'its certificate is for another host',
  CERT_REVOKED: 'its certificate was revoked',
  CERT_SIGNATURE_FAILURE: 'the signature of its certificate is wrong',
  CERT_UNTRUSTED: 'its certificate is not trusted',
  CERT_REJECTED: 'its certificate is not trusted',
  INVALID_CA: 'its certificate chain holds one that may not issue others',
  INVALID_PURPOSE: 'its certificate is not one for servers',
  PATH_LENGTH_EXCEEDED: 'its certificate chain is too long',
  CERT_CHAIN_TOO_LONG: 'its certificate chain is too long',
};

/** Authorities that only the machine's own store may know. */
const unknownIssuer = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/** Where systems keep the authorities they trust: Debian, Fedora, SUSE, Alpine and macOS. */
const stores = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** By the end of OpenSSL's own name: TLSV1_ALERT_…, SSLV3_ALERT_… and SSL/TLS_ALERT_… are one alert in different versions of it. */
const handshake: [RegExp, string][] = [
  [
    /ALERT_PROTOCOL_VERSION$|UNSUPPORTED_PROTOCOL$|UNKNOWN_PROTOCOL$|VERSION_TOO_LOW$/,
    'the server speaks only TLS 1.1 or older, which is not safe any more',
  ],
  [
    /ALERT_HANDSHAKE_FAILURE$/,
    'the server has no cipher in common with pdl, or wants a client certificate, which pdl cannot send',
  ],
  [
    /ALERT_INSUFFICIENT_SECURITY$|NO_SHARED_CIPHER$|NO_CIPHERS_AVAILABLE$/,
    'the server has no cipher in common with pdl',
  ],
  [/NO_APPLICATION_PROTOCOL$/, 'the server speaks only HTTP/2, and pdl only HTTP/1.1'],
  [
    /CERTIFICATE_REQUIRED$|ALERT_BAD_CERTIFICATE$|ALERT_CERTIFICATE_UNKNOWN$|ALERT_ACCESS_DENIED$/,
    'the server wants a client certificate, which pdl cannot send',
  ],
  [/UNRECOGNIZED_NAME$/, 'the server serves no site of that name'],
  [
    /WRONG_VERSION_NUMBER$|PACKET_LENGTH_TOO_LONG$|HTTP_REQUEST$/,
    'what answers there does not speak TLS: is it http://?',
  ],
  [/DH_KEY_TOO_SMALL$|EE_KEY_TOO_SMALL$|CA_KEY_TOO_SMALL$|CA_MD_TOO_WEAK$/, "the server's key is too weak to be safe"],
  [/UNSAFE_LEGACY_RENEGOTIATION_DISABLED$/, 'the server wants an unsafe renegotiation (RFC 5746)'],
];

/** What is wrong with a certificate that was refused, and what may help; null when the error is of another kind. */
export function distrustWords(code: string): string | null {
  const state = distrust[code];
  if (state === undefined) return null;
  const store = unknownIssuer.has(code) ? stores.find((file) => existsSync(file)) : undefined;
  if (store !== undefined) return `${state} (where this machine knows it, --cacert ${store} does too)`;
  return code === 'DEPTH_ZERO_SELF_SIGNED_CERT' ? `${state} (--cacert FILE trusts the certificate in FILE)` : state;
}

/** Why a handshake failed; null when the error is none of OpenSSL's. */
export function handshakeWords(error: unknown): string | null {
  const { code, reason } = error as { code?: unknown; reason?: unknown };
  if (typeof code !== 'string' || !code.startsWith('ERR_SSL_')) return null;
  const known = handshake.find(([pattern]) => pattern.test(code));
  // Its message begins with a memory address and ends with a path of its sources.
  return known?.[1] ?? `the handshake failed (${typeof reason === 'string' ? reason : code})`;
}
