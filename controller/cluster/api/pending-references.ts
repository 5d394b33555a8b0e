/** Ingresses wait for the objects that they newly refer to; endpoints never wait. */
import type { Kind, ObjectKey, ReferencedObjects, Snapshot } from '../../types/snapshot.ts';
import type { ObjectStore } from './object-store.ts';
import type { References } from './references.ts';

/**
 * The objects that the Ingresses of a Snapshot refer to: the named ones (`namespace/name`), or all if none are named.
 */
export type ReferencesOf = (
  snapshot: Snapshot,
  ingresses: ReadonlySet<ObjectKey> | undefined,
) => ReferencedObjects | Promise<ReferencedObjects>;

export interface PendingReferencesOptions {
  readonly store: Pick<ObjectStore, 'candidate' | 'isPending' | 'pending'>;
  readonly references: Pick<References, 'ensure'>;
  readonly referencesOf: ReferencesOf | undefined;
  /** The ConfigMap with the settings, which affect all Ingresses; other ConfigMaps are only referred to. */
  readonly configMap: ObjectKey | undefined;
  /** The longest wait, even during an endless series of new Ingresses: ms. */
  readonly holdMs: number;
  /** The wait is over; call `waiting` again. */
  readonly onRelease: () => void;
}

export interface PendingReferences {
  /**
   * Kinds whose changes must not be published yet; `noticedAt` is `performance.now()` of the first of the current
   * changes.
   */
  waiting(noticedAt: number): ReadonlySet<Kind>;
  end(): void;
}

const NOTHING: ReadonlySet<Kind> = new Set();
/** The part of an object that decides which Secrets are looked at. */
const DECIDING = ['Ingress', 'IngressClass', 'ConfigMap'] as const;
const REFERRING: ReadonlySet<Kind> = new Set<Kind>(DECIDING);

export function createPendingReferences(options: PendingReferencesOptions): PendingReferences {
  const { store, references, referencesOf, configMap, holdMs, onRelease } = options;
  let timer: NodeJS.Timeout | undefined;
  let holding: Promise<void> | undefined;
  let heldSince: number | undefined;
  /** Tables of the last call, for which the result would be the same; the rest of that Snapshot is not kept. */
  let answered: Pick<Snapshot, (typeof DECIDING)[number]> | undefined;

  /** Whether something changed that affects all Ingresses. */
  function isForAll({ IngressClass, ConfigMap }: Snapshot): boolean {
    if (store.pending('IngressClass').size > 0 && IngressClass !== answered?.IngressClass) return true;
    if (configMap === undefined || !store.pending('ConfigMap').has(configMap)) return false;
    return ConfigMap.get(configMap) !== answered?.ConfigMap.get(configMap);
  }

  function ask(of: ReferencesOf): void {
    const candidate = store.candidate();
    if (answered !== undefined && DECIDING.every((kind) => candidate[kind] === answered?.[kind])) return;
    // In a burst of new Ingresses each is looked at once, instead of all existing ones for each of them.
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
