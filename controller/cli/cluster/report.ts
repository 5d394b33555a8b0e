/**
 * Passes Problems and Outcomes to the log, to Events and to metrics, and finds the Ingresses and addresses for the
 * status writer.
 */
import type { Reporter } from '../../app/controller.ts';
import type { Inspection } from '../../inspect/inspection.ts';
import type { ApiWatch } from '../../cluster/index.ts';
import { parseStatusAddresses } from '../../report/addresses.ts';
import { type AddressSource, fixedAddresses, nodeAddresses, serviceAddresses } from '../../report/address-source.ts';
import type { EventTarget } from '../../report/event-object.ts';
import { createEventRecorder, type EventRecorder } from '../../report/events.ts';
import { faultText } from '../../report/fault-text.ts';
import type { PublishedIngress } from '../../report/status-writes.ts';
import type { Log } from '../../report/logger.ts';
import type { Metrics } from '../../report/metrics.ts';
import { logOutcome } from '../../report/outcome-log.ts';
import { outcomeNotes } from '../../report/outcome-events.ts';
import type { OwnPod } from '../../report/own-pod.ts';
import { createProblemEvents } from '../../report/problem-events.ts';
import { createProblemLog } from '../../report/problem-log.ts';
import type { ApiClient } from '../../types/api.ts';
import type { Outcome } from '../../types/outcome.ts';
import type { ObjectRef, Problem } from '../../types/problem.ts';
import type { Kind, Snapshot, SnapshotEvent } from '../../types/snapshot.ts';
import type { Arguments } from '../flag-values.ts';

export interface ClusterReport {
  readonly reporter: Reporter;
  /** Remembers which Ingresses have changed, for the Events about the next Outcome. */
  readonly noticed: (event: SnapshotEvent) => void;
  /** Call it when this replica becomes the leader, which records Events on Ingresses, or stops being the leader. */
  readonly leading: (leads: boolean) => void;
  /** Sets the Problems that the status writer has found. */
  readonly contested: (problems: readonly Problem[]) => void;
  /** Sets the Problems that requests have revealed. */
  readonly traffic: (problems: readonly Problem[]) => void;
  /** Number of Events that were not recorded, by reason. */
  readonly dropped: EventRecorder['dropped'];
  readonly close: () => Promise<void>;
}

export interface ClusterReportOptions {
  readonly api: ApiClient;
  readonly flags: Arguments<'controller'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly inspection: Pick<Inspection, 'problems' | 'outcome'>;
  /** Problems that were found at the start and stay. */
  readonly standing: readonly Problem[];
  readonly pod: OwnPod | undefined;
  readonly snapshot: () => Snapshot;
  readonly confHash: () => string;
  readonly quarantined: () => number;
  /** Whether Tidegate serves the Ingress `namespace/name`. The Snapshot also contains Ingresses of other classes. */
  readonly serves: (key: string) => boolean;
}

const COMPONENT = 'tidegate';
const CLOSE_MS = 2000;

/** Problems that are not reported: in a cluster, it is normal that Ingresses have the class of another controller. */
const ABOUT_OTHERS = new Set(['foreign-ingress-class']);

function refKey({ namespace, name }: ObjectRef): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

export function createClusterReport(options: ClusterReportOptions): ClusterReport {
  const { api, flags, log, metrics, pod, snapshot } = options;
  const recorder = createEventRecorder({ api, source: { component: COMPONENT, instance: pod?.name ?? '' }, log });
  let leads = flags.disableLeaderElection;
  const uidOf = (object: ObjectRef): string | undefined =>
    snapshot()[object.kind as Kind]?.get(refKey(object))?.metadata?.uid;
  const problemEvents = createProblemEvents({ recorder, uidOf, enabled: () => leads });
  const problemLog = createProblemLog(log);
  const podTarget: EventTarget | undefined =
    pod === undefined ? undefined : { kind: 'Pod', namespace: pod.namespace, name: pod.name, uid: pod.uid };
  let changed = new Set<string>();
  let built: readonly Problem[] = [];
  let contested: readonly Problem[] = [];
  let traffic: readonly Problem[] = [];

  function sayProblems(): void {
    const all = [...options.standing, ...built, ...contested, ...traffic].filter(({ code }) => !ABOUT_OTHERS.has(code));
    problemLog.report(all, () => undefined);
    metrics.problems(all);
    options.inspection.problems(all);
    problemEvents.report(all);
  }

  const tell = (step: 'structure' | 'live') => (outcome: Outcome, reasons: readonly string[], sinceMs?: number) => {
    logOutcome(log, outcome, reasons, sinceMs, 'debug');
    metrics.outcome(outcome, { step, reasons, sinceMs, confHash: options.confHash() });
    metrics.quarantined(options.quarantined());
    options.inspection.outcome(step, outcome, reasons, sinceMs);
    const served = outcome.kind === 'reload' || outcome.kind === 'live';
    const ingresses = served && leads && !flags.disableSyncEvents ? targets([...changed].filter(options.serves)) : [];
    if (served) changed = new Set();
    for (const note of outcomeNotes(outcome, { pod: podTarget, ingresses, reasons })) recorder.record(note);
  };
  const targets = (keys: readonly string[]): EventTarget[] =>
    keys.flatMap((key) => {
      const { namespace = '', name = '', uid } = snapshot().Ingress.get(key)?.metadata ?? {};
      return uid === undefined ? [] : [{ kind: 'Ingress', namespace, name, uid }];
    });

  return {
    reporter: {
      problems: (problems) => {
        built = problems;
        sayProblems();
      },
      structure: tell('structure'),
      live: tell('live'),
      fault: (ingress, error) => {
        log.error(faultText(ingress, error));
        metrics.fault();
      },
      info: (message) => log.info(message),
      error: (message) => log.error(message),
    },
    noticed: ({ changes }) => {
      for (const { kind, key } of changes) if (kind === 'Ingress') changed.add(key);
    },
    leading: (now) => {
      leads = now;
      problemEvents.refresh();
    },
    contested: (problems) => {
      contested = problems;
      sayProblems();
    },
    traffic: (problems) => {
      traffic = problems;
      sayProblems();
    },
    dropped: recorder.dropped,
    close: async () => {
      problemLog.flush();
      problemEvents.close();
      await recorder.close(CLOSE_MS);
    },
  };
}

/** Returns the source of the addresses for the status, or why there is none. */
export function addressSource(
  api: ApiClient,
  flags: Arguments<'controller'>,
  pod: OwnPod | undefined,
): AddressSource | { readonly obstacle: string } {
  const service = flags.publishService;
  if (service !== '') {
    const [namespace = '', name = ''] = service.split('/');
    return serviceAddresses(api, { namespace, name });
  }
  const fixed = flags.publishStatusAddress;
  if (fixed !== '') {
    const { addresses, refused } = parseStatusAddresses(fixed);
    if (refused.length > 0)
      return {
        obstacle: `--publish-status-address: ${refused.join(', ')} ${refused.length === 1 ? 'is not an address' : 'are not addresses'}; write, for example, 192.0.2.10`,
      };
    return fixedAddresses(addresses);
  }
  if (pod === undefined)
    return { obstacle: 'POD_NAME and POD_NAMESPACE are not set, so the nodes of the pods are unknown' };
  return nodeAddresses(api, pod, flags.reportNodeInternalIpAddress);
}

/** The Ingresses `keys` with the status that they have in the cluster, for the status writer. */
export function* publishedIngresses(
  keys: Iterable<string>,
  watch: ApiWatch,
  serves: (key: string) => boolean,
): Generator<PublishedIngress> {
  for (const key of keys) {
    const [namespace = '', name = ''] = key.split('/');
    yield { namespace, name, present: watch.ingressStatus(key) ?? [], served: serves(key) };
  }
}
