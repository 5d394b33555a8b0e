/** The certificate of a Secret, or its last good certificate if the Secret is missing or unusable. */
import type { X509Certificate } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node';
import type { LiveCertificate } from '../../types/live.ts';
import type { ObjectKey, Snapshot } from '../../types/snapshot.ts';
import { pairOf } from '../values/pem/certificate-pair.ts';
import type { BuildOptions } from '../contract/options.ts';

export interface ServedCertificate {
  readonly certificate: LiveCertificate;
  readonly leaf: X509Certificate;
  /** The version of the Secret that contains this certificate. */
  readonly secret: V1Secret;
  /** When the certificate expires, in ms since 1970. */
  readonly ends: number;
  /** The certificates of the chain were sorted: the Secret contains them in another order. */
  readonly sorted: boolean;
  /**
   * Set if this is the last good certificate: what is wrong with the Secret, and which certificate is served instead,
   * as the end of a sentence that begins with the Secret.
   */
  readonly kept?: string;
}

interface Given {
  readonly snapshot: Pick<Snapshot, 'Secret'>;
  readonly options: Pick<BuildOptions, 'bounds' | 'keptSecrets'>;
}

/**
 * The certificate that is served for the Secret `key`. If there is none, `reason` says why, as the end of a sentence
 * that begins with the Secret; `missing`: the Secret does not exist.
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
