/**
 * Plans the watches that cover all referenced Secrets and ConfigMaps and as few unreferenced ones as possible. Pure.
 */
import { namespaceOf, type ObjectKey, type ReferencedObjects } from '../../types/snapshot.ts';
import type { Selection } from './resources.ts';

export type ReferencedKind = 'Secret' | 'ConfigMap';

export interface Wanted {
  readonly kind: ReferencedKind;
  readonly key: ObjectKey;
}

/** One watch. It covers one name in a namespace, one namespace, or, if neither is set, all namespaces. */
export interface ReferenceWatch {
  readonly kind: ReferencedKind;
  readonly namespace?: string;
  readonly name?: string;
}

/**
 * Types of Secrets that no Ingress can use and of which a cluster may have many large ones. The API server can exclude
 * types, but cannot select a list of types. Selecting only kubernetes.io/tls would exclude Opaque Secrets, which
 * contain passwords and CAs.
 */
const FOREIGN_SECRETS = [
  'helm.sh/release.v1',
  'kubernetes.io/service-account-token',
  'kubernetes.io/dockerconfigjson',
  'kubernetes.io/dockercfg',
  'bootstrap.kubernetes.io/token',
];

export function everyReference({ secrets, configMaps }: ReferencedObjects): readonly Wanted[] {
  return [
    ...[...secrets].map((key) => ({ kind: 'Secret' as const, key })),
    ...[...configMaps].map((key) => ({ kind: 'ConfigMap' as const, key })),
  ];
}

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

export interface PlanOptions {
  /** Ids (`watchId`) of the watches that run. */
  readonly running: ReadonlySet<string>;
  /** The maximum number of watches. */
  readonly limit: number;
  /** The maximum number of watches of names of one kind in one namespace. */
  readonly limitPerNamespace: number;
  /** Ids of watches that the API server refused (403). */
  readonly refused: ReadonlySet<string>;
  /** Whether a watch of all namespaces may be permitted. */
  readonly mayWatchAll: boolean;
}

/**
 * Plans one watch for each name. A namespace with more than `limitPerNamespace` names of a kind gets one watch instead,
 * unless that was refused. Beyond `limit`, the namespaces with the most names get one watch each, even if it was
 * refused. If there are also more namespaces than `limit`, a kind gets one watch for all namespaces, if `mayWatchAll`
 * allows it. A watch in `running` of a namespace or of all namespaces stays as long as it covers any wanted name and is
 * not refused: replacing watches at each change to the count would cost more, because each new watch needs a full list.
 */
export function planReferences(wanted: readonly Wanted[], options: PlanOptions): ReadonlyMap<string, ReferenceWatch> {
  const { limit, mayWatchAll } = options;
  const groups = Map.groupBy(wanted, ({ kind, key }) => `${kind} ${namespaceOf(key)}`);
  const { whole, coarse } = wideWatches(groups, options);
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

/** The kinds and the namespaces (`kind namespace`) that get one watch, whatever the total of all watches is. */
function wideWatches(
  groups: ReadonlyMap<string, readonly Wanted[]>,
  { running, limitPerNamespace, refused }: PlanOptions,
): { readonly whole: Set<string>; readonly coarse: Set<string> } {
  const whole = new Set<string>();
  const coarse = new Set<string>();
  for (const [group, members] of groups) {
    const kind = members[0]?.kind ?? 'Secret';
    const all = `${group}/*`;
    if (running.has(`${kind} *`)) whole.add(kind);
    else if (!refused.has(all) && (running.has(all) || members.length > limitPerNamespace)) coarse.add(group);
  }
  return { whole, coarse };
}

function watchFor({ kind, key }: Wanted, whole: ReadonlySet<string>, coarse: ReadonlySet<string>): ReferenceWatch {
  if (whole.has(kind)) return { kind };
  const [namespace = '', name = ''] = key.split('/');
  return coarse.has(`${kind} ${namespace}`) ? { kind, namespace } : { kind, namespace, name };
}
