/** The certificates that NGINX serves. Private keys are neither read nor returned. */
import { X509Certificate } from 'node:crypto';
import type { LiveCertificate } from '../../types/live.ts';
import type { Plan } from '../../types/plan.ts';
import { sortSteps } from '../../types/sort.ts';
import type { Steps } from '../../types/steps.ts';
import type { CertificateItem } from '../schema/certificates.ts';
import type { CertificatesQuery } from '../schema/certificates.ts';
import { isFound } from './search.ts';

/** Key of the default certificate, and the server name that stands for all other names. */
const DEFAULT = '_';
const MOST_HOSTS = 100;
const DAY_MS = 86_400_000;

/** What a certificate says about itself. Times are in milliseconds since 1970. */
interface Facts {
  readonly names: readonly string[];
  readonly fingerprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly issuer: string;
}

export interface FoundCertificate {
  readonly key: string;
  readonly facts: Facts;
  readonly hosts: readonly string[];
}

/** A build reuses the objects of certificates that have not changed, so each of them is parsed once. */
const known = new WeakMap<LiveCertificate, Facts>();

function factsOf(certificate: LiveCertificate): Facts {
  const facts = known.get(certificate) ?? read(certificate.chain);
  known.set(certificate, facts);
  return facts;
}

function read(chain: string): Facts {
  const leaf = new X509Certificate(chain);
  const names = (leaf.subjectAltName ?? '')
    .split(', ')
    .flatMap((name) => /^(?:DNS|IP Address):(.*)$/.exec(name)?.[1] ?? []);
  return {
    names,
    fingerprint: leaf.fingerprint256,
    notBefore: Date.parse(leaf.validFrom),
    notAfter: Date.parse(leaf.validTo),
    issuer: /^CN=(.*)$/m.exec(leaf.issuer)?.[1] ?? leaf.issuer.replaceAll('\n', ', '),
  };
}

/**
 * The certificates that the filters select, in the order in which they expire. The filter `host` selects the
 * certificate for this server name, and the filter `namespace` selects those of Secrets in this namespace.
 */
export function* selectedCertificates(
  { certificates, names }: Pick<Plan['live'], 'certificates' | 'names'>,
  { host, namespace, search }: Pick<CertificatesQuery, 'host' | 'namespace' | 'search'>,
): Steps<readonly FoundCertificate[]> {
  const hosts = Map.groupBy(names.keys(), (name) => names.get(name) ?? '');
  yield;
  const only = host === undefined ? undefined : certificateFor(names, host.toLowerCase());
  const found: FoundCertificate[] = [];
  for (const [key, certificate] of certificates) {
    const isMeant = namespace === undefined || key.startsWith(`${namespace}/`);
    if (!isMeant || (host !== undefined && key !== only)) continue;
    const facts = factsOf(certificate);
    const served = hosts.get(key) ?? [];
    if (isFound(search, () => [key, ...facts.names, ...served])) found.push({ key, facts, hosts: served });
    yield;
  }
  return yield* sortSteps(found, (a, b) => a.facts.notAfter - b.facts.notAfter);
}

/**
 * The key of the certificate for a server name: the certificate for the name, for its wildcard, or the default
 * certificate.
 */
function certificateFor(names: Plan['live']['names'], name: string): string | undefined {
  return names.get(name) ?? names.get(name.replace(/^[^.]*/, '*')) ?? names.get(DEFAULT);
}

/** `now`: milliseconds since 1970. */
export function certificateItem(
  { key, facts, hosts }: FoundCertificate,
  now: number,
  defaultCertificate: string | null,
  keptCertificate: (secret: string) => string | undefined,
): CertificateItem {
  const { names, fingerprint, notBefore, notAfter, issuer } = facts;
  const secret = key === DEFAULT ? defaultCertificate : key;
  return {
    secret,
    names: [...names],
    fingerprint,
    notBefore: new Date(notBefore).toISOString(),
    notAfter: new Date(notAfter).toISOString(),
    daysLeft: Math.floor((notAfter - now) / DAY_MS),
    issuer,
    hosts: hosts.slice(0, MOST_HOSTS),
    moreHosts: Math.max(0, hosts.length - MOST_HOSTS),
    fallback: hosts.includes(DEFAULT),
    kept: secret === null ? null : (keptCertificate(secret) ?? null),
  };
}
