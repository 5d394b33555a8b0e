/**
 * Checks private keys: only keys that OpenSSL accepts, and with which handshakes are fast enough, are sent to NGINX.
 */
import type { KeyObject } from 'node:crypto';
import { type Bounds, excess } from '../../contract/bounds.ts';

/**
 * Minimum bits of an RSA key. At the security level that Debian sets, OpenSSL refuses shorter keys in every handshake.
 */
export const RSA_LEAST = 2048;
/** Accepted curves, by their names in OpenSSL. */
const CURVES: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

/** Why a key is refused, as the end of a sentence that begins with the Secret; undefined if the key is accepted. */
export function keyRefusal(
  key: Pick<KeyObject, 'asymmetricKeyType' | 'asymmetricKeyDetails'>,
  bounds: Bounds,
): string | undefined {
  const { asymmetricKeyType: kind = 'unknown', asymmetricKeyDetails: details = {} } = key;
  if (kind === 'ed25519') return undefined;
  if (kind === 'ec') {
    const curve = details.namedCurve ?? 'unknown';
    return CURVES.has(curve) ? undefined : `has a key on the curve ${curve}; accepted: P-256, P-384 and P-521`;
  }
  if (kind !== 'rsa') return `has a key of the kind ${kind}; accepted: RSA, ECDSA and Ed25519`;
  const bits = details.modulusLength ?? 0;
  if (bits < RSA_LEAST) return `has an RSA key of ${bits} bits, fewer than the ${RSA_LEAST} that OpenSSL requires`;
  return excess('rsaBits', bits, bounds, 'has an RSA key of');
}
