/** From a reflector into the store, for a selection whose objects are all wanted. */
import type { Kind, ObjectKey } from '../../types/snapshot.ts';
import type { AnyObject, ObjectStore } from './object-store.ts';
import type { Item } from './read-item.ts';
import type { ReflectorFeed } from './reflector.ts';

export interface FeedOptions {
  readonly store: ObjectStore;
  readonly kind: Kind;
  /** Is this object one of the selection? What is held of it and not listed any more goes. */
  readonly covers: (key: ObjectKey, object: AnyObject) => boolean;
  /** Called for every item taken; `present` is false for one that is gone. */
  readonly seen?: (item: Pick<Item, 'key' | 'addresses'>, present: boolean) => void;
  /** Called when the store may have changed. */
  readonly onChange: () => void;
}

export function createFeed({ store, kind, covers, seen, onChange }: FeedOptions): ReflectorFeed {
  let items = new Map<ObjectKey, Item>();
  return {
    begin() {
      items = new Map();
    },
    // Comparing is the expensive part; here it is done between pages, and not in one go at the end.
    listed(item) {
      items.set(item.key, store.adopt(kind, item));
    },
    complete() {
      for (const key of store.keys(kind)) {
        const object = store.get(kind, key);
        if (object === undefined || items.has(key) || !covers(key, object)) continue;
        store.set(kind, key, undefined);
        seen?.({ key, addresses: [] }, false);
      }
      for (const item of items.values()) {
        store.set(kind, item.key, item.object);
        seen?.(item, true);
      }
      items = new Map();
      onChange();
    },
    changed(item, present) {
      store.set(kind, item.key, present ? store.adopt(kind, item).object : undefined);
      seen?.(item, present);
      onChange();
    },
  };
}
