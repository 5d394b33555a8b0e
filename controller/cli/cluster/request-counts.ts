/** Adds up what NGINX counts about requests, as the flags want it. */
import { type Collecting, startCollecting } from '../../report/request-metrics/collect.ts';
import { labelText } from '../../report/request-metrics/label-text.ts';
import { createRequestMetrics, type RequestMetrics } from '../../report/request-metrics/request-metrics.ts';
import type { Nginx } from '../../types/nginx.ts';
import type { Plan } from '../../types/plan.ts';
import type { Arguments } from '../flag-values.ts';
import { countsRequests, measuresOf } from '../metrics-flags.ts';

export interface RequestCounts {
  /** Undefined if the flags want no request metrics. */
  readonly metrics: RequestMetrics | undefined;
  /** Call it after each build. Nothing is fetched before the first call, because the routes are not known. */
  readonly built: (plan: Plan) => void;
  /** Fetches what has been counted since the last call. */
  readonly collect: () => Promise<void>;
  readonly close: () => void;
}

/** How often counts are fetched if nobody scrapes. NGINX can keep those of half a minute and more. */
const EVERY_MS = 5000;

/**
 * `own`: the labels of all series of this controller. `onError` is called when requests of the Ingress `namespace/name`
 * got error responses for a reason.
 */
export function countRequests(
  flags: Arguments<'controller'>,
  nginx: Pick<Nginx, 'countedRequests'>,
  own: Readonly<Record<string, string>>,
  onError: (ingress: string, reason: string) => void,
): RequestCounts {
  const measures = measuresOf(flags);
  if (measures === undefined)
    return { metrics: undefined, built: () => undefined, collect: () => Promise.resolve(), close: () => undefined };
  const metrics = createRequestMetrics({
    measures,
    onError,
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
      collecting ??= startCollecting({
        fetch: (received) => nginx.countedRequests(received),
        add: metrics.add,
        everyMs: EVERY_MS,
      });
    },
    collect: () => collecting?.now() ?? Promise.resolve(),
    close: () => collecting?.stop(),
  };
}
