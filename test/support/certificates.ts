/** Certificates for tests, made by the installed openssl once per process and kept in a temporary folder until it ends. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  key: string;
  cert: string;
  /** Path of the PEM file of `cert`, fit for --cacert. */
  certFile: string;
}

interface CertificateOptions {
  /** subjectAltName entries; default localhost, 127.0.0.1 and ::1. */
  names?: string[];
  /** Its last day is past. */
  expired?: boolean;
}

const made = new Map<string, Certificate>();
let folder: string | undefined;

/** A self-signed certificate. */
export function certificate({
  names = ['DNS:localhost', 'IP:127.0.0.1', 'IP:::1'],
  expired = false,
}: CertificateOptions = {}): Certificate {
  const id = `${names.join()}${expired}`;
  const known = made.get(id);
  if (known !== undefined) return known;
  const fresh = make(join(where(), String(made.size)), names, expired);
  made.set(id, fresh);
  return fresh;
}

function where(): string {
  if (folder !== undefined) return folder;
  const fresh = mkdtempSync(join(tmpdir(), 'pdl-tls-'));
  process.once('exit', () => rmSync(fresh, { recursive: true, force: true }));
  folder = fresh;
  return fresh;
}

function make(path: string, names: string[], expired: boolean): Certificate {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  writeFileSync(`${path}.ext`, `subjectAltName=${names.join(',')}\n`);
  openssl(
    'req',
    '-new',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    `${path}.key`,
    '-out',
    `${path}.csr`,
    '-subj',
    '/CN=pdl test',
  );
  openssl(
    'x509',
    '-req',
    '-in',
    `${path}.csr`,
    '-signkey',
    `${path}.key`,
    '-out',
    `${path}.crt`,
    '-days',
    expired ? '-1' : '30',
    '-extfile',
    `${path}.ext`,
  );
  return {
    key: readFileSync(`${path}.key`, 'utf8'),
    cert: readFileSync(`${path}.crt`, 'utf8'),
    certFile: `${path}.crt`,
  };
}
