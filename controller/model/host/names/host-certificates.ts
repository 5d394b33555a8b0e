/** The certificates that one host adds to the table of certificates, and the default certificate. */
import type { LiveCertificate } from '../../../types/live.ts';
import type { Problem } from '../../../types/problem.ts';
import type { Snapshot } from '../../../types/snapshot.ts';
import { certify } from '../../certificates/certificates.ts';
import type { EntryInput } from '../../ingress/entries.ts';
import { servedCertificate } from '../../certificates/kept-certificates.ts';
import type { BuildOptions } from '../../contract/options.ts';
import type { Resources } from '../../contract/resources.ts';
import type { HostNames } from './server-names.ts';
import { DEFAULT_CERTIFICATE, type HostTls } from '../../certificates/tls.ts';

export interface HostCertificates {
  /** Keys of certificates, each with its certificate. */
  readonly certificates: readonly (readonly [string, LiveCertificate])[];
  /** TLS names, each with the key of its certificate. */
  readonly names: readonly (readonly [string, string])[];
}

export const NO_CERTIFICATES: HostCertificates = { certificates: [], names: [] };

/** TLS of a host, and of the name that from-to-www-redirect redirects to it. */
export interface Secured {
  readonly host: string;
  readonly tls: HostTls | undefined;
  readonly www: string | undefined;
  readonly wwwTls: HostTls | undefined;
}

/** The certificates of one host, without the default certificate. */
export function certificatesOf(
  { host, tls, www, wwwTls }: Secured,
  { aliases }: HostNames,
  { snapshot, options }: EntryInput,
): HostCertificates {
  if (tls === undefined) return NO_CERTIFICATES;
  const tlsOf = new Map([[host, tls]]);
  // A redirected name without a certificate of its own gets that of a wildcard host, or the default certificate.
  if (www !== undefined && wwwTls !== undefined && wwwTls.leaf !== undefined) tlsOf.set(www, wwwTls);
  const aliasesOf = (each: string): readonly string[] => (each === host ? aliases : []);
  const { certificates, names } = certify(tlsOf, aliasesOf, snapshot, options, []);
  certificates.delete(DEFAULT_CERTIFICATE);
  names.delete(DEFAULT_CERTIFICATE);
  return { certificates: [...certificates], names: [...names] };
}

/**
 * Records the Secret of the default certificate as in force. This is done here, because the live data does not contain
 * the name of that Secret.
 */
export function noteDefaultCertificate(
  snapshot: Snapshot,
  options: BuildOptions,
  objects: Pick<Resources, 'inForce'>,
): void {
  const key = options.defaultSslCertificate;
  const found = key === null ? undefined : servedCertificate(key, { snapshot, options });
  if (found !== undefined && 'secret' in found) objects.inForce(`default-certificate ${key}`, found.secret);
}

/** The certificate of TLS names without a certificate of their own; `was` itself if it is unchanged. */
export function defaultCertificate(
  { snapshot, options }: EntryInput,
  was: HostCertificates,
  problems: Problem[],
): HostCertificates {
  const found = certify(new Map(), () => [], snapshot, options, problems);
  const [certificates, names] = [[...found.certificates], [...found.names]];
  return certificates[0]?.[1] === was.certificates[0]?.[1] ? was : { certificates, names };
}
