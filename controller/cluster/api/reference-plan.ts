/** Which watches cover all referenced Secrets and ConfigMaps with the fewest unreferenced ones. Pure. */
import type { ObjectKey } from '../../types/snapshot.ts';
import type { Selection } from './resources.ts';

export type ReferencedKind = 'Secret' | 'ConfigMap';

export interface Wanted {
  readonly kind: ReferencedKind;
  readonly key: ObjectKey;
}

/** One watch: a name, a namespace, or (neither) everywhere. */
export interface ReferenceWatch {
  readonly kind: ReferencedKind;
  readonly namespace?: string;
  readonly name?: string;
}

/**
 * Secrets that no Ingress can use, but that are many and large. The API server selects by type, but not by a list of
 * types: kubernetes.io/tls alone would leave out Opaque ones, which hold passwords and CAs.
 */
const FOREIGN_SECRETS = [
  'helm.sh/release.v1',
  'kubernetes.io/service-account-token',
  'kubernetes.io/dockerconfigjson',
  'kubernetes.io/dockercfg',
  'bootstrap.kubernetes.io/token',
];

/** `Secret shop/web-tls`, `Secret shop/*`, `Secret *`. */
export function watchId({ kind, namespace, name }: ReferenceWatch): string {
  if (namespace === undefined) return `${kind} *`;
  return `${kind} ${namespace}/${name ?? '*'}`;
}

/** True if the watch covers the object. */
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
 * One watch for each name up to `limit`; beyond that, the namespaces with the most names get one watch each, and with
 * more namespaces than `limit`, the kind gets one watch in total (`mayWatchAll`). Watches of `running` by namespace or
 * of the whole kind stay while they are needed at all: a full list at each change of the count would cost more than it
 * saves.
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
