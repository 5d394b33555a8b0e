/**
 * The ConfigMap with the settings stays as it was last read when it is deleted: nobody said that the lists and guards in it
 * are to open.
 */
import type { Problem } from '../../types/problem.ts';
import type { ObjectKey } from '../../types/snapshot.ts';
import type { ObjectStore } from './object-store.ts';

export interface KeptSettings {
  /** The store, which does not let go of the ConfigMap. */
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
      `${configMap}, which --configmap names, was deleted; the settings that were read last stay in force in this Pod, and a Pod ` +
      'that starts has the defaults, which guard nothing',
    example: `kubectl -n ${namespace} create configmap ${name}`,
  };
}
