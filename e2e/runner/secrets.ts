/** Secrets with certificates. */
import type { KeyPair } from '../certificates.ts';
import { authorities } from './clients.ts';
import type { KubernetesObject } from './object.ts';
import type { Scenario } from './scenario.ts';

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** A Secret of type kubernetes.io/tls. `authority` is the value of its key ca.crt. */
export function secretOf(name: string, pair: KeyPair, authority?: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type: 'kubernetes.io/tls',
    data: {
      'tls.crt': base64(pair.cert),
      'tls.key': base64(pair.key),
      ...(authority !== undefined && { 'ca.crt': base64(authority) }),
    },
  };
}

/** A Secret with a CA to verify clients, of one of the kinds that `clientSecrets` of a scenario describes. */
export function clientSecret(name: string, kind: Scenario['clientSecrets'][string]): KubernetesObject {
  const { trusted, stranger, crl } = authorities();
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    data: {
      'ca.crt': base64(kind === 'stranger' ? stranger : trusted),
      ...(kind === 'revoking' && { 'ca.crl': base64(crl) }),
      ...(kind === 'garbled' && { 'ca.crl': base64(crl.replaceAll(/[^-\n]{20}\n/g, '\n')) }),
    },
  };
}
