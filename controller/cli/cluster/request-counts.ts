/**
 * Adds up what NGINX counts about requests, as far as the flags demand it, and finds Problems that only requests
 * reveal.
 */
import type { Log } from '../../report/logger.ts';
import { type Collecting, startCollecting } from '../../report/request-metrics/collect.ts';
import { labelText } from '../../report/request-metrics/label-text.ts';
import { createRequestMetrics, type RequestMetrics } from '../../report/request-metrics/request-metrics.ts';
import { createTrafficProblems } from '../../report/traffic-problems.ts';
import type { Nginx } from '../../types/nginx.ts';
import type { Plan } from '../../types/plan.ts';
import type { Problem } from '../../types/problem.ts';
import type { Arguments } from '../flag-values.ts';
import { countsRequests, measuresOf, unknownMetrics } from '../metrics-flags.ts';

export interface RequestCounts {
  /** Undefined if the flags turn request metrics off. */
  readonly metrics: RequestMetrics | undefined;
  /**
   * Call it after each build. Nothing is fetched before the first call, because the routes are not known until then.
   */
  readonly built: (plan: Plan) => void;
  /** Fetches what has been counted since the last call. */
  readonly collect: () => Promise<void>;
  readonly close: () => void;
}

/** How often counts are fetched if nobody scrapes. NGINX can store the counts of half a minute or more. */
const EVERY_MS = 5000;

export interface RequestCountsOptions {
  readonly flags: Arguments<'controller'>;
  readonly nginx: Pick<Nginx, 'countedRequests'>;
  /** The labels that every series of this controller has. */
  readonly own: Readonly<Record<string, string>>;
  readonly log: Log;
  /** Called with all Problems that requests reveal, whenever these Problems have changed. */
  readonly onProblems: (problems: readonly Problem[]) => void;
}

export function countRequests({ flags, nginx, own, log, onProblems }: RequestCountsOptions): RequestCounts {
  const unknown = unknownMetrics(flags);
  if (unknown.length > 0)
    log.warn(`--exclude-socket-metrics: ${unknown.join(', ')}: there are no such request metrics`);
  const measures = measuresOf(flags);
  if (measures === undefined)
    return { metrics: undefined, built: () => undefined, collect: () => Promise.resolve(), close: () => undefined };
  const traffic = createTrafficProblems({ changed: onProblems, prefix: flags.annotationsPrefix });
  const metrics = createRequestMetrics({
    measures,
    onError: traffic.add,
    mostSeries: flags.metricsMaxSeries,
    perHost: flags.metricsPerHost,
    perPath: flags.metricsPerPath,
    statusClasses: flags.reportStatusClasses,
    ownLabels: labelText(Object.entries(own)),
    countsRequests: countsRequests(flags),
  });
  let collecting: Collecting | undefined;
  return {
    metrics,
    built: (plan) => {
      metrics.follow(plan);
      traffic.retain((ingress) => plan.ingresses.has(ingress));
      collecting ??= startCollecting({
        fetch: (received) => nginx.countedRequests(received),
        add: metrics.add,
        everyMs: EVERY_MS,
      });
    },
    collect: () => collecting?.now() ?? Promise.resolve(),
    close: () => {
      collecting?.stop();
      traffic.close();
    },
  };
}
