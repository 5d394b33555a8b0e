/**
 * Decides which certificates of the webhook have to be replaced. Everything is derived from the certificates
 * themselves, so every replica comes to the same decision, and a restart loses nothing.
 *
 * No decision makes an API server refuse a certificate that a replica still serves. A new CA first becomes trusted
 * beside the previous ones; after `spreadMs` it signs the serving certificate; after `overlapMs`, when all replicas
 * have read that certificate, the previous CAs are dropped.
 */
import { isValidFor, isSignedBy, type ReadCertificate, type WebhookMaterial } from './material.ts';
import { type CertificateTimes, RENEWAL_SHARE } from './times.ts';

export interface Rotation {
  /** Why a new CA is needed; undefined if none is needed. */
  readonly authority: string | undefined;
  /** Why a new serving certificate is needed; undefined if none is needed. */
  readonly serving: string | undefined;
  /** Whether the replicas cannot serve; the new serving certificate then cannot wait. */
  readonly urgent: boolean;
  /** The CAs that stay trusted, the newest first, without a new one. */
  readonly keep: readonly ReadCertificate[];
  /** When to decide again at the latest, in ms since 1970. */
  readonly next: number;
}

function issuedAt({ begins }: ReadCertificate, { backdatedMs }: CertificateTimes): number {
  return begins + backdatedMs;
}

function renewalOf(certificate: ReadCertificate, times: CertificateTimes): number {
  const issued = issuedAt(certificate, times);
  return issued + RENEWAL_SHARE * (certificate.ends - issued);
}

/** Why no replica can serve with this material; undefined if the replicas can. */
export function servingFault(material: WebhookMaterial, names: readonly string[], now: number): string | undefined {
  const { serving, authorities } = material;
  if (serving === undefined) return 'there is no serving certificate with its key';
  if (serving.ends <= now) return 'the serving certificate has expired';
  if (!isValidFor(serving, names)) return `the serving certificate is not valid for ${names.join(', ')}`;
  if (!authorities.some((authority) => authority.ends > now && isSignedBy(serving, authority)))
    return 'no CA in ca.crt has signed the serving certificate';
  return undefined;
}

function authorityFault({ authorities: [first], authorityKey }: WebhookMaterial, times: CertificateTimes, now: number) {
  if (first === undefined) return 'there is no CA';
  if (authorityKey === undefined) return 'the key of the CA is missing or belongs to another certificate';
  if (first.ends <= now) return 'the CA has expired';
  return renewalOf(first, times) <= now ? "two thirds of the CA's lifetime have passed" : undefined;
}

/** `names` are the DNS names and IP addresses under which the API server connects to the webhook. */
export function dueRotation(
  material: WebhookMaterial,
  names: readonly string[],
  times: CertificateTimes,
  now: number,
): Rotation {
  const { serving } = material;
  const valid = material.authorities.filter(({ ends }) => ends > now);
  const [first, ...older] = valid;
  const fault = servingFault(material, names, now);
  const authority = authorityFault(material, times, now);
  if (authority !== undefined || fault !== undefined || first === undefined || serving === undefined)
    return { authority, serving: fault, urgent: fault !== undefined, keep: valid, next: now };

  const spread = issuedAt(first, times) + times.spreadMs;
  const own = isSignedBy(serving, first);
  const renewal = own ? renewalOf(serving, times) : spread;
  const dropped = own ? issuedAt(serving, times) + times.overlapMs : Infinity;
  return {
    authority: undefined,
    serving: due(own, renewal <= now),
    urgent: false,
    keep: dropped <= now ? [first] : valid,
    next: Math.min(renewal, renewalOf(first, times), older.length > 0 && dropped > now ? dropped : Infinity),
  };
}

function due(own: boolean, isDue: boolean): string | undefined {
  if (!isDue) return undefined;
  return own ? "two thirds of the serving certificate's lifetime have passed" : 'a new CA signs from now on';
}
