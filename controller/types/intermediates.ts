/**
 * Intermediate certificates, between a server's certificate and a root, that were fetched because a Secret lacks them.
 */
import type { X509Certificate } from 'node:crypto';

export interface Intermediates {
  /** PEM strings, the nearest issuer first; empty if no certificate was missing. */
  readonly chain: string;
  /** Why the chain ends before a root, as a sentence without full stop; undefined if the chain is complete. */
  readonly failure: string | undefined;
}

/**
 * Fetched certificates by the SHA-256 fingerprint of the last certificate in a Secret's chain. If an entry is missing,
 * the certificates have not been fetched yet.
 */
export type KnownIntermediates = ReadonlyMap<string, Intermediates>;

/**
 * Whether one certificate was signed by the other. Never throws, even if a certificate has a key of an unknown type.
 */
export function hasIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}
