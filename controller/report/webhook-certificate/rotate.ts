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
  /** What was replaced, and why: one sentence for each. */
  readonly done: readonly string[];
  /** The replicas could not serve before this step. */
  readonly urgent: boolean;
  /** When the next step is due, in ms since 1970. Only for a step without `data`. */
  readonly next: number;
}

/** The number of CAs that stay trusted when a new one is made: more can only come from other writers. */
const MOST_KEPT = 3;

/** The CAs to trust, of which the first one signs, and its key. */
async function signers(
  { authority, keep }: Rotation,
  { authorityKey = '' }: WebhookMaterial,
  trusted: readonly ReadCertificate[],
  times: CertificateTimes,
  now: number,
): Promise<{ readonly authorities: readonly ReadCertificate[]; readonly key: string }> {
  if (authority === undefined) return { authorities: keep, key: authorityKey };
  const { certificate, key } = await issueAuthority(times, now);
  const all = unexpired([...readAuthorities(certificate), ...keep, ...trusted], now);
  return { authorities: all.slice(0, 1 + MOST_KEPT), key };
}

function sentences({ authority, serving, keep }: Rotation, names: readonly string[], before: number): string[] {
  const done: string[] = [];
  if (authority !== undefined) done.push(`made a new CA, because ${authority}`);
  if (serving !== undefined) done.push(`issued a serving certificate for ${names.join(', ')}, because ${serving}`);
  if (keep.length < before) done.push(`stopped trusting previous CAs (${before - keep.length})`);
  return done;
}

/**
 * `trusted` are the CAs that the webhook configuration contains now. If there is a new CA, they stay trusted for a while,
 * because other replicas, or the Pods of ingress-nginx that an upgrade replaces, still serve certificates of them.
 */
export async function rotate(
  material: WebhookMaterial,
  trusted: readonly ReadCertificate[],
  names: readonly string[],
  times: CertificateTimes,
  now: number,
): Promise<RotationStep> {
  const rotation = dueRotation(material, names, times, now);
  const { serving, urgent, keep, next } = rotation;
  const done = sentences(rotation, names, material.authorities.length);
  if (done.length === 0) return { authorities: keep, data: undefined, done, urgent, next };
  const { authorities, key } = await signers(rotation, material, trusted, times, now);
  const [issuer] = authorities;
  if (issuer === undefined) throw new Error('there is no CA that could sign');
  const current = material.serving;
  const pair =
    serving === undefined && current !== undefined
      ? { certificate: current.pem, key: current.key }
      : await issueServing(names, { certificate: issuer.pem, key, ends: issuer.ends }, times, now);
  return { authorities, data: materialData(authorities, key, pair), done, urgent, next };
}
