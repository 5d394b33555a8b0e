/** Uses of Secrets and ConfigMaps of which the last good content stays in force where the present one cannot be used. */
import type { V1ConfigMap, V1Secret } from '@kubernetes/client-node';
import type { ObjectKey } from '../types/snapshot.ts';

/** What an object is read for, and the keys that are looked at; all of them where they have names of their own. */
export const USES = {
  certificate: ['tls.crt', 'tls.key'],
} as const satisfies Readonly<Record<string, readonly string[] | 'all'>>;
export type Use = keyof typeof USES;

/** A use and the object's `namespace/name`: what one object held is never in force for another. */
export type UseKey = `${Use} ${ObjectKey}`;

/** `namespace/name` where the key is that of such a use. */
export function keyOf(key: UseKey, use: Use): ObjectKey | undefined {
  return key.startsWith(`${use} `) ? key.slice(use.length + 1) : undefined;
}

export type Kept = V1Secret | V1ConfigMap;

/** An object with what a use reads of it, and what tells it apart from a later one of its name. */
export function partOf<T extends Kept>({ metadata, data = {} }: T, use: Use): Kept {
  const { namespace, name, uid } = metadata ?? {};
  const names: readonly string[] = USES[use];
  const entries = Object.entries(data).filter(([key]) => names.includes(key));
  return {
    metadata: {
      ...(namespace !== undefined && { namespace }),
      ...(name !== undefined && { name }),
      ...(uid !== undefined && { uid }),
    },
    data: Object.fromEntries(entries),
  };
}
