/**
 * When the ConfigMap with the settings is deleted, its last content stays in force: a deletion does not say that its
 * lists and guards should be lifted.
 */
import type { Problem } from '../../types/problem.ts';
import type { ObjectKey } from '../../types/snapshot.ts';
import type { ObjectStore } from './object-store.ts';

export interface KeptSettings {
  /** The store, which keeps the ConfigMap. */
  readonly store: ObjectStore;
  problems(): readonly Problem[];
}

/** `onState`: called whenever `problems` may have changed. */
export function keepSettings(store: ObjectStore, configMap: ObjectKey | undefined, onState: () => void): KeptSettings {
  let deleted = false;
  function tell(now: boolean): void {
    if (deleted === now) return;
    deleted = now;
    onState();
  }
  return {
    store: {
      ...store,
      set(kind, key, object) {
        const isSettings = kind === 'ConfigMap' && key === configMap;
        if (!isSettings || object !== undefined) store.set(kind, key, object);
        if (isSettings) tell(object === undefined && store.get(kind, key) !== undefined);
      },
    },
    problems: () => (deleted && configMap !== undefined ? [deletedProblem(configMap)] : []),
  };
}

function deletedProblem(configMap: ObjectKey): Problem {
  const [namespace = '', name = ''] = configMap.split('/');
  return {
    code: 'settings-deleted',
    severity: 'error',
    effect: 'none',
    object: { kind: 'ConfigMap', namespace, name },
    message:
      `${configMap}, which --configmap names, was deleted; the last settings stay in force in this Pod, and a Pod that starts ` +
      'uses the defaults, without access restrictions',
    example: `kubectl -n ${namespace} create configmap ${name}`,
  };
}
