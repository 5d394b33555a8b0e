/**
 * The objects that an Ingress may refer to. All look-ups are recorded: while each would still find the same object, the
 * remembered result of reading the Ingress is valid.
 */
import type { V1ConfigMap, V1Secret, V1Service } from '@kubernetes/client-node';
import type { InForce, Kept, UseKey } from '../../types/last-good.ts';
import type { ObjectKey, Snapshot } from '../../types/snapshot.ts';
import type { HostOwners } from './host-owners.ts';

/** Look-ups of objects by `namespace/name`. */
export interface Resources {
  readonly secret: (key: ObjectKey) => V1Secret | undefined;
  readonly configMap: (key: ObjectKey) => V1ConfigMap | undefined;
  readonly service: (key: ObjectKey) => V1Service | undefined;
  /** The object as it was when it was last fit for this use. */
  readonly lastGood: (use: UseKey) => Kept | undefined;
  /** Records that this use reads the given object. */
  readonly inForce: (use: UseKey, object: Kept) => void;
}

/** Where the look-ups find objects. */
export interface Sources {
  readonly snapshot: Snapshot;
  readonly lastGood: InForce | undefined;
  readonly owners: HostOwners;
}

/** Kinds that annotations refer to. While the tables of these kinds are unchanged, so are the results of reading. */
export const READ_KINDS = ['Secret', 'ConfigMap', 'Service'] as const;
type ReadKind = (typeof READ_KINDS)[number];

/** One look-up and what it found. */
export type Read =
  | { readonly kind: ReadKind; readonly key: ObjectKey; readonly found: unknown }
  | { readonly kind: 'last good'; readonly key: UseKey; readonly found: unknown }
  /** The claim of a namespace, or the namespaces that an entry of the index of hosts lists. */
  | { readonly kind: 'claim' | 'claimants'; readonly key: string; readonly found: unknown };

export function recordingResources(
  { snapshot, lastGood }: Pick<Sources, 'snapshot' | 'lastGood'>,
  reads: Read[],
  inForce: Map<UseKey, Kept>,
): Resources {
  const record = <T>(kind: ReadKind, key: ObjectKey, found: T): T => {
    reads.push({ kind, key, found });
    return found;
  };
  return {
    secret: (key) => record('Secret', key, snapshot.Secret.get(key)),
    configMap: (key) => record('ConfigMap', key, snapshot.ConfigMap.get(key)),
    service: (key) => record('Service', key, snapshot.Service.get(key)),
    lastGood: (key) => {
      const found = lastGood?.get(key);
      reads.push({ kind: 'last good', key, found });
      return found;
    },
    inForce: (key, object) => void inForce.set(key, object),
  };
}

/** Whether every look-up would find the identical object again. */
export function stillTrue(reads: readonly Read[], sources: Sources): boolean {
  return reads.every((read) => foundNow(read, sources) === read.found);
}

function foundNow(read: Read, { snapshot, lastGood, owners }: Sources): unknown {
  if (read.kind === 'last good') return lastGood?.get(read.key);
  if (read.kind === 'claim') return owners.claims.get(read.key);
  if (read.kind === 'claimants') return owners.index.get(read.key);
  return snapshot[read.kind].get(read.key);
}
