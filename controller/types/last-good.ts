/** Uses of Secrets and ConfigMaps whose last good content stays in force when the current one is unusable. */
import type { V1ConfigMap, V1Secret } from '@kubernetes/client-node';
import type { Kind, ObjectKey } from './snapshot.ts';

interface Reading {
  readonly kind: Extract<Kind, 'Secret' | 'ConfigMap'>;
  /** Keys that are used; all of them if the names are free. */
  readonly keys: readonly string[] | 'all';
}

const PAIR = ['tls.crt', 'tls.key'];
const BACKEND_TLS: Reading = { kind: 'Secret', keys: [...PAIR, 'ca.crt'] };
const ALL_OF_CONFIG_MAP: Reading = { kind: 'ConfigMap', keys: 'all' };

/** The purposes for which objects are read. */
export const USES = {
  certificate: { kind: 'Secret', keys: PAIR },
  'default-certificate': { kind: 'Secret', keys: PAIR },
  'client-authorities': { kind: 'Secret', keys: ['ca.crt', 'ca.crl'] },
  'backend-tls': BACKEND_TLS,
  /** It needs CAs; `backend-tls` does not. */
  'verified-backend-tls': BACKEND_TLS,
  'auth-file': { kind: 'Secret', keys: ['auth'] },
  'auth-map': { kind: 'Secret', keys: 'all' },
  'dh-parameters': { kind: 'Secret', keys: ['dhparam.pem'] },
  'custom-headers': ALL_OF_CONFIG_MAP,
  'auth-proxy-set-headers': ALL_OF_CONFIG_MAP,
  'fastcgi-params': ALL_OF_CONFIG_MAP,
  'proxy-set-headers': ALL_OF_CONFIG_MAP,
  'add-headers': ALL_OF_CONFIG_MAP,
} as const satisfies Readonly<Record<string, Reading>>;
export type Use = keyof typeof USES;

/** A use and the object's `namespace/name`: content of one object is never in force for another. */
export type UseKey = `${Use} ${ObjectKey}`;

/** Parses such a key. Undefined for anything else. */
export function usedObject(key: UseKey): { readonly use: Use; readonly object: ObjectKey } | undefined {
  const [use = '', object] = key.split(' ');
  return object !== undefined && Object.hasOwn(USES, use) ? { use: use as Use, object } : undefined;
}

export type Kept = V1Secret | V1ConfigMap;

/** The object in force for each use. */
export type InForce = ReadonlyMap<UseKey, Kept>;

/** An object with the parts that a use reads, and what distinguishes it from a later one of the same name. */
export function partOf({ metadata, data = {} }: Kept, use: Use): Kept {
  const { namespace, name, uid } = metadata ?? {};
  const { keys }: Reading = USES[use];
  const entries = Object.entries(data).filter(([key]) => keys === 'all' || keys.includes(key));
  return {
    metadata: {
      ...(namespace !== undefined && { namespace }),
      ...(name !== undefined && { name }),
      ...(uid !== undefined && { uid }),
    },
    data: Object.fromEntries(entries),
  };
}
