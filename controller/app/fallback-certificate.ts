import { readFile, rename, writeFile } from 'node:fs/promises';
import { generate } from 'selfsigned';

export interface CertificatePair {
  /** PEM */
  readonly chain: string;
  readonly key: string;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/;
const KEY = /-----BEGIN (?:EC |RSA )?PRIVATE KEY-----[\s\S]+-----END (?:EC |RSA )?PRIVATE KEY-----/;

/**
 * Returns the self-signed certificate for TLS server names without a certificate. It is stored in `file` (mode 0600),
 * so that NGINX serves the same one after a restart of the controller. If the file is missing or damaged, a new
 * certificate is generated.
 */
export async function fallbackCertificate(file: string): Promise<CertificatePair> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const [chain, key] = [CERTIFICATE.exec(text)?.[0], KEY.exec(text)?.[0]];
  if (chain !== undefined && key !== undefined) return { chain: `${chain}\n`, key: `${key}\n` };
  const pair = await createPair();
  await writeFile(`${file}.new`, pair.chain + pair.key, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return pair;
}

/**
 * Generates a certificate pair without writing it to disk, for the commands that only show or check a configuration.
 */
export async function createPair(): Promise<CertificatePair> {
  const tenYears = new Date();
  tenYears.setFullYear(tenYears.getFullYear() + 10);
  const made = await generate([{ name: 'commonName', value: 'Tidegate default certificate' }], {
    keyType: 'ec',
    curve: 'P-256',
    notAfterDate: tenYears,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'ingress.local' }] }],
  });
  return { chain: `${made.cert.trim()}\n`, key: `${made.private.trim()}\n` };
}
