/** Certificates of hosts: which Secret's certificate is served for a TLS name, and whether that Secret is usable. */
import type { X509Certificate } from 'node:crypto';
import type { ObjectRef, Problem } from '../../types/problem.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import type { IngressModel } from '../ingress/ingress-model.ts';
import { certificateNotices } from './certificate-notices.ts';
import { type ServedCertificate, servedCertificate } from './kept-certificates.ts';
import type { BuildOptions } from '../contract/options.ts';
import { type Pool, pooledFor } from './pool.ts';

/** Key of the default certificate in the live data. */
export const DEFAULT_CERTIFICATE = '_';

const coverage = new WeakMap<X509Certificate, Map<string, boolean>>();

/** Whether a certificate is valid for a host; `host` may itself be a wildcard such as `*.example.com`. */
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

interface Given {
  readonly pool: Pool;
  readonly snapshot: Snapshot;
  readonly options: Pick<BuildOptions, 'bounds' | 'keptSecrets' | 'now' | 'certificateWarningDays'>;
}

const OF_THE_DEFAULT: HostTls = { certificate: DEFAULT_CERTIFICATE, leaf: undefined };

/** The TLS configuration of a host without a usable certificate of its own. */
function withoutOwn(host: string, { pool }: Pick<Given, 'pool'>): HostTls {
  const found = pooledFor(host, pool);
  return found === undefined || !covers(found.leaf, host)
    ? OF_THE_DEFAULT
    : { certificate: found.key, leaf: found.leaf };
}

/**
 * The TLS configuration of one host, from the first of `models` (oldest Ingress first) that has a `spec.tls`; undefined
 * if no Ingress of the host has one. Order of precedence: the Secret that the Ingress names, a certificate of the pool,
 * the default certificate.
 */
export function hostTls(
  host: string,
  models: readonly IngressModel[],
  given: Given,
  problems: Problem[],
): HostTls | undefined {
  for (const { ingress, ref } of models) {
    const entries = ingress.spec?.tls ?? [];
    if (entries.length === 0) continue;
    const index = entries.findIndex((entry) => entry.hosts?.includes(host));
    const listed = entries[index];
    if (listed !== undefined) {
      const { secretName: name = '' } = listed;
      return name === '' ? withoutOwn(host, given) : usable({ host, ref, index, name }, given, problems);
    }
    for (const [place, { secretName: name = '' }] of entries.entries()) {
      const found = servedCertificate(`${ref.namespace}/${name}`, given);
      if ('leaf' in found && covers(found.leaf, host))
        return served({ host, ref, index: place, name }, found, given, problems);
    }
    // An entry of spec.tls without `hosts` applies to every host of the Ingress.
    const unnamed = entries.findIndex(({ hosts = [], secretName = '' }) => hosts.length === 0 && secretName !== '');
    const name = entries[unnamed]?.secretName;
    if (name !== undefined && host !== '') return usable({ host, ref, index: unnamed, name }, given, problems);
    return withoutOwn(host, given);
  }
  return undefined;
}

/** The entry of `spec.tls` that names a Secret for a host. */
interface Naming {
  readonly host: string;
  readonly ref: ObjectRef;
  /** Index in `spec.tls`. */
  readonly index: number;
  readonly name: string;
}

type Told = Pick<Problem, 'code' | 'severity' | 'message'> & { readonly effect?: Problem['effect'] };

function told({ ref, index, name }: Naming, { effect = 'none', ...rest }: Told): Problem {
  return {
    ...rest,
    effect,
    object: ref,
    field: ['spec', 'tls', index, 'secretName'],
    value: name,
    example: `kubectl create secret tls ${name} --namespace ${ref.namespace} --cert tls.crt --key tls.key`,
  };
}

function usable(naming: Naming, given: Given, problems: Problem[]): HostTls {
  const { host, ref, name } = naming;
  const key = `${ref.namespace}/${name}`;
  const refuse = (code: string, severity: Problem['severity'], reason: string): HostTls => {
    const instead = withoutOwn(host, given);
    if (instead === OF_THE_DEFAULT) {
      const message = `${reason}; ${host} gets the default certificate`;
      problems.push(told(naming, { code, severity, effect: 'default-certificate', message }));
    } else {
      const message = `${reason}; ${host} gets the certificate of Secret ${instead.certificate} of the pool`;
      problems.push(told(naming, { code, severity: severity === 'error' ? 'warning' : severity, message }));
    }
    return instead;
  };
  const found = servedCertificate(key, given);
  if ('missing' in found)
    return found.missing
      ? refuse('missing-secret', 'notice', `Secret ${key} ${found.reason}`)
      : refuse('unusable-secret', 'error', `Secret ${key} ${found.reason}`);
  if (!covers(found.leaf, host))
    return refuse('certificate-name-mismatch', 'warning', `the certificate of Secret ${key} is not for ${host}`);
  return served(naming, found, given, problems);
}

/** Reports the notices about a certificate in use, and returns the TLS of its host. */
function served(naming: Naming, found: ServedCertificate, { options }: Given, problems: Problem[]): HostTls {
  const certificate = `${naming.ref.namespace}/${naming.name}`;
  const notices = certificateNotices(found, options, {
    holder: `Secret ${certificate}`,
    certificate: `the certificate of Secret ${certificate}`,
    clients: `clients of ${naming.host}`,
  });
  problems.push(...notices.map((notice) => told(naming, notice)));
  return { certificate, leaf: found.leaf };
}
