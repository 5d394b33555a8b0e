/**
 * Certificates of API servers, valid for loopback addresses, and of their clients, whose subjects name user and group.
 */
import { generate } from 'selfsigned';
import type { KeyPair } from '../certificates.ts';

const DAY = 24 * 60 * 60 * 1000;

/** A server certificate for localhost and 127.0.0.1, signed by `authority`. */
export async function issueServer(authority: KeyPair): Promise<KeyPair> {
  const names = [
    { type: 2, value: 'localhost' },
    { type: 7, ip: '127.0.0.1' },
  ] as const;
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - DAY),
    notAfterDate: new Date(Date.now() + 30 * DAY),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      { name: 'subjectAltName', altNames: [...names] },
    ],
    ca: authority,
  });
  return { cert: made.cert, key: made.private };
}

/** A client certificate. Kubernetes reads the user's name from its CN and a group from each O. */
export async function issueUser(authority: KeyPair, user: string, group: string): Promise<KeyPair> {
  const subject = [
    { name: 'organizationName', value: group },
    { name: 'commonName', value: user },
  ];
  const made = await generate(subject, {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - DAY),
    notAfterDate: new Date(Date.now() + 30 * DAY),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'extKeyUsage', clientAuth: true },
    ],
    ca: authority,
  });
  return { cert: made.cert, key: made.private };
}
