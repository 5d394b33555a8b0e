/**
 * What NGINX's workers count about requests. The workers get this description as one string in nginx.conf
 * (`measuresText`), and send numbers in the order of `slotsOf`. nginx/lua/tidegate/metrics reads the string and counts;
 * report/request-metrics adds the numbers up.
 */

/**
 * Values of the label `method`. A worker counts all other methods as OTHER, because clients can send any number of
 * them.
 */
export const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
  'OTHER',
] as const;
export type Method = (typeof METHODS)[number];

/** The beginning of the names of metrics that ingress-nginx has, too. */
export const METRIC_PREFIX = 'nginx_ingress_controller_';

/** The name of the counter of requests, without the prefix of all metrics. */
export const REQUESTS = 'requests';

/**
 * The histograms, without the prefix of their names. The workers measure times in milliseconds, and all other values in
 * bytes: whole numbers, whose sums are exact. `per`: how many of the workers' units are one unit of the metric.
 */
export const REQUEST_HISTOGRAMS = [
  {
    name: 'request_duration_seconds',
    buckets: 'time',
    per: 1000,
    about: 'Time from the first byte of the request to the end of the response',
  },
  {
    name: 'response_duration_seconds',
    buckets: 'time',
    per: 1000,
    about: 'Time to receive the response from the endpoint',
  },
  {
    name: 'header_duration_seconds',
    buckets: 'time',
    per: 1000,
    about: "Time to the first byte of the endpoint's response",
  },
  { name: 'connect_duration_seconds', buckets: 'time', per: 1000, about: 'Time to connect to the endpoint' },
  { name: 'request_size', buckets: 'length', per: 1, about: 'Bytes of the request, with its head' },
  { name: 'response_size', buckets: 'length', per: 1, about: 'Bytes sent to the client, with the head' },
  { name: 'bytes_sent', buckets: 'size', per: 1, about: 'Like response_size, with other buckets' },
] as const satisfies readonly {
  readonly name: string;
  readonly buckets: BucketKind;
  readonly per: number;
  readonly about: string;
}[];

/** Which flag sets the buckets: --time-buckets (seconds), --length-buckets and --size-buckets (bytes). */
export type BucketKind = 'time' | 'length' | 'size';
export type HistogramName = (typeof REQUEST_HISTOGRAMS)[number]['name'];

/** The names that --exclude-socket-metrics knows. */
export const REQUEST_METRICS: readonly string[] = [REQUESTS, ...REQUEST_HISTOGRAMS.map(({ name }) => name)];

const MOST_BUCKETS = 40;
/** Maximum bound of a bucket: sums of larger values might not be exact. */
const LARGEST_BOUND = 1e12;

/** The numbers of a `buckets` flag; undefined if the value is not such a list. */
export function bucketBounds(text: string): readonly number[] | undefined {
  const items = text.split(',').map((item) => item.trim());
  const bounds = items.map(Number);
  const isValid = bounds.every(
    (bound, index) =>
      items[index] !== '' && bound > (bounds[index - 1] ?? 0) && bound >= 0.001 && bound <= LARGEST_BOUND,
  );
  return isValid && bounds.length <= MOST_BUCKETS ? bounds : undefined;
}

/** Which request metrics there are. */
export interface Measures {
  readonly histograms: readonly Measured[];
  /** Whether requests to hosts that no Ingress has are labelled with the requested host. */
  readonly undefinedHosts: boolean;
  /** The histograms are counted as native histograms, too. */
  readonly native?: NativeSetting;
}

/** The resolution of native histograms. */
export interface NativeSetting {
  /** Each doubling of a value is divided into 2^schema buckets; -4 to 8. */
  readonly schema: number;
  /** Maximum number of buckets of a histogram: beyond it, neighbours are merged. */
  readonly most: number;
}

/** The schema with the widest buckets that Prometheus knows. */
export const LOWEST_SCHEMA = -4;
const HIGHEST_SCHEMA = 8;

/**
 * The lowest schema with which a bucket's upper bound is at most `factor` times its lower bound; undefined for factors
 * up to 1, with which there are no native histograms.
 */
export function nativeSchema(factor: number): number | undefined {
  if (!(factor > 1)) return undefined;
  const exact = 0 - Math.floor(Math.log2(Math.log2(factor)));
  return Math.min(HIGHEST_SCHEMA, Math.max(LOWEST_SCHEMA, exact));
}

/** Nothing is measured. The workers still count the reasons for error responses. */
export const REASONS_ONLY: Measures = { histograms: [], undefinedHosts: false };

export interface Measured {
  readonly name: HistogramName;
  readonly about: string;
  /** Upper bounds of the buckets in the unit of the metric, ascending, without infinity. */
  readonly bounds: readonly number[];
  /** How many of the workers' units are one unit of the metric. */
  readonly per: number;
}

/** The histograms that are not `excluded`, with their buckets. */
export function measuredHistograms(
  bounds: Readonly<Record<BucketKind, readonly number[]>>,
  excluded: ReadonlySet<string>,
): readonly Measured[] {
  return REQUEST_HISTOGRAMS.filter(({ name }) => !excluded.has(name)).map(({ name, buckets, per, about }) => ({
    name,
    about,
    per,
    bounds: bounds[buckets],
  }));
}

/**
 * The description for NGINX's workers. Sections are separated by slashes, and the items of a section by colons. The
 * first section lists the methods; `native`, if it is there, contains the schema and the maximum number of buckets of
 * native histograms; each of the others is a histogram with its bounds in the workers' unit. Example:
 * `methods:GET:HEAD/native:3:100/request_size:10:20`.
 */
export function measuresText({ histograms, native }: Measures): string {
  const sections = histograms.map(({ name, bounds, per }) => [name, ...bounds.map((bound) => decimal(bound * per))]);
  const natives = native === undefined ? [] : [['native', native.schema, native.most]];
  return [['methods', ...METHODS], ...natives, ...sections].map((section) => section.join(':')).join('/');
}

/** At most 15 significant digits, without the rounding error of the multiplication. */
function decimal(value: number): string {
  return String(Number(value.toPrecision(15)));
}

/** The place of a histogram among the numbers of one series. */
export interface Slots {
  /** The sum of all values. The numbers of the buckets follow, the last one for values above all bounds. */
  readonly sum: number;
  readonly buckets: number;
}

/** The places of the histograms, in order. Place 0 is the number of requests. */
export function slotsOf({ histograms }: Measures): readonly Slots[] {
  let next = 1;
  return histograms.map(({ bounds }) => {
    const slots = { sum: next, buckets: bounds.length + 1 };
    next += slots.buckets + 1;
    return slots;
  });
}

/** How many numbers a series has. */
export function widthOf(measures: Measures): number {
  const last = slotsOf(measures).at(-1);
  return last === undefined ? 1 : last.sum + last.buckets + 1;
}

/** Numbers that the workers have counted, in reports that nginx/lua/tidegate/metrics/README.md describes. */
export interface CountedRequests {
  /** Changes when the numbering of reports starts over, because NGINX was restarted. */
  readonly epoch: string;
  /** Reports in ascending order of their numbers. */
  readonly reports: readonly { readonly number: number; readonly text: string }[];
  /** Whether there are more reports. */
  readonly more: boolean;
}

/** Responses of one status to requests of one host, as they were counted since the previous ones. */
export interface CountedResponses {
  /** As in Ingresses; empty for the catch-all host, and for requests without a route. */
  readonly host: string;
  /** `200`, or `other`. */
  readonly status: string;
  readonly requests: number;
  /** How long the requests took; undefined if that is not measured. */
  readonly durations:
    | {
        /** The sum in milliseconds. */
        readonly ms: number;
        /** The number of requests in each bucket, the last one for those above all bounds. */
        readonly buckets: readonly number[];
      }
    | undefined;
}

/** What has been received: NGINX deletes the reports up to this number and sends later ones. */
export interface ReceivedCounts {
  readonly epoch: string;
  readonly number: number;
}

/** NGINX's own counters (stub_status). */
export interface ConnectionCounts {
  readonly active: number;
  readonly reading: number;
  readonly writing: number;
  readonly waiting: number;
  readonly accepted: number;
  readonly handled: number;
  readonly requests: number;
}

/** Sums over NGINX's processes. A value is undefined if the workers may not read it. */
export interface ProcessFigures {
  readonly processes: number;
  /** User and system time of all processes since the master started, including those that have ended. */
  readonly cpuSeconds: number | undefined;
  readonly residentBytes: number | undefined;
  readonly virtualBytes: number | undefined;
  readonly readBytes: number | undefined;
  readonly writtenBytes: number | undefined;
  /** Unix time. */
  readonly oldestStartSeconds: number | undefined;
}
