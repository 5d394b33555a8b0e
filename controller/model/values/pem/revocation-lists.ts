/**
 * Certificate revocation lists. They are checked with OpenSSL's parser, because NGINX uses it, too. Node offers this
 * parser only as part of a TLS context.
 */
import { createSecureContext } from 'node:tls';

const BLOCK = /-----BEGIN X509 CRL-----([\sA-Za-z0-9+/=]+)-----END X509 CRL-----/g;

/**
 * The revocation lists in a PEM text, encoded again so that no other text in it reaches NGINX. Undefined if there is no
 * list, or if OpenSSL cannot read one of them. `authority`: any certificate in PEM.
 */
export function revocationLists(text: string, authority: string): string | undefined {
  const lists = [...text.matchAll(BLOCK)].map(([, body = '']) => pemOf(Buffer.from(body, 'base64')));
  return lists.length > 0 && lists.every((list) => isRead(list, authority)) ? lists.join('') : undefined;
}

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN X509 CRL-----\n${lines.join('\n')}\n-----END X509 CRL-----\n`;
}

function isRead(list: string, authority: string): boolean {
  try {
    // Without `ca`, Node would load all root certificates that it knows.
    createSecureContext({ ca: authority, crl: list });
    return true;
  } catch {
    return false;
  }
}
