/**
 * The certificate file that server blocks refer to, because nginx requires one; Lua chooses the certificate that
 * clients get.
 */
import { createHash } from 'node:crypto';
import type { FilePlan } from '../types/plan.ts';
import type { RenderOptions } from './options.ts';

const fallbackFiles = new WeakMap<RenderOptions['fallbackCertificate'], FilePlan>();

/** The self-signed certificate and its key, as one file for ssl_certificate and ssl_certificate_key. */
export function fallbackFile({ fallbackCertificate: pair }: RenderOptions): FilePlan {
  const known = fallbackFiles.get(pair);
  if (known !== undefined) return known;
  const content = `${pair.chain.trim()}\n${pair.key.trim()}\n`;
  const file = { name: `${createHash('sha256').update(content).digest('hex').slice(0, 32)}.pem`, content };
  fallbackFiles.set(pair, file);
  return file;
}
