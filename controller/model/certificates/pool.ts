/**
 * The pool: certificates in the namespace of --wildcard-certificates-namespace, for hosts with `spec.tls` but without a
 * usable certificate of their own. A certificate is found by the names in it: the host's own name, or the wildcard that
 * covers the host.
 */
import type { X509Certificate } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node';
import type { Problem } from '../../types/problem.ts';
import { namespaceOf, type ObjectKey, type Snapshot } from '../../types/snapshot.ts';
import type { Steps } from '../../types/steps.ts';
import { differingKeys } from '../../types/table/diff.ts';
import { BOUNDS, excess } from '../contract/bounds.ts';
import type { BuildOptions } from '../contract/options.ts';
import { certificateNotices } from './certificate-notices.ts';
import { type ServedCertificate, servedCertificate } from './kept-certificates.ts';

/** A certificate of the pool; `key`: `namespace/name` of its Secret. */
export interface PooledCertificate {
  readonly key: ObjectKey;
  readonly leaf: X509Certificate;
  /** The version of the Secret that contains it. */
  readonly secret: V1Secret;
}

export interface CertificatePool {
  /** Name in a certificate, such as `shop.example.com` or `*.example.com` → the certificate that is used for it. */
  readonly names: ReadonlyMap<string, PooledCertificate>;
  /** The Secrets of the pool, sorted by their keys. */
  readonly secrets: ReadonlyMap<ObjectKey, V1Secret>;
  /** Keys of the Secrets within --max-pool-certificates; the others are not used. */
  readonly used: ReadonlySet<ObjectKey>;
  readonly problems: readonly Problem[];
  /** What the pool was read from. */
  readonly from: Pick<PoolInput, 'options'> & { readonly all: Snapshot['Secret'] };
}

type PoolOptions = Pick<
  BuildOptions,
  'wildcardCertificatesNamespace' | 'bounds' | 'keptSecrets' | 'now' | 'certificateWarningDays'
>;

export interface PoolInput {
  readonly snapshot: Pick<Snapshot, 'Secret'>;
  readonly options: PoolOptions;
}

const NOTHING = new Map<string, never>();

/** The pool if --wildcard-certificates-namespace is not set. */
export const NO_POOL: Omit<CertificatePool, 'from'> & { readonly from: undefined } = {
  names: NOTHING,
  secrets: NOTHING,
  used: new Set(),
  problems: [],
  from: undefined,
};
export type Pool = CertificatePool | typeof NO_POOL;

/** `before`: the pool of the previous build. It is returned again if nothing that was read has changed. */
export function* readPool({ snapshot, options }: PoolInput, before: Pool): Steps<Pool> {
  if (options.wildcardCertificatesNamespace === '') return NO_POOL;
  const secrets = membersOf(snapshot.Secret, options.wildcardCertificatesNamespace, before);
  const from = { options, all: snapshot.Secret };
  const { keptSecrets } = options;
  const sameKept = [...secrets.keys()].every(
    (key) => keptSecrets?.get(key) === before.from?.options.keptSecrets?.get(key),
  );
  if (before.from !== undefined && secrets === before.secrets && sameKept && before.from.options.now === options.now)
    return { ...before, from };
  const problems: Problem[] = [];
  const names = new Map<string, PooledCertificate & Pick<ServedCertificate, 'ends'>>();
  const tooMany = excess('poolCertificates', secrets.size, options.bounds);
  if (tooMany !== undefined) problems.push(tooManySecrets(options.wildcardCertificatesNamespace, tooMany));
  const used = new Set([...secrets.keys()].slice(0, options.bounds.poolCertificates));
  for (const key of used) {
    const found = servedCertificate(key, { snapshot, options });
    if ('missing' in found) problems.push(unusable(key, found.reason));
    else {
      problems.push(...noticesOf(key, found, options));
      const { leaf, secret, ends } = found;
      for (const name of namesIn(leaf)) {
        const other = names.get(name);
        // The certificate that expires last; if several do, the first of them.
        if (other === undefined || ends > other.ends) names.set(name, { key, leaf, secret, ends });
      }
    }
    yield;
  }
  return { names, secrets, used, problems, from };
}

/** The Secrets of the pool; the same map as before if none of them changed. */
function membersOf(all: Snapshot['Secret'], namespace: string, before: Pool): ReadonlyMap<ObjectKey, V1Secret> {
  const changed = [...differingKeys(before.from?.all ?? NOTHING, all)].filter((key) => namespaceOf(key) === namespace);
  if (changed.length === 0) return before.secrets;
  const members = new Map<ObjectKey, V1Secret>(before.secrets);
  for (const key of changed) {
    const secret = all.get(key);
    if (secret?.type === 'kubernetes.io/tls') members.set(key, secret);
    else members.delete(key);
  }
  return new Map([...members].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const known = new WeakMap<X509Certificate, readonly string[]>();

/** DNS names in a certificate, in lower case. Names with a wildcard for a part of a label are left out. */
function namesIn(leaf: X509Certificate): readonly string[] {
  const found =
    known.get(leaf) ??
    (leaf.subjectAltName ?? '')
      .split(', ')
      .flatMap((name) => /^DNS:((?:\*\.)?[a-z0-9.-]+)$/i.exec(name)?.[1]?.toLowerCase() ?? []);
  known.set(leaf, found);
  return found;
}

/** The certificate of the pool for a host, which may be a wildcard; undefined if there is none. */
export function pooledFor(host: string, { names }: Pool): PooledCertificate | undefined {
  return namesAsked(host)
    .map((name) => names.get(name))
    .find((found) => found !== undefined);
}

/** The names under which a certificate for the host is looked up, in this order. */
export function namesAsked(host: string): readonly string[] {
  return host === '' ? [] : [host, `*${host.slice(Math.max(0, host.indexOf('.')))}`];
}

/** Names for which another certificate, or another version of it, is used than before. */
export function changedNames(before: Pool, now: Pool): ReadonlySet<string> {
  if (before.names === now.names) return new Set();
  const all = new Set([...before.names.keys(), ...now.names.keys()]);
  return new Set([...all].filter((name) => before.names.get(name)?.secret !== now.names.get(name)?.secret));
}

function secretRef(key: ObjectKey) {
  const [namespace = '', name = ''] = key.split('/');
  return { kind: 'Secret', namespace, name };
}

function noticesOf(key: ObjectKey, found: ServedCertificate, options: PoolOptions): readonly Problem[] {
  const words = {
    holder: `Secret ${key}`,
    certificate: `the certificate of Secret ${key}, which is in the pool,`,
    clients: 'clients of the hosts that have no certificate of their own',
  };
  const notices = certificateNotices(found, options, words);
  return notices.map((notice): Problem => ({ ...notice, effect: 'none', object: secretRef(key) }));
}

function unusable(key: ObjectKey, reason: string): Problem {
  const object = secretRef(key);
  const { namespace, name } = object;
  return {
    code: 'unusable-secret',
    severity: 'error',
    effect: 'none',
    object,
    message: `Secret ${key} ${reason}; it is not used for hosts without a certificate of their own`,
    example: `kubectl create secret tls ${name} --namespace ${namespace} --cert tls.crt --key tls.key`,
  };
}

function tooManySecrets(namespace: string, tooMany: string): Problem {
  return {
    code: 'bound-exceeded',
    severity: 'error',
    effect: 'none',
    object: { kind: 'Namespace', namespace: '', name: namespace },
    message: `the namespace of --wildcard-certificates-namespace ${tooMany}; ${BOUNDS.poolCertificates.beyond}`,
  };
}
