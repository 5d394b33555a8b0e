/** Carries out what rotation.ts decides: issues the certificates that are due. */
import { issueAuthority, issueServing } from './issue.ts';
import { materialData, readAuthorities, type ReadCertificate, unexpired, type WebhookMaterial } from './material.ts';
import { dueRotation, type Rotation } from './rotation.ts';
import type { CertificateTimes } from './times.ts';

export interface RotationStep {
  /** The CAs that have to be trusted after the step. */
  readonly authorities: readonly ReadCertificate[];
  /** The new `data` of the Secret; undefined if it stays as it is. */
  readonly data: Readonly<Record<string, string>> | undefined;
  /** Whether `data` contains a new serving certificate, whose CA must be trusted before `data` is stored. */
  readonly signs: boolean;
  /** What was replaced, and why: one sentence for each. */
  readonly done: readonly string[];
  /** Whether the replicas could not serve before this step. */
  readonly urgent: boolean;
  /** When the next step is due, in ms since 1970. Only for a step without `data`. */
  readonly next: number;
}

/** The number of CAs that stay trusted when a new one is made: more can only come from other writers. */
const MOST_KEPT = 3;

/**
 * Makes a CA. The serving certificate stays if replicas can use it; otherwise the next step issues one. As the CA is in
 * the Secret before it is trusted, replicas that act at the same time use the same CA.
 */
async function newAuthority(
  { authority = '', serving, urgent, keep, next }: Rotation,
  material: WebhookMaterial,
  trusted: readonly ReadCertificate[],
  times: CertificateTimes,
  now: number,
): Promise<RotationStep> {
  const { certificate, key } = await issueAuthority(times, now);
  const all = unexpired([...readAuthorities(certificate), ...keep, ...trusted], now);
  const authorities = all.slice(0, 1 + MOST_KEPT);
  const data = materialData(authorities, key, serving === undefined ? material.serving : undefined);
  return { authorities, data, signs: false, done: [`made a new CA, because ${authority}`], urgent, next };
}

/**
 * `trusted` are the CAs that the webhook configuration contains now. If there is a new CA, they stay trusted for a
 * while, because other replicas, or the Pods of ingress-nginx that an upgrade replaces, still serve certificates that
 * these CAs have signed.
 */
export async function rotate(
  material: WebhookMaterial,
  trusted: readonly ReadCertificate[],
  names: readonly string[],
  times: CertificateTimes,
  now: number,
): Promise<RotationStep> {
  const rotation = dueRotation(material, names, times, now);
  const { authority, serving, urgent, keep, next } = rotation;
  if (authority !== undefined) return newAuthority(rotation, material, trusted, times, now);
  const [issuer] = keep;
  const { authorityKey: key = '', authorities } = material;
  if (serving !== undefined && issuer !== undefined) {
    const made = await issueServing(names, { certificate: issuer.pem, key, ends: issuer.ends }, times, now);
    const pair = { pem: made.certificate, key: made.key };
    const done = [`issued a serving certificate for ${names.join(', ')}, because ${serving}`];
    return { authorities: keep, data: materialData(keep, key, pair), signs: true, done, urgent, next };
  }
  const dropped = authorities.length - keep.length;
  const data = dropped === 0 ? undefined : materialData(keep, key, material.serving);
  const done = dropped === 0 ? [] : [`stopped trusting previous CAs (${dropped})`];
  return { authorities: keep, data, signs: false, done, urgent, next };
}
