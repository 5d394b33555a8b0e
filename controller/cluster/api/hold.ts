/** Ingresses wait for what they newly refer to; endpoints never wait. */
import type { Kind, Snapshot } from '../../types/snapshot.ts';
import type { ObjectStore } from './object-store.ts';
import type { ReferencedObjects, References } from './references.ts';

export type ReferencesOf = (snapshot: Snapshot) => ReferencedObjects | Promise<ReferencedObjects>;

export interface HoldOptions {
  readonly store: Pick<ObjectStore, 'candidate' | 'isPending'>;
  readonly references: Pick<References, 'ensure'>;
  readonly referencesOf: ReferencesOf | undefined;
  /** The longest wait, also through an endless series of new Ingresses: ms. */
  readonly holdMs: number;
  /** The wait is over, and `waiting` is to be asked again. */
  readonly onRelease: () => void;
}

export interface Hold {
  /** Kinds whose changes are not to be told yet; `noticedAt` is `performance.now()` of the first change of now. */
  waiting(noticedAt: number): ReadonlySet<Kind>;
  end(): void;
}

const NOTHING: ReadonlySet<Kind> = new Set();
/** What decides which Secrets are looked at. */
const REFERRING: ReadonlySet<Kind> = new Set<Kind>(['Ingress', 'IngressClass', 'ConfigMap']);

export function createHold({ store, references, referencesOf, holdMs, onRelease }: HoldOptions): Hold {
  let timer: NodeJS.Timeout | undefined;
  let holding: Promise<void> | undefined;
  let heldSince: number | undefined;
  /** Tables for which a promise has been kept; asking again would give the same. */
  let answered: readonly unknown[] = [];

  function ask(of: ReferencesOf): void {
    const candidate = store.candidate();
    const tables = [...REFERRING].map((kind) => candidate[kind]);
    if (tables.every((table, index) => table === answered[index])) return;
    const answer = of(candidate);
    if (!(answer instanceof Promise)) return hold(references.ensure(answer));
    const ensured = answer.then((objects) => {
      answered = tables;
      return references.ensure(objects);
    });
    return hold(ensured);
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
