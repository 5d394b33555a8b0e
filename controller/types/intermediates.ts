/** Certificates between a server's own and a root, fetched because a Secret lacks them. */
import type { X509Certificate } from 'node:crypto';

export interface Intermediates {
  /** PEM texts, the nearest issuer first; empty where none was missing. */
  readonly chain: string;
  /** Why the chain ends there and not at a root, as a sentence without full stop; undefined where it is complete. */
  readonly failure: string | undefined;
}

/** By the SHA-256 fingerprint of the certificate that a chain ends with. One that is not in it is not known yet. */
export type KnownIntermediates = ReadonlyMap<string, Intermediates>;

/** Whether one certificate has really signed the other. Never throws: both may have keys of a kind unknown here. */
export function hasIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}
