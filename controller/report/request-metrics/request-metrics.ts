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
  /** Called when requests of the Ingress `namespace/name` got error responses for this reason (docs/reasons.md). */
  readonly onError: (ingress: string, reason: string) => void;
  /** Whether the counter of requests is written. */
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
  /** Error responses by reason. */
  readonly errors: () => ReadonlyMap<string, number>;
  /** Lines of the workers that were ignored. */
  readonly refused: () => number;
}

/** Reasons contain names of annotations and keys, so there are fewer. The data plane is not trusted to keep to that. */
const MOST_REASONS = 300;
const OTHER_REASON = 'other';

export function createRequestMetrics(options: RequestMetricsOptions): RequestMetrics {
  const { measures } = options;
  const totals = createRequestTotals(options);
  const routes = createKnownRoutes();
  let ingresses: ReadonlySet<string> = new Set();
  let refused = 0;

  const errors = new Map<string, number>();
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
    addReason: (id, reason, responses) => {
      const label = errors.has(reason) || errors.size < MOST_REASONS ? reason : OTHER_REASON;
      errors.set(label, (errors.get(label) ?? 0) + responses);
      const { ingress = '' } = (id === '' ? undefined : routes.get(id)) ?? {};
      if (ingresses.has(ingress)) options.onError(ingress, reason);
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
    errors: () => errors,
    refused: () => refused,
  };
}
