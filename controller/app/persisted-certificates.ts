/** Reads certificates from the live data that NGINX was last given, so that a restarted controller can keep them. */
import type { V1Secret } from '@kubernetes/client-node';
import type { LiveCertificate, LiveDocument } from '../types/live.ts';
import type { ObjectKey } from '../types/snapshot.ts';

/**
 * `namespace/name` of a Secret → a function that returns the Secret with its last certificate. The default certificate
 * is omitted, because its live data does not name a Secret.
 */
export function persistedSecrets(document: LiveDocument): ReadonlyMap<ObjectKey, () => V1Secret | undefined> {
  const secrets = new Map<ObjectKey, () => V1Secret | undefined>();
  for (const [key, text] of document) {
    if (!key.startsWith('c:') || !key.includes('/')) continue;
    const secret = key.slice(2);
    secrets.set(secret, () => secretOf(secret, text));
  }
  return secrets;
}

function secretOf(key: ObjectKey, text: string): V1Secret | undefined {
  const [namespace = '', name = ''] = key.split('/');
  const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
  try {
    const { chain, key: privateKey } = JSON.parse(text) as LiveCertificate;
    return { metadata: { namespace, name }, data: { 'tls.crt': base64(chain), 'tls.key': base64(privateKey) } };
  } catch {
    return undefined;
  }
}
