/** The cluster, watched through its API server: the same Snapshots as from manifests. */
import { isDeepStrictEqual } from 'node:util';
import type { V1IngressLoadBalancerIngress } from '@kubernetes/client-node';
import type { Locator, Problem } from '../../types/problem.ts';
import type { Kind, ObjectKey, Snapshot, SnapshotEvent } from '../../types/snapshot.ts';
import type { ApiConnection } from './connection.ts';
import { createObjectStore } from './object-store.ts';
import { problemsOf } from './problems.ts';
import { createReferences } from './references.ts';
import type { ReferencedObjects } from './references.ts';
import type { Reflector } from './reflector.ts';
import { startScope } from './scope.ts';
import { DEFAULT_TUNING } from './tuning.ts';
import type { Tuning } from './tuning.ts';

export interface WatchApiOptions {
  /** Only this namespace; excludes `watchNamespaceSelector`. */
  readonly watchNamespace?: string;
  /** Only namespaces whose labels fit, followed as they change: `team=shop,tier!=test`. */
  readonly watchNamespaceSelector?: string;
  /** `namespace/name` of the ConfigMap with the settings. */
  readonly configMap?: ObjectKey;
  /** Services (`namespace/name`) that are needed from outside the watched namespaces too: the default backend. */
  readonly services?: ReadonlySet<ObjectKey>;
  /**
   * What a build of this Snapshot would look at. Asked before the first event, and whenever an Ingress, an
   * IngressClass or a ConfigMap changes, so that no event holds an Ingress without the Secrets it refers to.
   */
  readonly referencesOf?: (snapshot: Snapshot) => ReferencedObjects;
  /** Told why the first event does not come yet; called whenever that changes. */
  readonly onWaiting?: (problems: readonly Problem[]) => void;
  readonly tuning?: Partial<Tuning>;
  /** Gives up waiting for the first event, and closes. */
  readonly signal?: AbortSignal;
}

export interface ApiWatch {
  current(): { readonly snapshot: Snapshot; readonly problems: readonly Problem[]; readonly locate: Locator };
  /** What the last build looked at; the rest is let go after a while. */
  reference(objects: ReferencedObjects): void;
  /** `status.loadBalancer.ingress` of an Ingress as last seen; changes of it make no event. */
  ingressStatus(key: ObjectKey): readonly V1IngressLoadBalancerIngress[] | undefined;
  /** Milliseconds since the last proof that everything held is current, for the stalest part of it. */
  ageMs(): number;
  /** No event comes any more once this returned; the connection stays open. */
  close(): void;
}

const NOTHING: ReadonlySet<Kind> = new Set();
/** What decides which Secrets are looked at; endpoints never wait. */
const REFERRING: ReadonlySet<Kind> = new Set<Kind>(['Ingress', 'IngressClass', 'ConfigMap']);
/** Rounds in which what is referred to refers on: Ingress, settings, Secret. */
const MOST_ROUNDS = 5;

/**
 * Resolves after the first event, which comes once everything is listed and everything referred to is there (or is
 * known to be missing or forbidden). Later events hold what changed; an outage makes none but for its Problem.
 * `onEvent` must not throw. Rejects only where `signal` aborts first.
 */
export async function watchApi(
  connection: ApiConnection,
  options: WatchApiOptions,
  onEvent: (event: SnapshotEvent) => void,
): Promise<ApiWatch> {
  const { watchNamespace, watchNamespaceSelector, configMap, services = new Set<ObjectKey>(), referencesOf } = options;
  const tuning = { ...DEFAULT_TUNING, ...options.tuning };
  const store = createObjectStore({ bySelector: watchNamespaceSelector !== undefined, services });
  const fixed: ReferencedObjects = {
    secrets: new Set(),
    configMaps: new Set(configMap === undefined ? [] : [configMap]),
  };
  const statuses = new Map<ObjectKey, readonly V1IngressLoadBalancerIngress[]>();
  let problems: readonly Problem[] = [];
  let noticedAt = performance.now();
  let scheduled: NodeJS.Immediate | undefined;
  let holdTimer: NodeJS.Timeout | undefined;
  /** Ingresses wait for what they refer to. */
  let holding: Promise<void> | undefined;
  /** Since when some Ingress has waited: an endless series of new ones must not make it wait for ever. */
  let heldSince: number | undefined;
  let phase: 'listing' | 'live' | 'closed' = 'listing';
  let wake: () => void = () => {};

  const references = createReferences({
    connection,
    tuning,
    store,
    fixed,
    mayWatchAll: watchNamespace === undefined,
    onChange: schedule,
    onState: schedule,
  });
  const scope: readonly Reflector[] = startScope({
    connection,
    tuning,
    store,
    watchNamespace,
    watchNamespaceSelector,
    services,
    statuses,
    onChange: schedule,
    onState: schedule,
  });
  const reflectors = () => [...scope, ...references.reflectors()];

  /** Events of one turn of the event loop end up in one. */
  function schedule(): void {
    if (scheduled !== undefined || phase === 'closed') return;
    noticedAt = performance.now();
    scheduled = setImmediate(() => {
      scheduled = undefined;
      if (phase === 'live') publish();
      else if (phase === 'listing') wait();
    });
  }

  function wait(): void {
    const now = problemsOf(reflectors());
    if (!isDeepStrictEqual(now, problems)) {
      problems = now;
      options.onWaiting?.(problems);
    }
    wake();
  }

  function publish(): void {
    if (holding === undefined && referencesOf !== undefined && store.isPending(REFERRING)) {
      hold(references.ensure(referencesOf(store.candidate())));
    }
    heldSince = holding === undefined ? undefined : (heldSince ?? noticedAt);
    const changes = store.take(holding === undefined ? NOTHING : REFERRING);
    const now = problemsOf(reflectors());
    if (changes.length === 0 && isDeepStrictEqual(now, problems)) return;
    problems = now;
    onEvent({ snapshot: store.snapshot(), changes, problems, noticedAt });
  }

  function hold(settled: Promise<void> | undefined): void {
    const left = tuning.holdMs - (heldSince === undefined ? 0 : performance.now() - heldSince);
    if (settled === undefined || left <= 0) return;
    const release = () => {
      if (holding !== settled) return;
      clearTimeout(holdTimer);
      holding = undefined;
      schedule();
    };
    holding = settled;
    holdTimer = setTimeout(release, left);
    void settled.then(release);
  }

  function close(): void {
    phase = 'closed';
    clearImmediate(scheduled);
    clearTimeout(holdTimer);
    options.signal?.removeEventListener('abort', close);
    for (const reflector of scope) reflector.stop();
    references.stop();
    wake();
  }

  function isListing(): boolean {
    return phase === 'listing';
  }

  async function everythingListed(): Promise<void> {
    while (isListing() && !scope.every((reflector) => reflector.state().settled)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  async function everythingReferenced(): Promise<void> {
    await references.ensure(fixed);
    for (let round = 0; round < MOST_ROUNDS && isListing(); round += 1) {
      const settled = referencesOf === undefined ? undefined : references.ensure(referencesOf(store.candidate()));
      if (settled === undefined) return;
      await settled;
    }
  }

  options.signal?.addEventListener('abort', close, { once: true });
  if (options.signal?.aborted) close();
  await everythingListed();
  await everythingReferenced();
  options.signal?.throwIfAborted();
  phase = 'live';
  const changes = store.take(NOTHING);
  problems = problemsOf(reflectors());
  onEvent({ snapshot: store.snapshot(), changes, problems, noticedAt });

  return {
    current: () => ({ snapshot: store.snapshot(), problems, locate: () => undefined }),
    reference(objects) {
      references.replace(objects);
    },
    ingressStatus: (key) => statuses.get(key),
    ageMs() {
      const now = performance.now();
      // What never could be listed is a matter of rights, and a Problem of its own.
      const ages = reflectors().map((reflector) => (reflector.state().synced ? now - reflector.state().freshAt : 0));
      return Math.max(0, ...ages);
    },
    close,
  };
}
