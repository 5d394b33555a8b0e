/** Certificates for specs, created by openssl. */
import { execFileSync } from 'node:child_process';
import type { LiveCertificate } from '../../controller/types/live.ts';

const made = new Map<string, LiveCertificate>();

/**
 * A self-signed certificate with this common name and an EC key. Calls with the same name and `version` return the same
 * certificate.
 */
export function selfSigned(name: string, version = 1): LiveCertificate {
  const known = made.get(`${name} ${version}`);
  if (known !== undefined) return known;
  const text = execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'].concat([
      '-subj',
      `/CN=${name}`,
      '-keyout',
      '-',
      '-out',
      '-',
    ]),
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const key = /-----BEGIN PRIVATE KEY-----[\s\S]*?-----END PRIVATE KEY-----\n/.exec(text)?.[0];
  const chain = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n/.exec(text)?.[0];
  if (key === undefined || chain === undefined) throw new Error('openssl printed no certificate');
  const certificate = { chain, key };
  made.set(`${name} ${version}`, certificate);
  return certificate;
}
