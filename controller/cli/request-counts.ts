/** Adds up what NGINX counts about requests, and finds Problems that only requests reveal. */
import type { Log } from '../report/logger.ts';
import { type Collecting, startCollecting } from '../report/request-metrics/collect.ts';
import { labelText } from '../report/exposition/label-text.ts';
import {
  createRequestMetrics,
  type RequestMetrics,
  type RequestMetricsOptions,
} from '../report/request-metrics/request-metrics.ts';
import { createTrafficProblems } from '../report/traffic-problems.ts';
import type { Nginx } from '../types/nginx.ts';
import type { Plan } from '../types/plan.ts';
import type { Problem } from '../types/problem.ts';
import type { CountedResponses, Measures } from '../types/request-metrics.ts';
import type { Arguments } from './flag-values.ts';
import { countsRequests, DURATIONS_ONLY, measuresOf, unknownMetrics } from './metrics-flags.ts';

export interface RequestCounts {
  /** Undefined if the flags turn request metrics off. */
  readonly metrics: RequestMetrics | undefined;
  /**
   * Upper bounds of the buckets of durations, in seconds; empty if durations are not measured, undefined if requests
   * are not counted.
   */
  readonly durationBounds: readonly number[] | undefined;
  /**
   * Call it after each build. Nothing is fetched before the first call, because the routes are not known until then.
   */
  readonly built: (plan: Plan) => void;
  /** Fetches what has been counted since the last call. */
  readonly collect: () => Promise<void>;
  readonly close: () => void;
}

export interface CountingOptions {
  readonly nginx: Pick<Nginx, 'countedRequests'>;
  /** The prefix of the annotations, without the slash. */
  readonly prefix: string;
  /** The annotations of an Ingress `namespace/name`, with their full names. */
  readonly annotationsOf: (ingress: string) => Readonly<Record<string, string>>;
  /** Called with all Problems that requests reveal, whenever these Problems have changed. */
  readonly onProblems: (problems: readonly Problem[]) => void;
  /** Called with all responses that are counted. */
  readonly onCounted: (counted: CountedResponses) => void;
  /** The port on which clients connect for TLS. */
  readonly httpsPort: number;
}

export interface ClusterCountingOptions extends CountingOptions {
  readonly flags: Arguments<'controller'>;
  /** The labels that every series of this controller has. */
  readonly own: Readonly<Record<string, string>>;
  readonly log: Log;
}

/** How often counts are fetched if nobody scrapes. NGINX can store the counts of half a minute or more. */
const EVERY_MS = 5000;
/** `up` is used by a person who sends a request and then asks what was wrong. */
const EVERY_MS_BY_HAND = 1000;

function collectCounts(
  { nginx, prefix, annotationsOf, onProblems, onCounted }: CountingOptions,
  totals: Omit<RequestMetricsOptions, 'onError' | 'onCounted'>,
  everyMs: number,
): RequestCounts {
  const traffic = createTrafficProblems({ changed: onProblems, prefix, annotationsOf });
  const metrics = createRequestMetrics({ ...totals, onError: traffic.add, onCounted });
  let collecting: Collecting | undefined;
  return {
    metrics,
    durationBounds: durationBounds(totals.measures),
    built: (plan) => {
      metrics.follow(plan);
      traffic.retain((ingress) => plan.ingresses.has(ingress));
      collecting ??= startCollecting({
        fetch: (received) => nginx.countedRequests(received),
        add: metrics.add,
        everyMs,
      });
    },
    collect: () => collecting?.now() ?? Promise.resolve(),
    close: () => {
      collecting?.stop();
      traffic.close();
    },
  };
}

/** Counts what the flags of `tidegate controller` select. */
export function countRequests(options: ClusterCountingOptions): RequestCounts {
  const { flags, own, log } = options;
  const unknown = unknownMetrics(flags);
  if (unknown.length > 0)
    log.warn(`--exclude-socket-metrics: ${unknown.join(', ')}: there are no such request metrics`);
  const measures = measuresOf(flags);
  if (measures === undefined)
    return {
      metrics: undefined,
      durationBounds: undefined,
      built: () => undefined,
      collect: () => Promise.resolve(),
      close: () => undefined,
    };
  const totals = {
    measures,
    mostSeries: flags.metricsMaxSeries,
    perHost: flags.metricsPerHost,
    perPath: flags.metricsPerPath,
    statusClasses: flags.reportStatusClasses,
    ownLabels: labelText(Object.entries(own)),
    countsRequests: countsRequests(flags),
    httpsPort: options.httpsPort,
  };
  return collectCounts(options, totals, EVERY_MS);
}

/** Upper bounds of the buckets of durations, in seconds; empty if durations are not measured. */
export function durationBounds({ histograms }: Measures): readonly number[] {
  return histograms.find(({ name }) => name === 'request_duration_seconds')?.bounds ?? [];
}

/**
 * `tidegate up` serves no metrics: requests and their durations are counted for the inspection API, and the reasons for
 * error responses for the Problems.
 */
export function countByHand(options: CountingOptions): RequestCounts {
  const totals = {
    measures: DURATIONS_ONLY,
    mostSeries: 10_000,
    perHost: false,
    perPath: false,
    statusClasses: true,
    ownLabels: '',
    countsRequests: false,
    httpsPort: options.httpsPort,
  };
  return collectCounts(options, totals, EVERY_MS_BY_HAND);
}
