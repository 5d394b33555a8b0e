/** The certificate of a Secret, or the last good one if the Secret is gone or unusable. */
import type { X509Certificate } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node';
import type { LiveCertificate } from '../../types/live.ts';
import type { ObjectKey, Snapshot } from '../../types/snapshot.ts';
import { pairOf } from '../values/pem/certificate-pair.ts';
import type { BuildOptions } from '../contract/options.ts';

export interface ServedCertificate {
  readonly certificate: LiveCertificate;
  readonly leaf: X509Certificate;
  /** The Secret as it was with this certificate. */
  readonly secret: V1Secret;
  /** Milliseconds since 1970. */
  readonly ends: number;
  /** The Secret holds the other certificates in another order. */
  readonly sorted: boolean;
  /**
   * Set for a last good certificate: what is wrong with the Secret, and which certificate is served instead; the end of
   * a sentence.
   */
  readonly kept?: string;
}

interface Given {
  readonly snapshot: Pick<Snapshot, 'Secret'>;
  readonly options: Pick<BuildOptions, 'bounds' | 'keptSecrets'>;
}

/**
 * What is served for the Secret `key`; otherwise why nothing is: the Secret is missing, or `reason`, the end of a
 * sentence.
 */
export function servedCertificate(
  key: ObjectKey,
  { snapshot, options: { bounds, keptSecrets } }: Given,
): ServedCertificate | { readonly reason: string; readonly missing: boolean } {
  const secret = snapshot.Secret.get(key);
  const pair = secret === undefined ? undefined : pairOf(secret, bounds);
  if (secret !== undefined && pair?.ok === true) return { ...pair, secret };
  const reason = pair?.ok === false ? pair.reason : 'does not exist';
  const last = keptSecrets?.get(key);
  const before = last === undefined ? undefined : pairOf(last, bounds);
  if (last === undefined || before?.ok !== true) return { reason, missing: secret === undefined };
  const { certificate, leaf, ends, sorted } = before;
  const kept = `${reason}; its last good certificate stays in force, serial ${leaf.serialNumber}, valid until ${leaf.validTo}`;
  return { certificate, leaf, ends, sorted, secret: last, kept };
}
