/** Issues the CA and the serving certificates of the admission webhook. */
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { generate } from 'selfsigned';
import type { CertificateTimes } from './times.ts';

/** PEM of a certificate and of its private key. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** The signing CA, and when it ends, in ms since 1970. */
export interface Issuer extends IssuedCertificate {
  readonly ends: number;
}

/** ECDSA with SHA-256 on the curve P-256, which every version of the API server accepts. */
const ALGORITHM = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

/** Times in a certificate have no milliseconds. */
function validity(now: number, forMs: number, { backdatedMs }: CertificateTimes, latest = Infinity) {
  return {
    notBeforeDate: new Date(now - backdatedMs),
    notAfterDate: new Date(Math.min(now + forMs, latest)),
  };
}

/**
 * Issues a CA. Its name is unique, because a client that trusts two CAs selects the issuer of a certificate by its
 * name.
 */
export async function issueAuthority(times: CertificateTimes, now: number): Promise<IssuedCertificate> {
  const name = `Tidegate admission CA ${randomBytes(8).toString('hex')}`;
  const made = await generate([{ name: 'commonName', value: name }], {
    ...ALGORITHM,
    ...validity(now, times.authorityMs, times),
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  return { certificate: withNewline(made.cert), key: withNewline(made.private) };
}

/**
 * Issues a serving certificate for DNS names and IP addresses. It does not outlive its issuer. A client reads only the
 * alternative names; the names of Services are too long for a common name.
 */
export async function issueServing(
  names: readonly string[],
  issuer: Issuer,
  times: CertificateTimes,
  now: number,
): Promise<IssuedCertificate> {
  const made = await generate([{ name: 'commonName', value: 'Tidegate admission webhook' }], {
    ...ALGORITHM,
    ...validity(now, times.servingMs, times, issuer.ends),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
      },
    ],
    ca: { cert: issuer.certificate, key: issuer.key },
  });
  return { certificate: withNewline(made.cert), key: withNewline(made.private) };
}

function withNewline(pem: string): string {
  return `${pem.trim()}\n`;
}
