/** The objects that an Ingress may refer to, with a record of what was read: that record is the memo's key. */
import type { V1Secret } from '@kubernetes/client-node';
import type { ObjectKey, Snapshot } from '../types/snapshot.ts';

export interface Resources {
  readonly secret: (key: ObjectKey) => V1Secret | undefined;
}

/** One look-up and what it found. */
export interface Read {
  readonly kind: 'Secret';
  readonly key: ObjectKey;
  readonly found: unknown;
}

export function recordingResources(snapshot: Snapshot, reads: Read[]): Resources {
  return {
    secret: (key) => {
      const found = snapshot.Secret.get(key);
      reads.push({ kind: 'Secret', key, found });
      return found;
    },
  };
}

/** True while every object that was read is still the very same object. */
export function stillTrue(reads: readonly Read[], snapshot: Snapshot): boolean {
  return reads.every((read) => snapshot[read.kind].get(read.key) === read.found);
}
