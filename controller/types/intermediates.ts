/** Certificates between a server's own and a root, fetched because a Secret lacks them. */
import type { X509Certificate } from 'node:crypto';

export interface Intermediates {
  /** PEM texts, the nearest issuer first; empty if none was missing. */
  readonly chain: string;
  /** Why the chain ends before a root, as a sentence without full stop; undefined if it is complete. */
  readonly failure: string | undefined;
}

/** By the SHA-256 fingerprint of the last certificate in a chain. A missing entry is not known yet. */
export type KnownIntermediates = ReadonlyMap<string, Intermediates>;

/** Whether one certificate really signed the other. Never throws: both may have unknown kinds of keys. */
export function hasIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}
