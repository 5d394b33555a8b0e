/** Elects a leader among the replicas. Only the leader writes the status of Ingresses and records Events on them. */
import type { AddressSource } from '../../report/address-source.ts';
import { createIngressStatus, type IngressStatus } from '../../report/ingress-status.ts';
import type { PublishedIngress } from '../../report/status-writes.ts';
import type { ClassChange } from '../../report/handed-over-ingresses.ts';
import { type Election, startElection } from '../../report/lease.ts';
import type { Log } from '../../report/logger.ts';
import type { Metrics } from '../../report/metrics.ts';
import { isLastPod, type OwnPod } from '../../report/own-pod.ts';
import type { ApiClient } from '../../types/api.ts';
import type { Problem } from '../../types/problem.ts';
import type { Arguments } from '../flag-values.ts';

export interface LeadershipOptions {
  readonly api: ApiClient;
  readonly flags: Arguments<'controller'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly pod: OwnPod;
  readonly source: AddressSource;
  readonly ingresses: () => Iterable<PublishedIngress>;
  /** Why an Ingress is no longer one of `ingresses`. */
  readonly classChangeOf: (key: string) => ClassChange;
  readonly onProblem: (problem: Problem | undefined) => void;
  /** Called with the Ingresses whose status another controller keeps overwriting. */
  readonly onContested: (problems: readonly Problem[]) => void;
  /** Called when this replica becomes the leader or stops being the leader. */
  readonly onChange: (leads: boolean) => void;
}

export interface Leadership {
  /** Call it when the Ingresses or their status may have changed. */
  readonly changed: () => void;
  /** Removes the addresses from the status if this is the last Pod, and releases the Lease. */
  readonly end: () => Promise<void>;
}

/**
 * Maximum time for removing the addresses. Thousands of Ingresses take some seconds, and the Pod may take minutes to
 * end.
 */
const CLEAR_MS = 20_000;

/** Takes part in the election, and writes the status while this replica is the leader. */
export function startLeadership(options: LeadershipOptions): Leadership {
  const { api, flags, log, metrics, pod, source } = options;
  const lease = flags.electionId;
  const status: IngressStatus | undefined = flags.updateStatus
    ? createIngressStatus({
        api,
        source,
        ingresses: options.ingresses,
        classChangeOf: options.classChangeOf,
        log,
        onProblem: options.onProblem,
        onContested: options.onContested,
      })
    : undefined;
  const turn = (leads: boolean) => {
    metrics.leader(lease, leads);
    if (leads) status?.lead();
    else status?.lose();
    options.onChange(leads);
  };
  const election: Election = startElection({
    api,
    namespace: pod.namespace,
    name: lease,
    identity: pod.name,
    durationMs: flags.electionTtl,
    log,
    onLead: () => turn(true),
    onLose: () => turn(false),
  });
  metrics.leader(lease, false);
  // A regular check finds changes that were missed.
  const look = setInterval(() => status?.changed(), Math.max(5, flags.statusUpdateInterval) * 1000);
  look.unref();
  return {
    changed: () => status?.changed(),
    end: async () => {
      clearInterval(look);
      if (status !== undefined && flags.updateStatusOnShutdown && election.leading() && (await isLastPod(api, pod))) {
        const failed = await status.clear(CLEAR_MS);
        if (failed > 0)
          log.warn(`the status of ${failed === 1 ? '1 Ingress' : `${failed} Ingresses`} could not be cleared`);
      }
      await election.stop();
    },
  };
}
