/**
 * Finds certificates in a chain that OpenSSL refuses at the security level that Debian sets. With such a chain, TLS
 * handshakes would fail, or use the default certificate.
 */
import type { X509Certificate } from 'node:crypto';
import { RSA_LEAST } from './key-kind.ts';

/** Minimum number of bits of a curve. */
const EC_LEAST = 224;
/** Names of weak signature algorithms in OpenSSL: `sha1WithRSAEncryption`, `ecdsa-with-SHA1`. */
const WEAK = /^(?:md[245]|sha1?With)|[-_](?:sha1?|md[245])$|^dsaWithSHA$/i;
const PSS = 'RSASSA-PSS';
const PSS_OID = Buffer.from('06092a864886f70d01010a', 'hex');
/** Common prefix of the identifiers of SHA-256, -384, -512 and -224. PSS without an identifier of a hash uses SHA-1. */
const SHA2_OID = Buffer.from('6086480165030402', 'hex');
/**
 * The identifier of the hash that PSS uses is within this number of bytes from the beginning of the identifier of PSS.
 */
const PSS_PARAMETERS = 40;

function hasWeakSignature(certificate: X509Certificate): boolean {
  const { signatureAlgorithm = '', raw } = certificate;
  if (signatureAlgorithm !== PSS && !WEAK.test(signatureAlgorithm)) return false;
  const parameters = raw.subarray(raw.lastIndexOf(PSS_OID));
  if (signatureAlgorithm === PSS && parameters.subarray(0, PSS_PARAMETERS).includes(SHA2_OID)) return false;
  // OpenSSL does not check the signature of a self-signed certificate.
  return certificate.subject !== certificate.issuer || !certificate.verify(certificate.publicKey);
}

function shortKey({ publicKey }: X509Certificate): string | undefined {
  const { asymmetricKeyType: kind, asymmetricKeyDetails: { modulusLength = 0, namedCurve = '' } = {} } = publicKey;
  if (kind?.startsWith('rsa') === true && modulusLength < RSA_LEAST) return `an RSA key of ${modulusLength} bits`;
  const bits = Number(/\d{3}/.exec(namedCurve)?.[0] ?? EC_LEAST);
  return kind === 'ec' && bits < EC_LEAST ? `a key on the curve ${namedCurve}` : undefined;
}

/** Why a chain is refused, as the end of a sentence that begins with the Secret; undefined if the chain is accepted. */
export function chainRefusal(chain: readonly X509Certificate[]): string | undefined {
  for (const [index, certificate] of chain.entries()) {
    const which = `holds a tls.crt whose certificate ${index + 1}`;
    if (hasWeakSignature(certificate))
      return `${which} is signed with ${certificate.signatureAlgorithm ?? 'SHA-1'}, which OpenSSL no longer accepts`;
    const short = index === 0 ? undefined : shortKey(certificate);
    if (short !== undefined) return `${which} has ${short}, which is too short for OpenSSL`;
  }
  return undefined;
}
