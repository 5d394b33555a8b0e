/** The certificates of all hosts, as live data. */
import type { LiveCertificate } from '../types/live.ts';
import type { Problem } from '../types/problem.ts';
import type { Snapshot } from '../types/snapshot.ts';
import type { BuildOptions } from './options.ts';
import { pairOf } from './certificate-pair.ts';
import { covers, DEFAULT_CERTIFICATE, type HostTls } from './tls.ts';

export interface Certificates {
  readonly certificates: Map<string, LiveCertificate>;
  readonly names: Map<string, string>;
}

/** Certificates, and which of them answers each name; `aliasesOf` gives the exact aliases of a host. */
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
    const secret = snapshot.Secret.get(tls.certificate);
    const pair = secret === undefined ? undefined : pairOf(secret, options.bounds);
    if (pair?.ok === true) certificates.set(tls.certificate, pair.certificate);
  }
  return { certificates, names };
}

function defaultCertificate(snapshot: Snapshot, options: BuildOptions, problems: Problem[]): LiveCertificate {
  if (options.defaultSslCertificate === null) return options.fallbackCertificate;
  const secret = snapshot.Secret.get(options.defaultSslCertificate);
  const pair = secret === undefined ? undefined : pairOf(secret, options.bounds);
  if (pair?.ok === true) return pair.certificate;
  const [namespace = '', name = ''] = options.defaultSslCertificate.split('/');
  problems.push({
    code: secret === undefined ? 'missing-secret' : 'unusable-secret',
    severity: secret === undefined ? 'notice' : 'error',
    effect: 'default-certificate',
    object: { kind: 'Secret', namespace, name },
    message: `the default certificate ${pair?.reason ?? 'does not exist'}; a self-signed one is used`,
  });
  return options.fallbackCertificate;
}
