/** Request metrics: adds up what NGINX's workers have counted, as families of metrics. */
import { createHash } from 'node:crypto';
import { yieldToEventLoop } from '../../time/yield-to-event-loop.ts';
import type { Plan } from '../../types/plan.ts';
import { type CountedResponses, measuresText, slotsOf, widthOf } from '../../types/request-metrics.ts';
import type { EntrySessions } from '../../types/session-metrics.ts';
import type { MetricFamily } from '../exposition/family.ts';
import { type CountedEvent, type CountedSink, readCountReport } from './count-report.ts';
import { CATCH_ALL, createKnownRoutes, NO_ROUTE, type RouteLabels } from './known-routes.ts';
import { createEventTotals, type EventFamilyName } from './event-totals.ts';
import { requestFamilies } from './families.ts';
import { createKnownSessions } from './known-sessions.ts';
import { createSessionTotals } from './session-totals.ts';
import { createSeriesShares } from './shares.ts';
import { createRequestTotals, type FoldReason, type TotalsOptions } from './totals.ts';

export interface RequestMetricsOptions extends Omit<TotalsOptions, 'shares'> {
  /** --metrics-max-series. */
  readonly mostSeries: number;
  /** Called when requests of the Ingress `namespace/name` got error responses for this reason (docs/reasons.md). */
  readonly onError: (ingress: string, reason: string) => void;
  /** Called with all responses that are counted. */
  readonly onCounted?: (counted: CountedResponses) => void;
  /** Whether the counter of requests is written. */
  readonly countsRequests: boolean;
  /** The port on which clients connect for TLS. */
  readonly httpsPort: number;
}

export interface RequestMetrics {
  /**
   * Learns the routes of a new Plan, and removes the series of Ingresses that it does not serve. Until the first call,
   * nothing may be added.
   */
  readonly follow: (plan: Plan) => void;
  /** Adds reports of the workers, and yields to the event loop in between. */
  readonly add: (reports: readonly string[]) => Promise<void>;
  readonly families: () => readonly MetricFamily[];
  /** The number of time series. */
  readonly size: () => number;
  /** Requests that were counted less exactly because there were too many series. */
  readonly folded: () => Readonly<Record<FoldReason, number>>;
  /** Lines of the workers that were ignored. */
  readonly refused: () => number;
  /** What was counted about TCP and UDP services, and about hosts whose TLS is passed through. */
  readonly sessions: () => readonly EntrySessions[];
}

/** Reasons contain names of annotations and keys, so there are fewer. The data plane is not trusted to keep to that. */
const MOST_REASONS = 300;
const OTHER_REASON = 'other';

const EVENTS: Readonly<Record<CountedEvent, readonly [family: EventFamilyName, value: string]>> = {
  retry: ['retries', ''],
  'auth-hit': ['authCache', 'hit'],
  'auth-miss': ['authCache', 'miss'],
  'auth-bypass': ['authCache', 'bypass'],
};

export function createRequestMetrics(options: RequestMetricsOptions): RequestMetrics {
  const { measures } = options;
  const shares = createSeriesShares(options.mostSeries);
  const totals = createRequestTotals({ ...options, shares });
  const events = createEventTotals({ ...options, shares });
  const routes = createKnownRoutes();
  const sessions = createSessionTotals(shares, options.ownLabels);
  const entries = createKnownSessions(options.httpsPort);
  let ingresses: ReadonlySet<string> = new Set();
  let refused = 0;

  /**
   * Returns `{ route }` with the labels of the route; for the empty id, `route` is undefined. Returns undefined if the
   * route is unknown or its Ingress was removed: its requests no longer belong to any series.
   */
  function served(id: string): { readonly route: RouteLabels | undefined } | undefined {
    if (id === '') return { route: undefined };
    const route = routes.get(id);
    return route === undefined || (route.ingress !== '' && !ingresses.has(route.ingress)) ? undefined : { route };
  }

  const durationIndex = measures.histograms.findIndex(({ name }) => name === 'request_duration_seconds');
  const durationSlots = slotsOf(measures)[durationIndex];

  function tell({ host }: RouteLabels, status: string, numbers: Float64Array): void {
    if (options.onCounted === undefined) return;
    const durations = durationSlots && {
      ms: numbers[durationSlots.sum] ?? 0,
      buckets: [...numbers.subarray(durationSlots.sum + 1, durationSlots.sum + 1 + durationSlots.buckets)],
    };
    options.onCounted({ host: host === CATCH_ALL ? '' : host, status, requests: numbers[0] ?? 0, durations });
  }

  function followSessions(plan: Plan): void {
    for (const entry of entries.follow(plan)) sessions.remove(entry);
    for (const entry of entries.ports()) {
      const labels = entries.get(entry);
      if (labels !== undefined) sessions.open(entry, labels);
    }
  }

  const reasons = new Set<string>();
  const sink: CountedSink = {
    digest: createHash('md5').update(measuresText(measures)).digest('hex'),
    width: widthOf(measures),
    native: measures.native,
    add: (group, method, status, counted) => {
      const found = served(group.route);
      if (found === undefined) return;
      totals.add(group, found.route, method, status, counted);
      tell(found.route ?? NO_ROUTE, status, counted.numbers);
    },
    addEvent: (id, event, count) => {
      const found = served(id);
      if (found !== undefined) events.add(found.route, ...EVENTS[event], count);
    },
    addSessions: (entry, status, numbers) => {
      const labels = entries.get(entry);
      if (labels !== undefined) sessions.add(entry, labels, status, numbers);
    },
    addReason: (id, reason, responses) => {
      const label = reasons.has(reason) || reasons.size < MOST_REASONS ? reason : OTHER_REASON;
      reasons.add(label);
      const found = served(id);
      events.add(found?.route, 'errors', label, responses);
      const ingress = found?.route?.ingress ?? '';
      if (ingress !== '') options.onError(ingress, reason);
    },
  };

  return {
    follow: (plan) => {
      routes.follow(plan);
      if (plan.ingresses !== ingresses) {
        totals.retain(plan.ingresses);
        events.retain(plan.ingresses);
      }
      ingresses = plan.ingresses;
      followSessions(plan);
    },
    add: async (reports) => {
      for (const report of reports) {
        const result = readCountReport(report, sink);
        totals.foldedByWorker(result.folded);
        refused += result.refused;
        sessions.drop(result.dropped);
        await yieldToEventLoop();
      }
    },
    families: () => [...requestFamilies(totals, options), ...events.families(), ...sessions.families()],
    size: shares.used,
    folded: totals.folded,
    refused: () => refused,
    sessions: sessions.entries,
  };
}
