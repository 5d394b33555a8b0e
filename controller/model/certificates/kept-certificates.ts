/** The certificate of a Secret, or the last good one where the Secret's own cannot be used or is gone. */
import type { X509Certificate } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node';
import type { LiveCertificate } from '../../types/live.ts';
import type { ObjectKey, Snapshot } from '../../types/snapshot.ts';
import { pairOf } from '../values/pem/certificate-pair.ts';
import type { BuildOptions } from '../contract/options.ts';

export interface ServedCertificate {
  readonly certificate: LiveCertificate;
  readonly leaf: X509Certificate;
  /** The Secret as it was when it held this certificate. */
  readonly secret: V1Secret;
  /** Milliseconds since 1970. */
  readonly ends: number;
  /** The Secret has the certificates behind the first in another order. */
  readonly sorted: boolean;
  /** Of one that is kept: what is wrong with the Secret, and which certificate is served in its place; a sentence's end. */
  readonly kept?: string;
}

interface Given {
  readonly snapshot: Pick<Snapshot, 'Secret'>;
  readonly options: Pick<BuildOptions, 'bounds' | 'keptSecrets'>;
}

/** What is served for the Secret `key`; else why nothing is: it is missing, or the reason as a sentence's end. */
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
