/**
 * For which purposes Secrets and ConfigMaps are read. Their last good content stays in force while the current content
 * is invalid.
 */
import type { V1ConfigMap, V1Secret } from '@kubernetes/client-node';
import type { Kind, ObjectKey } from './snapshot.ts';

interface Reading {
  readonly kind: Extract<Kind, 'Secret' | 'ConfigMap'>;
  /** Entries of the object that are read; `all` if the owner of the object chooses their names. */
  readonly keys: readonly string[] | 'all';
}

const PAIR = ['tls.crt', 'tls.key'];
const BACKEND_TLS: Reading = { kind: 'Secret', keys: [...PAIR, 'ca.crt'] };
const ALL_OF_CONFIG_MAP: Reading = { kind: 'ConfigMap', keys: 'all' };

/** The purposes for which objects are read, each with the entries that are read for it. */
export const USES = {
  certificate: { kind: 'Secret', keys: PAIR },
  'default-certificate': { kind: 'Secret', keys: PAIR },
  'client-authorities': { kind: 'Secret', keys: ['ca.crt', 'ca.crl'] },
  'backend-tls': BACKEND_TLS,
  /** Like `backend-tls`, but `ca.crt` is required. */
  'verified-backend-tls': BACKEND_TLS,
  'auth-file': { kind: 'Secret', keys: ['auth'] },
  'auth-map': { kind: 'Secret', keys: 'all' },
  'dh-parameters': { kind: 'Secret', keys: ['dhparam.pem'] },
  'custom-headers': ALL_OF_CONFIG_MAP,
  'auth-proxy-set-headers': ALL_OF_CONFIG_MAP,
  'fastcgi-params': ALL_OF_CONFIG_MAP,
  'proxy-set-headers': ALL_OF_CONFIG_MAP,
  'add-headers': ALL_OF_CONFIG_MAP,
  /**
   * Hosts of namespaces: the ConfigMap of --host-policy-configmap, or one made of the annotations of all Namespaces.
   */
  'host-owners': ALL_OF_CONFIG_MAP,
  'tcp-services': ALL_OF_CONFIG_MAP,
  'udp-services': ALL_OF_CONFIG_MAP,
} as const satisfies Readonly<Record<string, Reading>>;
export type Use = keyof typeof USES;

/** A use and the object's `namespace/name`: the content of one object is never used for another. */
export type UseKey = `${Use} ${ObjectKey}`;

/** Parses a UseKey; undefined for an invalid one. */
export function usedObject(key: UseKey): { readonly use: Use; readonly object: ObjectKey } | undefined {
  const [use = '', object] = key.split(' ');
  return object !== undefined && Object.hasOwn(USES, use) ? { use: use as Use, object } : undefined;
}

export type Kept = V1Secret | V1ConfigMap;

/** The object in force for each use. Its content may be older than that of the object in the cluster. */
export type InForce = ReadonlyMap<UseKey, Kept>;

/**
 * An object with only the entries that a use reads, and with the uid, which distinguishes it from a later object of the
 * same name.
 */
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
