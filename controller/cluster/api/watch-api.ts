/** Watches a cluster through its API server, and creates the same Snapshots as from manifests. */
import { isDeepStrictEqual } from 'node:util';
import type { V1IngressLoadBalancerIngress } from '@kubernetes/client-node';
import type { Locator, Problem } from '../../types/problem.ts';
import { emptySnapshot } from '../../types/snapshot.ts';
import type {
  Kind,
  ObjectChange,
  ObjectKey,
  ReferencedObjects,
  Snapshot,
  SnapshotEvent,
} from '../../types/snapshot.ts';
import { yieldToEventLoop } from '../../time/yield-to-event-loop.ts';
import type { ApiConnection } from './connection.ts';
import { createPendingReferences } from './pending-references.ts';
import { type KeptConfigMap, keepSettings } from './kept-settings.ts';
import type { ReferencesOf } from './pending-references.ts';
import { createObjectStore } from './object-store.ts';
import type { TakenSnapshot } from './object-store.ts';
import { watchProblems } from './problems.ts';
import { createReferences } from './references.ts';
import type { Reflector } from './reflector.ts';
import { startScope } from './scope.ts';
import { watchTlsSecrets } from './tls-secrets.ts';
import { DEFAULT_TUNING } from './tuning.ts';
import type { Tuning } from './tuning.ts';

export interface WatchApiOptions {
  /** Watch only this namespace. Cannot be combined with `watchNamespaceSelector`. */
  readonly watchNamespace?: string;
  /** Watch only namespaces with matching labels, for example `team=shop,tier!=test`. Changes to labels are followed. */
  readonly watchNamespaceSelector?: string;
  /**
   * `namespace/name` of the ConfigMap with the settings. The first event waits until the ConfigMap has been read or is
   * known to be missing. If it is deleted later, its last content stays in force.
   */
  readonly configMap?: ObjectKey;
  /** `namespace/name` of the ConfigMap with the owners of hosts; it is treated like `configMap`. */
  readonly hostPolicy?: ObjectKey;
  /** The ConfigMaps with TCP and UDP services; they are treated like `configMap`. */
  readonly streams?: readonly Pick<KeptConfigMap, 'key' | 'flag' | 'content'>[];
  /** Namespace whose Secrets of type kubernetes.io/tls are all watched. The first event also waits for them. */
  readonly certificates?: string;
  /** Watch all Namespaces for their annotations; with a namespace selector, only those that match are watched. */
  readonly namespaces?: boolean;
  /** Secrets (`namespace/name`) that a flag names. The first event also waits for them. */
  readonly secrets?: ReadonlySet<ObjectKey>;
  /**
   * Services (`namespace/name`) that are needed even if they are outside the watched namespaces: the default backend.
   */
  readonly services?: ReadonlySet<ObjectKey>;
  /**
   * Returns the objects that a build of this Snapshot would read, so that no event contains an Ingress without its
   * Secrets. Called for all Ingresses before the first event and whenever an IngressClass or the ConfigMap with the
   * settings changed, and otherwise only for the changed Ingresses. The call may take some time, in slices: changes to
   * Ingresses wait for it, changes to endpoints do not. A returned promise must not reject.
   */
  readonly referencesOf?: ReferencesOf;
  /** Receives the reasons why the first event is delayed. Called whenever they change. */
  readonly onWaiting?: (problems: readonly Problem[]) => void;
  readonly tuning?: Partial<Tuning>;
  /** Aborts the wait for the first event, and closes the watch. */
  readonly signal?: AbortSignal;
}

export interface ApiWatch {
  current(): { readonly snapshot: Snapshot; readonly problems: readonly Problem[]; readonly locate: Locator };
  /** Sets the objects that the last build read. All other objects are dropped after a while. */
  reference(objects: ReferencedObjects): void;
  /** The last seen `status.loadBalancer.ingress` of an Ingress. A change to it does not cause an event. */
  ingressStatus(key: ObjectKey): readonly V1IngressLoadBalancerIngress[] | undefined;
  /** Milliseconds since the data was last known to be current, for the kind with the oldest data. */
  ageMs(): number;
  /** After this returns, there are no more events. The connection stays open. */
  close(): void;
}

const NOTHING: ReadonlySet<Kind> = new Set();
/**
 * Maximum number of rounds that read the objects to which the objects of the previous round refer, for instance the
 * ConfigMap that `proxy-set-headers` of the settings names.
 */
const MOST_ROUNDS = 5;
/**
 * Up to this number of changes are collected at once, which takes about a millisecond; more are collected in slices.
 */
const AT_ONCE = 2000;

/**
 * Resolves after the first event. That event is published once everything has been listed, and every referenced object
 * has been read or is known to be missing (or forbidden, unless a flag names it). Later events contain what changed; an
 * outage causes no event except for its Problem. `onEvent` must not throw. Rejects only if `signal` aborts before the
 * first event.
 */
export async function watchApi(
  connection: ApiConnection,
  options: WatchApiOptions,
  onEvent: (event: SnapshotEvent) => void,
): Promise<ApiWatch> {
  const { watchNamespace, watchNamespaceSelector, configMap, hostPolicy, referencesOf } = options;
  const { services = new Set<ObjectKey>(), namespaces = false, certificates } = options;
  const tuning = { ...DEFAULT_TUNING, ...options.tuning };
  const kept = keepSettings(
    createObjectStore({ bySelector: watchNamespaceSelector !== undefined, services }),
    keptConfigMaps(options),
    noticeState,
  );
  const { store } = kept;
  const fixed: ReferencedObjects = {
    secrets: options.secrets ?? new Set(),
    configMaps: new Set(
      [configMap, hostPolicy, ...(options.streams ?? []).map(({ key }) => key)].filter((key) => key !== undefined),
    ),
  };
  const statuses = new Map<ObjectKey, readonly V1IngressLoadBalancerIngress[]>();
  let snapshot = emptySnapshot();
  let problems: readonly Problem[] = [];
  /** Whether the inputs of `problems` may have changed. */
  let stateChanged = true;
  /** Whether the changes of an event are being collected. Changes that arrive meanwhile belong to the next event. */
  let gathering = false;
  let noticedAt = performance.now();
  let scheduled: NodeJS.Immediate | undefined;
  let phase: 'listing' | 'live' | 'closed' = 'listing';
  let wake: () => void = () => {};

  const tlsSecrets = certificates === undefined ? undefined : watchTlsSecrets(store, certificates);
  const references = createReferences({
    connection,
    tuning,
    store: tlsSecrets?.others ?? store,
    fixed,
    mayWatchAll: watchNamespace === undefined,
    onChange: schedule,
    onState: noticeState,
  });
  const scope: readonly Reflector[] = startScope({
    connection,
    tuning,
    store,
    watchNamespace,
    watchNamespaceSelector,
    namespaces,
    services,
    statuses,
    onChange: schedule,
    onState: noticeState,
  }).concat(tlsSecrets?.start({ connection, tuning, onChange: schedule, onState: noticeState }) ?? []);
  const pending = createPendingReferences({
    store,
    references,
    referencesOf,
    configMap,
    holdMs: tuning.holdMs,
    onRelease: schedule,
  });
  const reflectors = () => [...scope, ...references.reflectors()];

  function noticeState(): void {
    stateChanged = true;
    schedule();
  }

  /** Combines the changes of one turn of the event loop into one event. */
  function schedule(): void {
    if (scheduled !== undefined || phase === 'closed') return;
    noticedAt = performance.now();
    scheduled = setImmediate(() => {
      scheduled = undefined;
      if (phase === 'live') publish();
      else if (phase === 'listing') wait();
    });
  }

  /** Updates `problems`; returns true if they changed. */
  function judge(): boolean {
    if (!stateChanged) return false;
    stateChanged = false;
    const now = [...watchProblems(reflectors()), ...kept.problems()];
    if (isDeepStrictEqual(now, problems)) return false;
    problems = now;
    return true;
  }

  function wait(): void {
    if (judge()) options.onWaiting?.(problems);
    wake();
  }

  function publish(): void {
    if (gathering) return;
    const taken = store.take(pending.waiting(noticedAt));
    if (taken.size <= AT_ONCE) tell(taken, [...taken.changes()], noticedAt);
    else void tellInSlices(taken, noticedAt);
  }

  async function tellInSlices(taken: TakenSnapshot, since: number): Promise<void> {
    gathering = true;
    const changes = await gather(taken);
    gathering = false;
    if (phase !== 'live') return;
    tell(taken, changes, since);
    schedule();
  }

  function tell(taken: TakenSnapshot, changes: readonly ObjectChange[], since: number): void {
    const judged = judge();
    if (changes.length === 0 && !judged) return;
    ({ snapshot } = taken);
    onEvent({ snapshot, changes, problems, noticedAt: since });
  }

  function close(): void {
    phase = 'closed';
    clearImmediate(scheduled);
    pending.end();
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
      const objects = await referencesOf?.(store.candidate(), undefined);
      const settled = objects === undefined ? undefined : references.ensure(objects);
      if (settled === undefined) return;
      await settled;
    }
  }

  options.signal?.addEventListener('abort', close, { once: true });
  if (options.signal?.aborted) close();
  await everythingListed();
  await everythingReferenced();
  options.signal?.throwIfAborted();
  const taken = store.take(NOTHING);
  const changes = await gather(taken);
  options.signal?.throwIfAborted();
  phase = 'live';
  judge();
  ({ snapshot } = taken);
  onEvent({ snapshot, changes, problems, noticedAt });
  schedule();

  return {
    current: () => ({ snapshot, problems, locate: () => undefined }),
    reference(objects) {
      references.replace(objects);
    },
    ingressStatus: (key) => statuses.get(key),
    ageMs() {
      const now = performance.now();
      // A kind that could never be listed is not counted: it lacks a permission, which is reported as a Problem.
      const ages = reflectors().map((reflector) => (reflector.state().synced ? now - reflector.state().freshAt : 0));
      return Math.max(0, ...ages);
    },
    close,
  };
}

function keptConfigMaps({ configMap, hostPolicy, streams = [] }: WatchApiOptions): readonly KeptConfigMap[] {
  const settings = {
    flag: '--configmap',
    content: 'settings',
    atStart: 'uses the defaults, without access restrictions',
  };
  const owners = { flag: '--host-policy-configmap', content: 'owners of hosts', atStart: 'does not start' };
  return [
    ...(configMap === undefined ? [] : [{ key: configMap, ...settings }]),
    ...(hostPolicy === undefined ? [] : [{ key: hostPolicy, ...owners }]),
    ...streams.map(({ key, flag, content }) => ({ key, flag, content, atStart: `serves no ${content}` })),
  ];
}

async function gather(taken: TakenSnapshot): Promise<readonly ObjectChange[]> {
  const changes: ObjectChange[] = [];
  for (const change of taken.changes()) {
    changes.push(change);
    await yieldToEventLoop();
  }
  return changes;
}
