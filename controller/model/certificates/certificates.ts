/** The certificates of all hosts, as live data. */
import type { LiveCertificate } from '../../types/live.ts';
import type { Problem } from '../../types/problem.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import type { BuildOptions } from '../contract/options.ts';
import { certificateNotices } from './certificate-notices.ts';
import { servedCertificate } from './kept-certificates.ts';
import { covers, DEFAULT_CERTIFICATE, type HostTls } from './tls.ts';

export interface Certificates {
  readonly certificates: Map<string, LiveCertificate>;
  /** TLS name → key of its certificate. */
  readonly names: Map<string, string>;
}

/** Collects the certificates of all hosts. `aliasesOf` returns the exact aliases of a host. */
export function certify(
  tlsOf: ReadonlyMap<string, HostTls | undefined>,
  aliasesOf: (host: string) => readonly string[],
  snapshot: Snapshot,
  options: BuildOptions,
  problems: Problem[],
): Certificates {
  const certificates = new Map<string, LiveCertificate>();
  const names = new Map<string, string>([[DEFAULT_CERTIFICATE, DEFAULT_CERTIFICATE]]);
  certificates.set(DEFAULT_CERTIFICATE, defaultCertificate(snapshot, options, problems));
  for (const [host, tls] of tlsOf) {
    if (tls === undefined || host === '') continue;
    names.set(host, tls.certificate);
    for (const alias of aliasesOf(host)) {
      if (tls.leaf !== undefined && covers(tls.leaf, alias)) names.set(alias, tls.certificate);
    }
    const found = servedCertificate(tls.certificate, { snapshot, options });
    if ('certificate' in found) certificates.set(tls.certificate, found.certificate);
  }
  return { certificates, names };
}

function defaultCertificate(snapshot: Snapshot, options: BuildOptions, problems: Problem[]): LiveCertificate {
  if (options.defaultSslCertificate === null) return options.fallbackCertificate;
  const found = servedCertificate(options.defaultSslCertificate, { snapshot, options });
  const [namespace = '', name = ''] = options.defaultSslCertificate.split('/');
  if ('certificate' in found) {
    const notices = certificateNotices(found, options, {
      holder: 'the default certificate',
      certificate: 'the default certificate',
      clients: 'clients of names without a certificate of their own',
    });
    problems.push(
      ...notices.map((notice): Problem => ({ ...notice, effect: 'none', object: { kind: 'Secret', namespace, name } })),
    );
    return found.certificate;
  }
  const { reason, missing } = found;
  problems.push({
    code: missing ? 'missing-secret' : 'unusable-secret',
    severity: missing ? 'notice' : 'error',
    effect: 'default-certificate',
    object: { kind: 'Secret', namespace, name },
    message: `the default certificate ${reason}; a self-signed one is used`,
  });
  return options.fallbackCertificate;
}
