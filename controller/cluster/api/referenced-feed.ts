/**
 * Writes the objects of a reflector to the store if they are referenced. An object that becomes referenced while the
 * watch is running is requested separately.
 */
import type { Kind, ObjectKey } from '../../types/snapshot.ts';
import { pause } from '../../time/pause.ts';
import { retryDelayMs } from './retry-delay.ts';
import type { ApiConnection } from './connection.ts';
import type { ConcurrencyLimit } from '../concurrency-limit.ts';
import type { ObjectStore } from './object-store.ts';
import { readItem } from './read-item.ts';
import { fetchObject } from './read-object.ts';
import type { Item } from './read-item.ts';
import type { ReflectorFeed } from './reflector.ts';
import { compareVersions, resourcePath } from './resources.ts';
import type { Tuning } from './tuning.ts';

export interface ReferencedFeedOptions {
  readonly connection: ApiConnection;
  readonly tuning: Tuning;
  readonly limit: ConcurrencyLimit;
  readonly store: ObjectStore;
  readonly kind: Kind;
  readonly isWanted: (key: ObjectKey) => boolean;
  readonly onChange: () => void;
  readonly signal: AbortSignal;
}

export interface ReferencedFeed extends ReflectorFeed {
  /**
   * Resolves once the object is stored, is known to be missing, or may not be read. Also resolves when the signal
   * aborts.
   */
  fetch(key: ObjectKey): Promise<void>;
}

export function createReferencedFeed(options: ReferencedFeedOptions): ReferencedFeed {
  const { connection, tuning, limit, store, kind, isWanted, onChange, signal } = options;
  let items = new Map<ObjectKey, Item>();
  /** Keys that became wanted since the current list began. The list may already have passed these objects. */
  const late = new Set<ObjectKey>();
  /** The latest known version of each object since the last list, including the version of its removal. */
  const versions = new Map<ObjectKey, string>();
  let generation = 0;

  function isOlder(version: string, key: ObjectKey): boolean {
    const known = versions.get(key);
    return known !== undefined && compareVersions(version, known) === -1;
  }

  /**
   * Resolves to true if the key is settled. Otherwise the object has to be requested again: at once if the result is
   * false, after a delay if it is undefined or a number of ms (Retry-After).
   */
  async function ask(key: ObjectKey): Promise<boolean | number | undefined> {
    const asked = generation;
    const [namespace = '', name = ''] = key.split('/');
    try {
      const path = resourcePath(kind, namespace, name);
      const answer = await fetchObject(connection, kind, path, tuning, signal);
      if (asked !== generation) return false;
      if (answer.status === 200) {
        const item = readItem(kind, answer.object, tuning);
        if (item !== undefined && isWanted(key) && !isOlder(item.resourceVersion, key)) {
          versions.set(key, item.resourceVersion);
          store.set(kind, key, store.adopt(kind, item).object);
          onChange();
        }
        return true;
      }
      return answer.status === 404 || answer.status === 403 ? true : answer.retryAfterMs;
    } catch {
      return undefined;
    }
  }

  async function fetch(key: ObjectKey): Promise<void> {
    late.add(key);
    for (let failures = 1; !signal.aborted && isWanted(key); failures += 1) {
      const result = await limit.run(() => ask(key));
      if (result === true) return;
      await pause(result === false ? 0 : retryDelayMs(failures, result, tuning), signal);
    }
  }

  return {
    fetch,
    begin() {
      items = new Map();
      late.clear();
    },
    listed(item) {
      if (isWanted(item.key)) items.set(item.key, store.adopt(kind, item));
    },
    complete() {
      generation += 1;
      // Keep the versions of objects that were requested separately: they are newer than what the watch will report
      // first.
      for (const key of versions.keys()) if (!late.has(key)) versions.delete(key);
      for (const key of store.keys(kind)) {
        if (isWanted(key) && !items.has(key) && !late.has(key)) store.set(kind, key, undefined);
      }
      for (const item of items.values()) store.set(kind, item.key, item.object);
      items = new Map();
      late.clear();
      onChange();
    },
    changed(item, present) {
      if (!isWanted(item.key) || isOlder(item.resourceVersion, item.key)) return;
      versions.set(item.key, item.resourceVersion);
      store.set(kind, item.key, present ? store.adopt(kind, item).object : undefined);
      onChange();
    },
  };
}
