/** From a reflector into the store, for a selection whose objects are all wanted. */
import type { Kind, ObjectKey } from '../../types/snapshot.ts';
import type { AnyObject, ObjectStore } from './object-store.ts';
import type { Item } from './read-item.ts';
import type { ReflectorFeed } from './reflector.ts';

export interface FeedOptions {
  readonly store: ObjectStore;
  readonly kind: Kind;
  /** Does this object belong to the selection? Held objects that are no longer listed are removed. */
  readonly covers: (key: ObjectKey, object: AnyObject) => boolean;
  /** Called for every item taken; `present` is false for a removed one. */
  readonly seen?: (item: Pick<Item, 'key' | 'addresses'>, present: boolean) => void;
  /** Called when the store may have changed. */
  readonly onChange: () => void;
}

export function createFeed({ store, kind, covers, seen, onChange }: FeedOptions): ReflectorFeed {
  let listed = new Set<ObjectKey>();
  /** Objects with another version in a later list: they are reported together with those that it lacks. */
  let differing: Item[] = [];
  let complete = false;
  return {
    begin() {
      listed = new Set();
      differing = [];
    },
    // Most of the work is done between pages, not all at the end.
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
