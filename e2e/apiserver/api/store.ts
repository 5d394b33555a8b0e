/** Replaces etcd: tables of objects, one revision counter, and a history of changes for watches. */
import type { ApiObject } from './object.ts';

export interface Change {
  readonly revision: number;
  readonly table: string;
  readonly before: ApiObject | undefined;
  /** Undefined for a deletion. */
  readonly after: ApiObject | undefined;
}

export interface Store {
  revision(): number;
  /** The history contains all changes after this revision. A watch cannot begin at an older revision. */
  oldest(): number;
  get(table: string, key: string): ApiObject | undefined;
  /** All objects of a table, in the order of their keys. */
  list(table: string): readonly ApiObject[];
  /** Stores an object, or deletes it if `object` is undefined. The next revision becomes its resourceVersion. */
  put(table: string, key: string, object: ApiObject | undefined): ApiObject;
  /** The changes after `revision`, oldest first. */
  since(revision: number): readonly Change[];
  /** Calls `listener` for every later change; the returned function unsubscribes. */
  subscribe(listener: (change: Change) => void): () => void;
  /** Drops the history. */
  compact(): void;
  /**
   * Gives the current objects new revisions after `revision`, and drops the history, as after a backup was restored.
   */
  restore(revision: number): void;
}

/** The key of an object in its table: `namespace/name`, or only the name. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/** `historyLength` is the maximum number of changes to all tables that the history contains. */
export function createStore(historyLength: number, firstRevision = 1): Store {
  const tables = new Map<string, Map<string, ApiObject>>();
  const sorted = new Map<string, readonly ApiObject[]>();
  const listeners = new Set<(change: Change) => void>();
  let history: Change[] = [];
  let revision = firstRevision;
  let oldest = firstRevision;

  function tableOf(name: string): Map<string, ApiObject> {
    const found = tables.get(name) ?? new Map<string, ApiObject>();
    tables.set(name, found);
    return found;
  }
  function stamp(object: ApiObject): ApiObject {
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
  }
  function remember(change: Change): void {
    history.push(change);
    if (history.length <= historyLength) return;
    // Half of a full history is dropped at once: dropping one entry at every write would move all others each time.
    const dropped = history.splice(0, Math.ceil(historyLength / 2));
    oldest = dropped.at(-1)?.revision ?? oldest;
  }
  function put(name: string, key: string, object: ApiObject | undefined): ApiObject {
    const table = tableOf(name);
    const before = table.get(key);
    revision += 1;
    const last = object ?? before;
    if (last === undefined) throw new Error(`nothing to delete: ${name} ${key}`);
    const after = stamp(last);
    if (object === undefined) table.delete(key);
    else table.set(key, after);
    sorted.delete(name);
    const removed = object === undefined;
    const change = { revision, table: name, before: removed ? after : before, after: removed ? undefined : after };
    remember(change);
    for (const listener of listeners) listener(change);
    return after;
  }
  function list(name: string): readonly ApiObject[] {
    const ready = sorted.get(name);
    if (ready !== undefined) return ready;
    const keys = [...tableOf(name).entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    const objects = keys.map(([, object]) => object);
    sorted.set(name, objects);
    return objects;
  }
  return {
    revision: () => revision,
    oldest: () => oldest,
    get: (name, key) => tables.get(name)?.get(key),
    list,
    put,
    since: (from) => history.filter((change) => change.revision > from),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    compact() {
      history = [];
      oldest = revision;
    },
    restore(first) {
      revision = first;
      for (const table of tables.values()) {
        for (const [key, object] of table) {
          revision += 1;
          table.set(key, stamp(object));
        }
      }
      sorted.clear();
      history = [];
      oldest = revision;
    },
  };
}
