/** Request metrics: adds up what NGINX's workers have counted, and writes it in the text format of Prometheus. */
import { createHash } from 'node:crypto';
import { yieldToEventLoop } from '../../time/yield-to-event-loop.ts';
import type { Plan } from '../../types/plan.ts';
import { measuresText, widthOf } from '../../types/request-metrics.ts';
import { type CountedSink, readCountReport } from './count-report.ts';
import { createKnownRoutes } from './known-routes.ts';
import { requestPage } from './page.ts';
import { createRequestTotals, type FoldReason, type TotalsOptions } from './totals.ts';

export interface RequestMetricsOptions extends TotalsOptions {
  /** The counter of requests is not excluded. */
  readonly countsRequests: boolean;
}

export interface RequestMetrics {
  /**
   * Learns the routes of a new Plan, and removes the series of Ingresses that it does not serve. Until the first call,
   * nothing may be added.
   */
  readonly follow: (plan: Plan) => void;
  /** Adds reports of the workers, and yields to the event loop in between. */
  readonly add: (reports: readonly string[]) => Promise<void>;
  /** Parts of the text, between which the caller may pause. */
  readonly page: () => Generator<string, void>;
  /** The number of time series. */
  readonly size: () => number;
  /** Requests that were counted less exactly because there were too many series. */
  readonly folded: () => Readonly<Record<FoldReason, number>>;
  /** Lines of the workers that were ignored. */
  readonly refused: () => number;
}

export function createRequestMetrics(options: RequestMetricsOptions): RequestMetrics {
  const { measures } = options;
  const totals = createRequestTotals(options);
  const routes = createKnownRoutes();
  let ingresses: ReadonlySet<string> = new Set();
  let refused = 0;

  const sink: CountedSink = {
    digest: createHash('md5').update(measuresText(measures)).digest('hex'),
    width: widthOf(measures),
    add: (group, method, status, numbers) => {
      const route = group.route === '' ? undefined : routes.get(group.route);
      // A route that is unknown, or whose Ingress was removed: its requests are in no series anymore.
      const isGone = group.route !== '' && route === undefined;
      if (isGone || (route !== undefined && route.ingress !== '' && !ingresses.has(route.ingress))) return;
      totals.add(group, route, method, status, numbers);
    },
  };

  return {
    follow: (plan) => {
      routes.follow(plan);
      if (plan.ingresses !== ingresses) totals.retain(plan.ingresses);
      ingresses = plan.ingresses;
    },
    add: async (reports) => {
      for (const report of reports) {
        const result = readCountReport(report, sink);
        totals.foldedByWorker(result.folded);
        refused += result.refused;
        await yieldToEventLoop();
      }
    },
    page: () => requestPage(totals, options),
    size: totals.size,
    folded: totals.folded,
    refused: () => refused,
  };
}
