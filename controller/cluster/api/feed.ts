/** Writes the objects of a reflector to the store, for a selection all of whose objects are kept. */
import type { Kind, ObjectKey } from '../../types/snapshot.ts';
import type { StoredObject, ObjectStore } from './object-store.ts';
import type { Item } from './read-item.ts';
import type { ReflectorFeed } from './reflector.ts';

export interface FeedOptions {
  readonly store: ObjectStore;
  readonly kind: Kind;
  /**
   * Whether an object belongs to the selection. After a list, stored objects that belong to it and are not listed are
   * removed.
   */
  readonly covers: (key: ObjectKey, object: StoredObject) => boolean;
  /** Called for every object received; `present` is false if it was removed. */
  readonly seen?: (item: Pick<Item, 'key' | 'addresses'>, present: boolean) => void;
  /** Called when the store may have changed. */
  readonly onChange: () => void;
}

export function createFeed({ store, kind, covers, seen, onChange }: FeedOptions): ReflectorFeed {
  let listed = new Set<ObjectKey>();
  /**
   * Objects of a later list whose version differs from the stored one. They are stored at the end of the list, together
   * with removals.
   */
  let differing: Item[] = [];
  let complete = false;
  return {
    begin() {
      listed = new Set();
      differing = [];
    },
    // Objects are compared as they arrive, so that not all of the work is left for the end of the list.
    listed(item) {
      listed.add(item.key);
      seen?.(item, true);
      const held = store.get(kind, item.key);
      const { object } = store.adopt(kind, item);
      if (object === held) return;
      if (complete) differing.push(item);
      else store.set(kind, item.key, object);
    },
    complete() {
      for (const key of store.keys(kind)) {
        if (listed.has(key)) continue;
        const object = store.get(kind, key);
        if (object === undefined || !covers(key, object)) continue;
        store.set(kind, key, undefined);
        seen?.({ key, addresses: [] }, false);
      }
      for (const item of differing) store.set(kind, item.key, item.object);
      complete = true;
      listed = new Set();
      differing = [];
      onChange();
    },
    changed(item, present) {
      store.set(kind, item.key, present ? store.adopt(kind, item).object : undefined);
      seen?.(item, present);
      onChange();
    },
  };
}
