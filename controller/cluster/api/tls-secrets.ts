/**
 * Watches all Secrets of type kubernetes.io/tls in one namespace. If an Ingress of that namespace names one of these
 * Secrets, the Secret is also watched by its name. Of two watches of the same object, only one may write it to the
 * store.
 */
import { namespaceOf } from '../../types/snapshot.ts';
import { createFeed } from './feed.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';
import { type Reflector, type ReflectorOptions, startReflector } from './reflector.ts';

const TYPE = 'kubernetes.io/tls';

export interface TlsSecretWatch {
  /** The store for all other watches: it ignores changes to Secrets that the watch of TLS Secrets has stored. */
  readonly others: ObjectStore;
  readonly start: (
    options: Pick<ReflectorOptions, 'connection' | 'tuning' | 'onState'> & { readonly onChange: () => void },
  ) => Reflector;
}

export function watchTlsSecrets(store: ObjectStore, namespace: string): TlsSecretWatch {
  let reflector: Reflector | undefined;
  const isMember = (key: string, object: StoredObject | undefined): boolean =>
    namespaceOf(key) === namespace && object !== undefined && 'type' in object && object.type === TYPE;
  const holds = (key: string): boolean => reflector?.state().synced === true && isMember(key, store.get('Secret', key));
  return {
    others: {
      ...store,
      set(kind, key, object) {
        if (kind !== 'Secret' || !holds(key)) store.set(kind, key, object);
      },
    },
    start({ onChange, ...options }) {
      const feed = createFeed({
        store: {
          ...store,
          set(kind, key, object) {
            // A Secret that was replaced by one of another type is no longer a member, so this watch must not remove
            // it.
            if (object !== undefined || isMember(key, store.get(kind, key))) store.set(kind, key, object);
          },
        },
        kind: 'Secret',
        covers: isMember,
        onChange,
      });
      const selection = { kind: 'Secret', namespace, fieldSelector: `type=${TYPE}` } as const;
      reflector = startReflector({ ...options, selection, feed, mayBeForbidden: false });
      return reflector;
    },
  };
}
