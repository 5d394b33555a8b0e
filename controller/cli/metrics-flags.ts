/** Flags of the request metrics, and what follows from their values for NGINX's workers. */
import { flag, type FlagValues } from '../types/flag.ts';
import {
  bucketBounds,
  measuredHistograms,
  type Measures,
  METRIC_PREFIX,
  nativeSchema,
  REQUEST_METRICS,
  REQUESTS,
} from '../types/request-metrics.ts';

export const METRICS_FLAGS = [
  flag('metrics-per-host', 'bool', 'true', 'request metrics have the label host: the host as written in the Ingress'),
  flag(
    'metrics-per-undefined-host',
    'bool',
    'false',
    'for requests to hosts that no Ingress has, the label host is the requested host, for up to 1,000 hosts; otherwise it is _',
  ),
  flag('metrics-per-path', 'bool', 'false', 'request metrics have the label path: the path as written in the Ingress'),
  flag(
    'metrics-max-series',
    'number',
    '500000',
    'maximum number of time series of request metrics. A namespace gets at most half of them, an Ingress at most a twentieth; beyond that, requests are counted with less exact labels (docs/metrics.md)',
    { range: [10_000, 10_000_000] },
  ),
  flag('report-status-classes', 'bool', 'false', 'the label status is 1xx, 2xx, 3xx, 4xx or 5xx'),
  flag(
    'time-buckets',
    'buckets',
    '0.005,0.01,0.025,0.05,0.1,0.25,0.5,1,2.5,5,10',
    'buckets of the duration histograms, in seconds',
  ),
  flag(
    'length-buckets',
    'buckets',
    '10,20,30,40,50,60,70,80,90,100',
    'buckets of request_size and response_size, in bytes',
  ),
  flag(
    'bucket-factor',
    'number',
    '0',
    'with a value above 1, request metrics are native histograms, too: the upper bound of a bucket is at most this many times its lower bound. Only the protobuf format contains them (docs/metrics.md)',
  ),
  flag(
    'max-buckets',
    'number',
    '100',
    'maximum number of buckets of a native histogram; beyond it, buckets are merged',
    {
      range: [2, 300],
    },
  ),
  flag('size-buckets', 'buckets', '10,100,1000,10000,100000,1000000,10000000', 'buckets of bytes_sent, in bytes'),
  flag(
    'exclude-socket-metrics',
    'text',
    '',
    `comma-separated names of request metrics that are left out, with or without the prefix ${METRIC_PREFIX}: ${REQUEST_METRICS.join(', ')}`,
  ),
] as const;

type MetricsFlags = FlagValues<(typeof METRICS_FLAGS)[number], 'controller'> & { readonly enableMetrics: boolean };

/** Names in --exclude-socket-metrics, without their prefix. */
function excludedNames(flags: Pick<MetricsFlags, 'excludeSocketMetrics'>): readonly string[] {
  return flags.excludeSocketMetrics
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => (name.startsWith(METRIC_PREFIX) ? name.slice(METRIC_PREFIX.length) : name));
}

/** Names in --exclude-socket-metrics that are not request metrics. */
export function unknownMetrics(flags: Pick<MetricsFlags, 'excludeSocketMetrics'>): readonly string[] {
  return excludedNames(flags).filter((name) => !REQUEST_METRICS.includes(name));
}

/** Whether the counter of requests is wanted. */
export function countsRequests(flags: Pick<MetricsFlags, 'excludeSocketMetrics'>): boolean {
  return !excludedNames(flags).includes(REQUESTS);
}

/** What the workers have to count; undefined if they need not count anything. */
export function measuresOf(flags: MetricsFlags): Measures | undefined {
  const bounds = {
    time: bucketBounds(flags.timeBuckets) ?? [],
    length: bucketBounds(flags.lengthBuckets) ?? [],
    size: bucketBounds(flags.sizeBuckets) ?? [],
  };
  const histograms = measuredHistograms(bounds, new Set(excludedNames(flags)));
  if (!flags.enableMetrics || (histograms.length === 0 && !countsRequests(flags))) return undefined;
  const schema = nativeSchema(flags.bucketFactor);
  const native = schema === undefined ? {} : { native: { schema, most: flags.maxBuckets } };
  return { histograms, undefinedHosts: flags.metricsPerUndefinedHost, ...native };
}

/** Upper bounds in seconds. Answers of a machine's own backends often take less than a millisecond. */
const BOUNDS_BY_HAND = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];

/** What `tidegate up` counts: requests, and how long they take. */
export const DURATIONS_ONLY: Measures = {
  histograms: measuredHistograms(
    { time: BOUNDS_BY_HAND, length: [], size: [] },
    new Set(REQUEST_METRICS.filter((name) => name !== 'request_duration_seconds')),
  ),
  undefinedHosts: false,
};
