/**
 * Decides about an Ingress before it is stored: builds it, together with everything that it affects, starting from the
 * last build, and discards the result. NGINX is not involved. The loop's next build is not affected, and endpoints are
 * sent between the slices of a review.
 */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { V1Ingress } from '@kubernetes/client-node';
import type { AdmissionRequest, Review, ReviewFigures, AdmissionVerdict } from '../types/admission.ts';
import type { Preview } from '../model/build.ts';
import { chooseIngress } from '../model/ingress/ingress-class.ts';
import { ingressRef, keyOf } from '../model/contract/object-ref.ts';
import { referencesAmong } from '../model/plan/referenced-objects.ts';
import type { DenialOptions } from '../types/denial.ts';
import { asError } from '../types/error-text.ts';
import { namespaceOf, type ReferencedObjects, type Snapshot } from '../types/snapshot.ts';
import { finish, type Steps } from '../types/steps.ts';
import { draftOf, tableOf } from '../types/table/table.ts';
import { createFairTurns } from '../time/fair-turns.ts';
import type { Build } from './build.ts';
import { verdictOf } from './verdict.ts';

/** Secrets and ConfigMaps by `namespace/name`. */
export type FoundObjects = Pick<Snapshot, 'Secret' | 'ConfigMap'>;

export interface ReviewOptions extends DenialOptions {
  readonly build: Pick<Build, 'last' | 'preview'>;
  /** Resolves once no build is under way, or after a short time. */
  readonly settled: () => Promise<void>;
  /** The stored form of an Ingress in the JSON of the API server; undefined if it is malformed. */
  readonly read: (raw: unknown) => V1Ingress | undefined;
  /** Reads objects to which only the candidate refers: the Snapshot contains only objects that are in use. */
  readonly lookUp: (objects: ReferencedObjects, signal: AbortSignal) => Promise<FoundObjects>;
  /** Whether the controller watches the namespace. */
  readonly isWatched: (namespace: string) => boolean;
  readonly measured: (figures: ReviewFigures) => void;
  /** Called if building the candidate throws an exception, which is a bug in Tidegate. */
  readonly fault: (ingress: string, error: Error) => void;
}

/**
 * A preview, the exception that the candidate causes, when the preview began, and the number of Ingresses in the last
 * build.
 */
interface Made {
  readonly preview: Preview;
  readonly error: Error | undefined;
  /** `performance.now()` */
  readonly from: number;
  readonly known: number;
}

/** The parts of an Ingress in which an update may change what is served. */
const READ_PARTS = z.object({
  metadata: z.object({ annotations: z.unknown().optional() }),
  spec: z.unknown().optional(),
});
const NOTHING: Preview = { before: [], after: [], ingresses: 0, faults: [] };
const ADMITTED: AdmissionVerdict = { warnings: [] };
const MALFORMED: AdmissionVerdict = {
  denial:
    'the object cannot be read as an Ingress of networking.k8s.io/v1: a name, the namespace or a field of the spec is ' +
    'missing, or has the wrong type',
  warnings: [],
};

function* unlessAborted<T>(steps: Steps<T>, signal: AbortSignal): Steps<T> {
  for (;;) {
    signal.throwIfAborted();
    const step = steps.next();
    if (step.done === true) return step.value;
    yield;
  }
}

/**
 * Adds the metadata that the API server sets when it stores a new object, because some API servers call the webhook
 * before they set this metadata.
 */
function completed(raw: unknown, { namespace, name }: AdmissionRequest): unknown {
  const object = (typeof raw === 'object' && raw !== null ? raw : {}) as {
    readonly metadata?: Record<string, unknown>;
  };
  const { metadata } = object;
  if (typeof metadata !== 'object' || metadata === null) return raw;
  const { generateName = '', creationTimestamp } = metadata;
  return {
    ...object,
    metadata: {
      ...metadata,
      namespace: metadata['namespace'] ?? namespace,
      name: metadata['name'] ?? (name === '' ? `${String(generateName)}new` : name),
      creationTimestamp: creationTimestamp ?? new Date().toISOString(),
    },
  };
}

function withIngress(snapshot: Snapshot, key: string, ingress: V1Ingress): Snapshot {
  const draft = draftOf(tableOf(snapshot.Ingress));
  draft.set(key, ingress);
  return { ...snapshot, Ingress: finish(draft.freeze()) };
}

function withFound(snapshot: Snapshot, found: FoundObjects): Snapshot {
  const together = <T>(table: ReadonlyMap<string, T>, more: ReadonlyMap<string, T>): ReadonlyMap<string, T> => {
    const draft = draftOf(tableOf(table));
    // What the watch has received meanwhile is newer.
    for (const [key, object] of more) if (!table.has(key)) draft.set(key, object);
    return finish(draft.freeze());
  };
  return {
    ...snapshot,
    ...(found.Secret.size > 0 && { Secret: together(snapshot.Secret, found.Secret) }),
    ...(found.ConfigMap.size > 0 && { ConfigMap: together(snapshot.ConfigMap, found.ConfigMap) }),
  };
}

/**
 * Whether an update changes neither the spec nor annotations: only labels or finalizers, for example. A stored object
 * that is malformed must accept such an update, because otherwise it could not be deleted.
 */
function isUnchanged({ operation, object, oldObject }: AdmissionRequest): boolean {
  if (operation !== 'UPDATE') return false;
  const [now, before] = [READ_PARTS.safeParse(object), READ_PARTS.safeParse(oldObject)];
  return now.success && before.success && isDeepStrictEqual(now.data, before.data);
}

export function createReview(options: ReviewOptions): Review {
  const { build, settled, read, lookUp, isWatched, measured, fault } = options;
  const turns = createFairTurns();

  /** Runs a calculation. Namespaces share the time equally, so a tenant with large Ingresses delays mostly himself. */
  async function calculate<T>(namespace: string, steps: () => Steps<T>, signal: AbortSignal): Promise<T> {
    return turns(namespace, () => unlessAborted(steps(), signal));
  }

  /**
   * Whether the change needs no build, because the new version is not ours, or because no field that we read has
   * changed.
   */
  function isIrrelevant(candidate: V1Ingress, { operation, oldObject }: AdmissionRequest): boolean {
    const base = build.last();
    if (base === undefined) return false;
    if (!isWatched(candidate.metadata?.namespace ?? '')) return true;
    if (!chooseIngress(candidate, base.snapshot, base.options).ours) return true;
    // The stored form has only the fields that we read, so an update of the status, labels or finalizers does not
    // change it.
    return operation === 'UPDATE' && isDeepStrictEqual(read(oldObject), candidate);
  }

  /** The objects to which the candidate refers and that the Snapshot lacks. */
  async function missing(key: string, candidate: V1Ingress, signal: AbortSignal): Promise<FoundObjects | undefined> {
    const base = build.last();
    if (base === undefined) return undefined;
    const { snapshot } = base;
    const wanted = await calculate(
      namespaceOf(key),
      () => referencesAmong(withIngress(snapshot, key, candidate), base.options, [key]),
      signal,
    );
    const secrets = [...wanted.secrets].filter((each) => !snapshot.Secret.has(each));
    const configMaps = [...wanted.configMaps].filter((each) => !snapshot.ConfigMap.has(each));
    if (secrets.length + configMaps.length === 0) return undefined;
    return lookUp({ secrets: new Set(secrets), configMaps: new Set(configMaps) }, signal);
  }

  /**
   * The preview of the last Snapshot with the candidate, and the exception that the candidate causes. An exception that
   * names no Ingress is also attributed to the candidate, because nothing else is new.
   */
  function* previewWith(key: string, candidate: V1Ingress, found: FoundObjects | undefined): Steps<Made | undefined> {
    const base = build.last()?.snapshot;
    if (base === undefined) return undefined;
    const common = { from: performance.now(), known: base.Ingress.size };
    try {
      const snapshot = withIngress(found === undefined ? base : withFound(base, found), key, candidate);
      const preview = yield* build.preview(snapshot);
      const own = preview.faults.find(({ owners }) => owners.some((each) => keyOf(each) === key));
      return { preview, error: own?.error, ...common };
    } catch (error) {
      return { preview: NOTHING, error: asError(error), ...common };
    }
  }

  return async (request, signal) => {
    const began = performance.now();
    if (build.last() === undefined) return undefined;
    const candidate = read(completed(request.object, request));
    if (candidate === undefined) return isUnchanged(request) ? ADMITTED : MALFORMED;
    if (isIrrelevant(candidate, request)) return ADMITTED;
    const ref = ingressRef(candidate);
    const key = keyOf(ref);
    await settled();
    const found = await missing(key, candidate, signal);
    const made = await calculate(namespaceOf(key), () => previewWith(key, candidate, found), signal);
    if (made === undefined) return undefined;
    const { preview, error, from, known } = made;
    measured({
      before: (from - began) / 1000,
      build: (performance.now() - from) / 1000,
      tested: preview.ingresses,
      known,
    });
    if (error !== undefined) fault(key, error);
    return verdictOf(preview, ref, error, options);
  };
}
