/** Certificates for tests, generated at run time. The repository contains no private keys. */
import { generate } from 'selfsigned';

export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const DAY = 24 * 60 * 60 * 1000;

/** `begins`, `ends`: in days from now. */
async function made(
  names: readonly string[],
  [begins, ends]: readonly [begins: number, ends: number],
  authority?: KeyPair,
  issuer = false,
): Promise<KeyPair> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: names[0] ?? 'nobody' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() + begins * DAY),
    notAfterDate: new Date(Date.now() + ends * DAY),
    extensions: [
      { name: 'basicConstraints', cA: issuer, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: issuer },
      { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2 as const, value })) },
    ],
    ...(authority && { ca: authority }),
  });
  return { cert, key };
}

/**
 * A certificate for DNS names; the first name is also the CN of its subject. It is signed by `authority`, or
 * self-signed. With `issuer`, it is a CA certificate.
 */
export async function issue(names: readonly string[], authority?: KeyPair, issuer = false): Promise<KeyPair> {
  return made(names, [-1, 30], authority, issuer);
}

/** A self-signed certificate for DNS names that expired yesterday. */
export async function issueExpired(names: readonly string[]): Promise<KeyPair> {
  return made(names, [-3, -1]);
}
