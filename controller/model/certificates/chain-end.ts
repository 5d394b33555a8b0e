/** The last certificate of a chain, and chains completed with the intermediate certificates that were fetched. */
import { X509Certificate } from 'node:crypto';
import { hasIssued, type Intermediates, type KnownIntermediates } from '../../types/intermediates.ts';
import type { LiveCertificate } from '../../types/live.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import type { Steps } from '../../types/steps.ts';
import type { BuildOptions } from '../contract/options.ts';
import { pairOf } from '../values/pem/certificate-pair.ts';
import { DEFAULT_CERTIFICATE } from './tls.ts';

export interface ChainEnd {
  /** SHA-256 fingerprint of the last certificate of the chain. */
  readonly fingerprint: string;
  readonly pem: string;
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const ends = new WeakMap<LiveCertificate, ChainEnd | null>();

/**
 * Longer chains are not examined. A Secret can contain a thousand certificates whose names make them look like each
 * other's issuers, and each comparison costs a signature verification.
 */
const MOST_CERTIFICATES = 10;

function findEnd({ chain }: LiveCertificate): ChainEnd | null {
  const blocks = chain.match(PEM) ?? [];
  if (blocks.length > MOST_CERTIFICATES) return null;
  const [leaf, ...others] = blocks.map((block) => new X509Certificate(block));
  let end = leaf;
  // The other certificates may be in any order: people concatenate them as they find them.
  const left = new Set(others);
  for (let next = end; next !== undefined;) {
    end = next;
    const current = end;
    next = [...left].find((other) => hasIssued(other, current));
    if (next !== undefined) left.delete(next);
  }
  if (end === undefined || hasIssued(end, end)) return null;
  return { fingerprint: end.fingerprint256, pem: end.toString() };
}

/**
 * The last certificate on the way from the leaf to a root; undefined if that certificate is a root, or if the chain has
 * more than ten certificates. Computed once for each object `certificate`.
 */
export function chainEnd(certificate: LiveCertificate): ChainEnd | undefined {
  const known = ends.get(certificate) ?? (ends.has(certificate) ? null : findEnd(certificate));
  ends.set(certificate, known);
  return known ?? undefined;
}

/**
 * Fingerprint → PEM of the last certificate of each chain in use. `used`: keys of certificates in the live data,
 * without the prefix `c:`. Runs in steps, because finding the end of a chain for the first time verifies signatures.
 */
export function* chainEnds(
  used: Iterable<string>,
  snapshot: Snapshot,
  { defaultSslCertificate, bounds }: Pick<BuildOptions, 'defaultSslCertificate' | 'bounds'>,
): Steps<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const key of used) {
    const secret = snapshot.Secret.get(key === DEFAULT_CERTIFICATE ? (defaultSslCertificate ?? '') : key);
    const pair = secret === undefined ? undefined : pairOf(secret, bounds);
    const end = pair?.ok === true ? chainEnd(pair.certificate) : undefined;
    if (end !== undefined) found.set(end.fingerprint, end.pem);
    yield;
  }
  return found;
}

const completions = new WeakMap<LiveCertificate, { readonly added: string; readonly certificate: LiveCertificate }>();

/**
 * Adds to a certificate the intermediates that are known to be missing from its chain. For the same certificate and the
 * same intermediates, the same object is returned.
 */
export function completed(
  certificate: LiveCertificate,
  intermediates: KnownIntermediates,
): { readonly certificate: LiveCertificate; readonly failure: Intermediates['failure'] } {
  const end = chainEnd(certificate);
  const known = end === undefined ? undefined : intermediates.get(end.fingerprint);
  if (known === undefined) return { certificate, failure: undefined };
  const { chain: added, failure } = known;
  if (added === '') return { certificate, failure };
  const memo = completions.get(certificate);
  if (memo?.added === added) return { certificate: memo.certificate, failure };
  const whole = { ...certificate, chain: certificate.chain + added };
  completions.set(certificate, { added, certificate: whole });
  return { certificate: whole, failure };
}
