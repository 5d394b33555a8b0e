/** The objects that an Ingress may refer to, with a record of what was read: that record is the memo's key. */
import type { V1ConfigMap, V1Secret, V1Service } from '@kubernetes/client-node';
import type { ObjectKey, Snapshot } from '../types/snapshot.ts';

/** By `namespace/name`. */
export interface Resources {
  readonly secret: (key: ObjectKey) => V1Secret | undefined;
  readonly configMap: (key: ObjectKey) => V1ConfigMap | undefined;
  readonly service: (key: ObjectKey) => V1Service | undefined;
}

/** Kinds that annotations refer to; where their tables are the same, no Ingress is read differently. */
export const READ_KINDS = ['Secret', 'ConfigMap', 'Service'] as const;
type ReadKind = (typeof READ_KINDS)[number];

/** One look-up and what it found. */
export interface Read {
  readonly kind: ReadKind;
  readonly key: ObjectKey;
  readonly found: unknown;
}

export function recordingResources(snapshot: Snapshot, reads: Read[]): Resources {
  const record = <T>(kind: ReadKind, key: ObjectKey, found: T): T => {
    reads.push({ kind, key, found });
    return found;
  };
  return {
    secret: (key) => record('Secret', key, snapshot.Secret.get(key)),
    configMap: (key) => record('ConfigMap', key, snapshot.ConfigMap.get(key)),
    service: (key) => record('Service', key, snapshot.Service.get(key)),
  };
}

/** True while every object that was read is still the very same object. */
export function stillTrue(reads: readonly Read[], snapshot: Snapshot): boolean {
  return reads.every((read) => snapshot[read.kind].get(read.key) === read.found);
}
