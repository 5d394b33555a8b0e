/** Reads and writes the content of the Secret that contains the CA and the serving certificate of the webhook. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate that was read, with its PEM, and its times in ms since 1970. */
export interface ReadCertificate {
  readonly pem: string;
  readonly x509: X509Certificate;
  /** Start of its validity, which is `backdatedMs` before it was issued. */
  readonly begins: number;
  readonly ends: number;
}

export interface ServingCertificate extends ReadCertificate {
  readonly key: string;
}

export interface WebhookMaterial {
  /** Trusted CAs. The first one signs. */
  readonly authorities: readonly ReadCertificate[];
  /** PEM of the private key of the first CA; undefined if it is missing or belongs to another certificate. */
  readonly authorityKey: string | undefined;
  /** Undefined if the certificate or its key is missing or unreadable, or if they do not belong together. */
  readonly serving: ServingCertificate | undefined;
}

/** PEM of a serving certificate and its key. */
type ServingPair = Pick<ServingCertificate, 'pem' | 'key'>;

/** The `data` of a Secret: base64. */
type SecretData = Readonly<Record<string, string>>;

export const NO_MATERIAL: WebhookMaterial = { authorities: [], authorityKey: undefined, serving: undefined };

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
/** More text than this is not read: four certificates of this project take 3 kB, and others may have written here. */
const MOST_CHARACTERS = 64 * 1024;
const MOST_CERTIFICATES = 16;

function readCertificate(pem: string): ReadCertificate | undefined {
  try {
    const x509 = new X509Certificate(pem);
    return { pem: `${pem.trim()}\n`, x509, begins: Date.parse(x509.validFrom), ends: Date.parse(x509.validTo) };
  } catch {
    return undefined;
  }
}

/** The CA certificates in a PEM text, in their order. Everything else in the text is left out. */
export function readAuthorities(text: string): readonly ReadCertificate[] {
  const blocks = text.slice(0, MOST_CHARACTERS).match(PEM) ?? [];
  return blocks.slice(0, MOST_CERTIFICATES).flatMap((block) => {
    const found = readCertificate(block);
    return found?.x509.ca === true ? [found] : [];
  });
}

/** The key if it is readable and belongs to the certificate. */
function keyOf(certificate: ReadCertificate | undefined, key: string): string | undefined {
  try {
    return certificate?.x509.checkPrivateKey(createPrivateKey(key)) === true ? key : undefined;
  } catch {
    return undefined;
  }
}

export function readMaterial(data: SecretData): WebhookMaterial {
  const text = (name: string) =>
    Buffer.from(data[name] ?? '', 'base64')
      .toString('utf8')
      .slice(0, MOST_CHARACTERS);
  const authorities = readAuthorities(text('ca.crt'));
  const certificate = readCertificate(text('tls.crt'));
  const key = keyOf(certificate, text('tls.key'));
  return {
    authorities,
    authorityKey: keyOf(authorities[0], text('ca.key')),
    serving: certificate === undefined || key === undefined ? undefined : { ...certificate, key },
  };
}

/**
 * The `data` of the Secret. `ca.key` is the private key of the first certificate in `ca.crt`. Without a serving
 * certificate, `tls.crt` and `tls.key` are empty.
 */
export function materialData(
  authorities: readonly ReadCertificate[],
  authorityKey: string,
  serving: ServingPair | undefined,
): SecretData {
  const texts = {
    'ca.crt': bundleOf(authorities),
    'ca.key': authorityKey,
    'tls.crt': serving?.pem ?? '',
    'tls.key': serving?.key ?? '',
  };
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text).toString('base64')]));
}

export function bundleOf(authorities: readonly ReadCertificate[]): string {
  return authorities.map(({ pem }) => pem).join('');
}

/** Whether the certificate is signed by this CA. */
export function isSignedBy({ x509 }: ReadCertificate, authority: ReadCertificate | undefined): boolean {
  return authority !== undefined && x509.checkIssued(authority.x509) && x509.verify(authority.x509.publicKey);
}

/** Whether the certificate is valid for all these DNS names and IP addresses. */
export function isValidFor({ x509 }: ReadCertificate, names: readonly string[]): boolean {
  return names.every((name) => (isIP(name) === 0 ? x509.checkHost(name) : x509.checkIP(name)) !== undefined);
}

/** The certificates that have not expired, in their order and without duplicates. */
export function unexpired(certificates: readonly ReadCertificate[], now: number): readonly ReadCertificate[] {
  const byPrint = new Map(certificates.map((each) => [each.x509.fingerprint256, each]));
  return [...byPrint.values()].filter(({ ends }) => ends > now);
}
