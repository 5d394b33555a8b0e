/**
 * Delays changes to Ingresses until the objects that they newly refer to have been read. Changes to endpoints are never
 * delayed.
 */
import type { Kind, ObjectKey, ReferencedObjects, Snapshot } from '../../types/snapshot.ts';
import type { ObjectStore } from './object-store.ts';
import type { References } from './references.ts';

/**
 * Returns the objects to which Ingresses of a Snapshot refer: the Ingresses with the given keys (`namespace/name`), or
 * all of them if `ingresses` is undefined.
 */
export type ReferencesOf = (
  snapshot: Snapshot,
  ingresses: ReadonlySet<ObjectKey> | undefined,
) => ReferencedObjects | Promise<ReferencedObjects>;

export interface PendingReferencesOptions {
  readonly store: Pick<ObjectStore, 'candidate' | 'isPending' | 'pending'>;
  readonly references: Pick<References, 'ensure'>;
  readonly referencesOf: ReferencesOf | undefined;
  /**
   * The ConfigMap with the settings. A change to it affects all Ingresses, unlike a change to a ConfigMap to which an
   * Ingress refers.
   */
  readonly configMap: ObjectKey | undefined;
  /** Maximum delay in ms, even if new Ingresses keep arriving. */
  readonly holdMs: number;
  /** Called when a delay has ended; `waiting` should then be called again. */
  readonly onRelease: () => void;
}

export interface PendingReferences {
  /**
   * Kinds whose changes must not be published yet. `noticedAt` is `performance.now()` of the first change that has not
   * been published.
   */
  waiting(noticedAt: number): ReadonlySet<Kind>;
  end(): void;
}

const NOTHING: ReadonlySet<Kind> = new Set();
/** Kinds that decide which Secrets and ConfigMaps a build reads. */
const DECIDING = ['Ingress', 'IngressClass', 'ConfigMap'] as const;
const REFERRING: ReadonlySet<Kind> = new Set<Kind>(DECIDING);

export function createPendingReferences(options: PendingReferencesOptions): PendingReferences {
  const { store, references, referencesOf, configMap, holdMs, onRelease } = options;
  let timer: NodeJS.Timeout | undefined;
  let holding: Promise<void> | undefined;
  let heldSince: number | undefined;
  /**
   * The tables for which references were last requested; with the same tables the result would be the same. Other parts
   * of the Snapshot are not kept in memory.
   */
  let answered: Pick<Snapshot, (typeof DECIDING)[number]> | undefined;

  /** Whether there is a change that affects the references of all Ingresses. */
  function isForAll({ IngressClass, ConfigMap }: Snapshot): boolean {
    if (store.pending('IngressClass').size > 0 && IngressClass !== answered?.IngressClass) return true;
    if (configMap === undefined || !store.pending('ConfigMap').has(configMap)) return false;
    return ConfigMap.get(configMap) !== answered?.ConfigMap.get(configMap);
  }

  function ask(of: ReferencesOf): void {
    const candidate = store.candidate();
    if (answered !== undefined && DECIDING.every((kind) => candidate[kind] === answered?.[kind])) return;
    // Request only the references of changed Ingresses, so that a burst of new Ingresses does not cause all existing
    // ones to be examined each time.
    const whole = isForAll(candidate);
    const ensure = (objects: ReferencedObjects): Promise<void> | undefined => {
      answered = { Ingress: candidate.Ingress, IngressClass: candidate.IngressClass, ConfigMap: candidate.ConfigMap };
      return references.ensure(objects);
    };
    const answer = of(candidate, whole ? undefined : store.pending('Ingress'));
    hold(answer instanceof Promise ? answer.then(ensure) : ensure(answer));
  }

  function hold(settled: Promise<void> | undefined): void {
    const left = holdMs - (heldSince === undefined ? 0 : performance.now() - heldSince);
    if (settled === undefined || left <= 0) return;
    const release = () => {
      if (holding !== settled) return;
      clearTimeout(timer);
      holding = undefined;
      onRelease();
    };
    holding = settled;
    timer = setTimeout(release, left);
    void settled.then(release);
  }

  return {
    waiting(noticedAt) {
      if (holding === undefined && referencesOf !== undefined && store.isPending(REFERRING)) ask(referencesOf);
      heldSince = holding === undefined ? undefined : (heldSince ?? noticedAt);
      return holding === undefined ? NOTHING : REFERRING;
    },
    end() {
      clearTimeout(timer);
      holding = undefined;
    },
  };
}
