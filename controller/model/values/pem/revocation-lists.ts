/** Lists of revoked certificates, read by OpenSSL as NGINX will read them: Node has no other access to that parser. */
import { createSecureContext } from 'node:tls';

const BLOCK = /-----BEGIN X509 CRL-----([\sA-Za-z0-9+/=]+)-----END X509 CRL-----/g;

/**
 * The lists in a PEM text, written anew, so that nothing else in it reaches NGINX; undefined if there is none, or if
 * OpenSSL cannot read one. `authority`: any certificate in PEM.
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
    // Without an authority Node would add all that it knows.
    createSecureContext({ ca: authority, crl: list });
    return true;
  } catch {
    return false;
  }
}
