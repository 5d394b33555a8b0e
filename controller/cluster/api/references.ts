/** Watches Secrets and ConfigMaps. Only referenced ones are stored. */
import type { ObjectKey, ReferencedObjects } from '../../types/snapshot.ts';
import type { ApiConnection } from './connection.ts';
import { createFeed } from './feed.ts';
import { createConcurrencyLimit } from '../concurrency-limit.ts';
import type { ObjectStore } from './object-store.ts';
import { everyReference, planReferences, sees, selectionOf, watchId } from './reference-plan.ts';
import type { ReferencedKind, ReferenceWatch, Wanted } from './reference-plan.ts';
import { createReferencedFeed } from './referenced-feed.ts';
import type { ReferencedFeed } from './referenced-feed.ts';
import { startReflector } from './reflector.ts';
import type { Reflector } from './reflector.ts';
import type { Tuning } from './tuning.ts';

export interface References {
  /**
   * Begins to watch referenced objects that are not watched yet. Returns undefined if there are none; otherwise
   * resolves when all of them have been read or refused.
   */
  ensure(objects: ReferencedObjects): Promise<void> | undefined;
  /** Like `ensure`, but all other objects are dropped after a while. */
  replace(objects: ReferencedObjects): void;
  reflectors(): readonly Reflector[];
  stop(): void;
}

export interface ReferencesOptions {
  readonly connection: ApiConnection;
  readonly tuning: Tuning;
  readonly store: ObjectStore;
  /**
   * Objects that are always watched. While they are watched by name, as at startup, a refusal (403) does not settle
   * them.
   */
  readonly fixed: ReferencedObjects;
  /** Whether a watch of all namespaces may be permitted. */
  readonly mayWatchAll: boolean;
  readonly onChange: () => void;
  readonly onState: () => void;
}

/** How many lists and requests for single objects run at the same time. Each takes a few milliseconds. */
const MOST_AT_ONCE = 8;

interface Active {
  readonly watch: ReferenceWatch;
  readonly reflector: Reflector;
  /** Undefined for a watch of a single name. */
  readonly feed: ReferencedFeed | undefined;
  readonly stop: () => void;
}

export function createReferences(options: ReferencesOptions): References {
  const { connection, tuning, store, fixed, mayWatchAll, onChange, onState } = options;
  const limit = createConcurrencyLimit(MOST_AT_ONCE);
  const wanted = new Map<string, Wanted & { droppedAt: number | undefined }>();
  const active = new Map<string, Active>();
  /** Watches of namespaces that the API server refused (403). A role may permit single names only. */
  const refused = new Set<string>();
  let waiting: { readonly met: () => boolean; readonly resolve: () => void }[] = [];
  const fetching = new Set<Promise<void>>();
  let sweepTimer: NodeJS.Timeout | undefined;
  let stopped = false;

  function isWanted(kind: ReferencedKind, key: ObjectKey): boolean {
    return wanted.has(`${kind} ${key}`);
  }

  function isFixed({ kind, namespace, name }: ReferenceWatch): boolean {
    if (name === undefined) return false;
    return (kind === 'Secret' ? fixed.secrets : fixed.configMaps).has(`${namespace}/${name}`);
  }

  function start(watch: ReferenceWatch): Active {
    const { kind } = watch;
    const stopping = new AbortController();
    const covers = (key: ObjectKey) => isWanted(kind, key) && sees(watch, { kind, key });
    const single = watch.name !== undefined;
    const feed = single
      ? undefined
      : createReferencedFeed({
          connection,
          tuning,
          limit,
          store,
          kind,
          isWanted: covers,
          onChange,
          signal: stopping.signal,
        });
    const reflector = startReflector({
      connection,
      tuning,
      limit,
      selection: selectionOf(watch),
      feed: feed ?? createFeed({ store, kind, covers, onChange }),
      mayBeForbidden: !isFixed(watch),
      onState: settled,
    });
    return {
      watch,
      reflector,
      feed,
      stop() {
        stopping.abort();
        reflector.stop();
      },
    };
  }

  /** Replaces refused watches of namespaces with watches of names. */
  function retreat(): void {
    let more = false;
    for (const [id, { watch, reflector }] of active) {
      if (watch.namespace === undefined || watch.name !== undefined || refused.has(id)) continue;
      if (reflector.state().failure?.cause !== 'forbidden') continue;
      refused.add(id);
      more = true;
    }
    if (more) adjust([]);
  }

  /**
   * Stops watches that wider ones replace. A wider watch takes over only once it has completed its list; until then,
   * changes are received by the watches that it replaces.
   */
  function settled(): void {
    retreat();
    for (const [id, { watch, reflector, stop }] of active) {
      if (watch.namespace === undefined || !reflector.state().settled) continue;
      const { kind, namespace, name } = watch;
      const wider: ReferenceWatch[] = name === undefined ? [{ kind }] : [{ kind, namespace }, { kind }];
      if (!wider.some((each) => active.get(watchId(each))?.reflector.state().synced)) continue;
      stop();
      active.delete(id);
    }
    waiting = waiting.filter(({ met, resolve }) => {
      if (!met()) return true;
      resolve();
      return false;
    });
    onState();
  }

  /** Starts and stops watches according to what is wanted. */
  function adjust(added: readonly Wanted[]): void {
    const plan = planReferences([...wanted.values()], {
      running: new Set(active.keys()),
      limit: tuning.singleWatches,
      limitPerNamespace: tuning.singleWatchesPerNamespace,
      refused,
      mayWatchAll,
    });
    for (const one of added) {
      const many = [...active.values()].find(({ watch, feed }) => feed !== undefined && sees(watch, one));
      if (many?.feed === undefined) continue;
      const fetch: Promise<void> = many.feed.fetch(one.key).then(() => {
        fetching.delete(fetch);
      });
      fetching.add(fetch);
    }
    for (const [id, watch] of plan) if (!active.has(id)) active.set(id, start(watch));
    for (const [id, { watch, stop }] of active) {
      if (plan.has(id) || isReplaced(watch, plan)) continue;
      stop();
      active.delete(id);
    }
  }

  /** Whether the widest watch that covers the object has completed its list or was refused. */
  function isListed({ kind, key }: Wanted): boolean {
    const [namespace = '', name = ''] = key.split('/');
    const watches: readonly ReferenceWatch[] = [{ kind }, { kind, namespace }, { kind, namespace, name }];
    const widest = watches.map((watch) => active.get(watchId(watch))).find((each) => each !== undefined);
    return widest?.reflector.state().settled ?? true;
  }

  /** Whether a watch of the plan covers the same objects. `settled` decides when it takes over. */
  function isReplaced({ kind, namespace, name }: ReferenceWatch, plan: ReadonlyMap<string, ReferenceWatch>): boolean {
    if (namespace === undefined) return false;
    if (plan.has(watchId({ kind }))) return name === undefined || isWanted(kind, `${namespace}/${name}`);
    return name !== undefined && isWanted(kind, `${namespace}/${name}`) && plan.has(watchId({ kind, namespace }));
  }

  function ensure(objects: ReferencedObjects): Promise<void> | undefined {
    if (stopped) return undefined;
    const added: Wanted[] = [];
    for (const each of everyReference(objects)) {
      const id = `${each.kind} ${each.key}`;
      const known = wanted.get(id);
      if (known === undefined) added.push(each);
      if (known?.droppedAt !== undefined || known === undefined) wanted.set(id, { ...each, droppedAt: undefined });
    }
    if (added.length === 0) return undefined;
    adjust(added);
    const listed = new Promise<void>((resolve) => {
      waiting.push({ met: () => added.every(isListed), resolve });
    });
    settled();
    return Promise.all([listed, ...fetching]).then(() => {});
  }

  /** Drops objects that have been unreferenced for `lingerMs`. */
  function sweep(): void {
    sweepTimer = undefined;
    const now = performance.now();
    let next = Infinity;
    let gone = false;
    for (const [id, { kind, key, droppedAt }] of wanted) {
      if (droppedAt === undefined) continue;
      if (now - droppedAt < tuning.lingerMs) {
        next = Math.min(next, droppedAt + tuning.lingerMs - now);
        continue;
      }
      wanted.delete(id);
      store.set(kind, key, undefined);
      gone = true;
    }
    if (gone) {
      adjust([]);
      onChange();
      onState();
    }
    if (next < Infinity) sweepTimer = setTimeout(sweep, next + 1);
  }

  return {
    ensure,
    replace(objects) {
      if (stopped) return;
      void ensure(objects);
      const kept = new Set(
        [...everyReference(objects), ...everyReference(fixed)].map(({ kind, key }) => `${kind} ${key}`),
      );
      const now = performance.now();
      for (const [id, each] of wanted) if (!kept.has(id)) each.droppedAt ??= now;
      sweepTimer ??= setTimeout(sweep, tuning.lingerMs + 1);
    },
    reflectors: () => [...active.values()].map(({ reflector }) => reflector),
    stop() {
      stopped = true;
      clearTimeout(sweepTimer);
      for (const { stop } of active.values()) stop();
      active.clear();
      for (const { resolve } of waiting) resolve();
      waiting = [];
    },
  };
}
