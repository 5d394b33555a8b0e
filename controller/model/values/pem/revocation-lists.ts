/** Lists of revoked certificates, read by OpenSSL itself as NGINX will read them: Node has no other door to that parser. */
import { createSecureContext } from 'node:tls';

const BLOCK = /-----BEGIN X509 CRL-----([\sA-Za-z0-9+/=]+)-----END X509 CRL-----/g;

/**
 * The lists of a PEM text, written anew, so that nothing else in it reaches NGINX; undefined where there is none, or one that
 * OpenSSL does not read. `authority`: any certificate in PEM.
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
    // Without an authority Node would add all of those that it knows.
    createSecureContext({ ca: authority, crl: list });
    return true;
  } catch {
    return false;
  }
}
