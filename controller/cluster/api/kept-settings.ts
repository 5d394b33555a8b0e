/**
 * Keeps the last content of the ConfigMap with the settings in force when the ConfigMap is deleted. Otherwise a
 * deletion would lift access restrictions that the operator may not want to lift.
 */
import type { Problem } from '../../types/problem.ts';
import type { ObjectKey } from '../../types/snapshot.ts';
import type { ObjectStore } from './object-store.ts';

export interface KeptSettings {
  /** The given store, except that the ConfigMap with the settings is not removed from it. */
  readonly store: ObjectStore;
  problems(): readonly Problem[];
}

/** `onState` is called whenever `problems` may have changed. */
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
      `${configMap}, which --configmap names, was deleted; the last settings stay in force in this Pod, but a new ` +
      'Pod uses the defaults, without access restrictions',
    example: `kubectl -n ${namespace} create configmap ${name}`,
  };
}
