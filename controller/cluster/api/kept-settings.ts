/**
 * If a ConfigMap that a flag names is deleted, its last content is kept: the settings in force, or the owners of hosts.
 * Otherwise a deletion would lift access restrictions that the operator may not want to lift.
 */
import type { Problem } from '../../types/problem.ts';
import type { ObjectKey } from '../../types/snapshot.ts';
import type { ObjectStore } from './object-store.ts';

/** A ConfigMap that is kept. */
export interface KeptConfigMap {
  readonly key: ObjectKey;
  /** The flag that names it, and what its content is called. */
  readonly flag: string;
  readonly content: string;
  /** What a Pod does if it starts while the ConfigMap does not exist, as the end of a sentence. */
  readonly atStart: string;
}

export interface KeptSettings {
  /** The given store, except that these ConfigMaps are not removed from it. */
  readonly store: ObjectStore;
  problems(): readonly Problem[];
}

/** `onState` is called whenever `problems` may have changed. */
export function keepSettings(
  store: ObjectStore,
  configMaps: readonly KeptConfigMap[],
  onState: () => void,
): KeptSettings {
  const named = new Map(configMaps.map((each) => [each.key, each]));
  const deleted = new Set<ObjectKey>();
  function tell(key: ObjectKey, now: boolean): void {
    if (deleted.has(key) === now) return;
    if (now) deleted.add(key);
    else deleted.delete(key);
    onState();
  }
  return {
    store: {
      ...store,
      set(kind, key, object) {
        const isKept = kind === 'ConfigMap' && named.has(key);
        if (!isKept || object !== undefined) store.set(kind, key, object);
        if (isKept) tell(key, object === undefined && store.get(kind, key) !== undefined);
      },
    },
    problems: () => configMaps.filter(({ key }) => deleted.has(key)).map(deletedProblem),
  };
}

function deletedProblem({ key, flag, content, atStart }: KeptConfigMap): Problem {
  const [namespace = '', name = ''] = key.split('/');
  return {
    code: 'settings-deleted',
    severity: 'error',
    effect: 'none',
    object: { kind: 'ConfigMap', namespace, name },
    message:
      `${key}, which ${flag} names, was deleted; the last ${content} stay in force in this Pod, but a new ` +
      `Pod ${atStart}`,
    example: `kubectl -n ${namespace} create configmap ${name}`,
  };
}
