/**
 * Plans the watches that cover all referenced Secrets and ConfigMaps and as few unreferenced ones as possible. Pure.
 */
import type { ObjectKey } from '../../types/snapshot.ts';
import type { Selection } from './resources.ts';

export type ReferencedKind = 'Secret' | 'ConfigMap';

export interface Wanted {
  readonly kind: ReferencedKind;
  readonly key: ObjectKey;
}

/** One watch: of a name in a namespace, of a namespace, or, if neither is set, of all namespaces. */
export interface ReferenceWatch {
  readonly kind: ReferencedKind;
  readonly namespace?: string;
  readonly name?: string;
}

/**
 * Types of Secrets that no Ingress can use, but that are many and large. The API server can exclude types, but cannot
 * select a list of types. Selecting only kubernetes.io/tls would exclude Opaque Secrets, which contain passwords and
 * CAs.
 */
const FOREIGN_SECRETS = [
  'helm.sh/release.v1',
  'kubernetes.io/service-account-token',
  'kubernetes.io/dockerconfigjson',
  'kubernetes.io/dockercfg',
  'bootstrap.kubernetes.io/token',
];

/** Identifies a watch: `Secret shop/web-tls`, `Secret shop/*`, or `Secret *`. */
export function watchId({ kind, namespace, name }: ReferenceWatch): string {
  if (namespace === undefined) return `${kind} *`;
  return `${kind} ${namespace}/${name ?? '*'}`;
}

/** Whether the watch covers the object. */
export function sees(watch: ReferenceWatch, { kind, key }: Wanted): boolean {
  if (watch.kind !== kind) return false;
  if (watch.namespace === undefined) return true;
  return watch.name === undefined ? key.startsWith(`${watch.namespace}/`) : key === `${watch.namespace}/${watch.name}`;
}

export function selectionOf({ kind, namespace, name }: ReferenceWatch): Selection {
  const foreign = kind === 'Secret' ? FOREIGN_SECRETS.map((type) => `type!=${type}`).join(',') : undefined;
  const fieldSelector = name === undefined ? foreign : `metadata.name=${name}`;
  return {
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
}

/**
 * Plans one watch for each name, up to `limit` watches. Beyond `limit`, the namespaces with the most names get one
 * watch each. If there are also more namespaces than `limit`, a kind gets one watch for all namespaces, if
 * `mayWatchAll` allows it. A watch in `running` of a namespace or of all namespaces stays as long as it covers any
 * wanted name: replacing watches at each change of the count would cost more, because each new watch needs a full list.
 */
export function planReferences(
  wanted: readonly Wanted[],
  running: ReadonlySet<string>,
  limit: number,
  mayWatchAll: boolean,
): ReadonlyMap<string, ReferenceWatch> {
  const groups = Map.groupBy(wanted, ({ kind, key }) => `${kind} ${key.slice(0, key.indexOf('/'))}`);
  const whole = new Set<ReferencedKind>();
  const coarse = new Set<string>();
  for (const [group, members] of groups) {
    const kind = members[0]?.kind ?? 'Secret';
    if (running.has(`${kind} *`)) whole.add(kind);
    else if (running.has(`${group}/*`)) coarse.add(group);
  }
  const bySize = [...groups].sort(([, a], [, b]) => b.length - a.length);
  const remaining = () => bySize.filter(([, [first]]) => first !== undefined && !whole.has(first.kind));
  const count = () => remaining().reduce((sum, [group, members]) => sum + (coarse.has(group) ? 1 : members.length), 0);
  let total = count() + whole.size;
  for (const [group, members] of remaining()) {
    if (total <= limit || coarse.has(group) || members.length === 1) continue;
    coarse.add(group);
    total -= members.length - 1;
  }
  if (total > limit && mayWatchAll) {
    const kinds = Map.groupBy(remaining(), ([, [first]]) => first?.kind ?? 'Secret');
    for (const [kind, ofKind] of [...kinds].sort(([, a], [, b]) => b.length - a.length)) {
      if (total <= limit) break;
      whole.add(kind);
      total -= ofKind.length - 1;
    }
  }
  return new Map(wanted.map((each) => watchFor(each, whole, coarse)).map((watch) => [watchId(watch), watch]));
}

function watchFor({ kind, key }: Wanted, whole: ReadonlySet<string>, coarse: ReadonlySet<string>): ReferenceWatch {
  if (whole.has(kind)) return { kind };
  const [namespace = '', name = ''] = key.split('/');
  return coarse.has(`${kind} ${namespace}`) ? { kind, namespace } : { kind, namespace, name };
}
