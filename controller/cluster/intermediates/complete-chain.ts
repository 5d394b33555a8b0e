/** Completes a chain from its last certificate towards a root, one issuer at a time. */
import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { hasIssued, type Intermediates } from '../../types/intermediates.ts';
import { shorten } from '../../types/problem.ts';
import { yieldToEventLoop } from '../../time/yield-to-event-loop.ts';
import type { FetchIssuer } from './fetch-issuer.ts';

const MOST_STEPS = 5;
/** How many URLs of one certificate are tried. Certificates rarely have more than one. */
const MOST_URLS = 3;
const CA_ISSUERS = 'CA Issuers - URI:';

type BySubject = ReadonlyMap<string, readonly X509Certificate[]>;

const parsed = new WeakMap<readonly string[], Promise<BySubject>>();

async function readRoots(roots: readonly string[]): Promise<BySubject> {
  const bySubject = new Map<string, X509Certificate[]>();
  for (const pem of roots) {
    await yieldToEventLoop();
    const root = new X509Certificate(pem);
    bySubject.set(root.subject, [...(bySubject.get(root.subject) ?? []), root]);
  }
  return bySubject;
}

async function isIssuedByRoot(certificate: X509Certificate, roots: readonly string[]): Promise<boolean> {
  const bySubject = parsed.get(roots) ?? readRoots(roots);
  parsed.set(roots, bySubject);
  return ((await bySubject).get(certificate.issuer) ?? []).some((root) => hasIssued(root, certificate));
}

/** The http and https URLs of "CA Issuers" in a certificate's Authority Information Access extension. */
export function issuerUrls({ infoAccess }: X509Certificate): readonly string[] {
  return (infoAccess ?? '')
    .split('\n')
    .filter((line) => line.startsWith(CA_ISSUERS))
    .map((line) => line.slice(CA_ISSUERS.length))
    .filter((url) => /^https?:/i.test(url))
    .slice(0, MOST_URLS);
}

async function findIssuer(
  certificate: X509Certificate,
  urls: readonly string[],
  fetch: FetchIssuer,
): Promise<X509Certificate | string> {
  const reasons: string[] = [];
  for (const url of urls) {
    const fetched = await fetch(url);
    if (!fetched.ok) {
      reasons.push(fetched.reason);
      continue;
    }
    const issuer = fetched.certificates.find((one) => one.ca && hasIssued(one, certificate));
    if (issuer === undefined) reasons.push(`${shorten(url)}: the response is not the certificate of the issuer`);
    else if (issuer.validToDate.getTime() < Date.now()) reasons.push(`${shorten(url)}: the issuer has expired`);
    else return issuer;
  }
  return reasons.join('; ');
}

/**
 * Finds the certificates between `pem` and a root. The root itself is left out, because clients have it. A chain also
 * counts as complete at a certificate whose issuer is among `roots` (PEM; by default the browsers' roots, which are
 * part of Node), and at a certificate without a URL, because the issuer may be a root that only the clients of the site
 * know. Never rejects.
 */
export async function completeChain(
  pem: string,
  fetch: FetchIssuer,
  roots: readonly string[] = rootCertificates,
): Promise<Intermediates> {
  const found: X509Certificate[] = [];
  const end = (failure?: string): Intermediates => ({ chain: found.map(String).join(''), failure });
  for (let current = new X509Certificate(pem); ;) {
    if (await isIssuedByRoot(current, roots)) return end();
    const urls = issuerUrls(current);
    if (urls.length === 0) return end();
    if (found.length === MOST_STEPS) return end(`no root certificate within ${MOST_STEPS} issuers`);
    const issuer = await findIssuer(current, urls, fetch);
    if (typeof issuer === 'string') return end(issuer);
    if (hasIssued(issuer, issuer)) return end();
    found.push(issuer);
    current = issuer;
  }
}
