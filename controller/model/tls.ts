/** Certificates of hosts (annotations-notes, section 6): which Secret answers a name, and whether it can. */
import type { X509Certificate } from 'node:crypto';
import type { ObjectRef, Problem } from '../types/problem.ts';
import type { Snapshot } from '../types/snapshot.ts';
import type { IngressModel } from './ingress-model.ts';
import { servedCertificate } from './kept-certificates.ts';
import type { BuildOptions } from './options.ts';

/** Key of the default certificate in the live data. */
export const DEFAULT_CERTIFICATE = '_';

const coverage = new WeakMap<X509Certificate, Map<string, boolean>>();

/** Whether a certificate names a host; `host` may be a one-label wildcard itself. */
export function covers(leaf: X509Certificate, host: string): boolean {
  const known = coverage.get(leaf) ?? new Map<string, boolean>();
  coverage.set(leaf, known);
  const asked = host.startsWith('*.') ? `any-label${host.slice(1)}` : host;
  const answer = known.get(host) ?? leaf.checkHost(asked, { subject: 'never' }) !== undefined;
  known.set(host, answer);
  return answer;
}

export interface HostTls {
  /** `namespace/name` of the Secret, or `_` for the default certificate. */
  readonly certificate: string;
  readonly leaf: X509Certificate | undefined;
}

/** The TLS of one host from the first Ingress (oldest first) that has a `spec.tls`; undefined for plain hosts. */
export function hostTls(
  host: string,
  models: readonly IngressModel[],
  given: { readonly snapshot: Snapshot; readonly options: Pick<BuildOptions, 'bounds' | 'keptSecrets' | 'now'> },
  problems: Problem[],
): HostTls | undefined {
  for (const { ingress, ref } of models) {
    const entries = ingress.spec?.tls ?? [];
    if (entries.length === 0) continue;
    const index = entries.findIndex((entry) => entry.hosts?.includes(host));
    if (index >= 0) {
      const name = entries[index]?.secretName;
      if (name === undefined || name === '') return { certificate: DEFAULT_CERTIFICATE, leaf: undefined };
      return usable(host, ref, index, name, given, problems);
    }
    for (const entry of entries) {
      const certificate = `${ref.namespace}/${entry.secretName ?? ''}`;
      const found = servedCertificate(certificate, given);
      if ('leaf' in found && covers(found.leaf, host)) return { certificate, leaf: found.leaf };
    }
    return { certificate: DEFAULT_CERTIFICATE, leaf: undefined };
  }
  return undefined;
}

function usable(
  host: string,
  ref: ObjectRef,
  index: number,
  name: string,
  given: Parameters<typeof hostTls>[2],
  problems: Problem[],
): HostTls {
  const key = `${ref.namespace}/${name}`;
  const example = `kubectl create secret tls ${name} --namespace ${ref.namespace} --cert tls.crt --key tls.key`;
  const problem = (code: string, severity: Problem['severity'], message: string): HostTls => {
    problems.push({
      code,
      severity,
      effect: 'default-certificate',
      object: ref,
      field: ['spec', 'tls', index, 'secretName'],
      value: name,
      message: `${message}; ${host} is answered with the default certificate`,
      example,
    });
    return { certificate: DEFAULT_CERTIFICATE, leaf: undefined };
  };
  const found = servedCertificate(key, given);
  if ('missing' in found)
    return found.missing
      ? problem('missing-secret', 'notice', `Secret ${key} ${found.reason}`)
      : problem('unusable-secret', 'error', `Secret ${key} ${found.reason}`);
  if (!covers(found.leaf, host))
    return problem('certificate-name-mismatch', 'warning', `the certificate of Secret ${key} is not for ${host}`);
  if (found.kept !== undefined)
    problems.push({
      code: 'certificate-kept',
      severity: 'error',
      effect: 'none',
      object: ref,
      field: ['spec', 'tls', index, 'secretName'],
      value: name,
      message: `Secret ${key} ${found.kept}`,
      example,
    });
  else if (found.ends <= (given.options.now ?? -Infinity))
    problems.push({
      code: 'certificate-expired',
      severity: 'warning',
      effect: 'none',
      object: ref,
      field: ['spec', 'tls', index, 'secretName'],
      value: name,
      message: `the certificate of Secret ${key} expired at ${new Date(found.ends).toISOString()}; clients of ${host} get it all the same`,
      example,
    });
  return { certificate: key, leaf: found.leaf };
}
