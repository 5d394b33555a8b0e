/**
 * The sums of what all workers have counted, as series with labels. The number of series is limited in steps: once an
 * owner has used most of its share, its new series have the method OTHER and a class of statuses; once it has used its
 * whole share, requests that would need a new series are added to series without an Ingress. Nothing is lost from the
 * sum over all series.
 */
import { type Measures, slotsOf, widthOf } from '../../types/request-metrics.ts';
import { labelText } from '../exposition/label-text.ts';
import type { CountedGroup, CountedSeries } from './count-report.ts';
import { CATCH_ALL, NO_ROUTE, type RouteLabels } from './known-routes.ts';
import { addBuckets, type CountedBuckets, type NativeBuckets, newBuckets } from './native-buckets.ts';
import { createNumberRows } from './number-rows.ts';
import { ownerOf, type SeriesOwner, type SeriesShares } from './shares.ts';

export interface TotalsOptions {
  readonly measures: Measures;
  /** The limits of --metrics-max-series. */
  readonly shares: SeriesShares;
  /** Whether the series have the label host. */
  readonly perHost: boolean;
  /** Whether the series have the label path. */
  readonly perPath: boolean;
  /** Whether the label status has only the values 1xx to 5xx and other. */
  readonly statusClasses: boolean;
  /** The labels of all series of this controller, as text: `controller_class="…",…`. */
  readonly ownLabels: string;
}

/** Why a request was counted less exactly: see `RequestTotals.folded`. */
export type FoldReason = 'worker' | 'share' | 'limit' | 'host';

/** One combination of labels. */
export interface Series {
  /** Labels as text, without braces. */
  readonly labels: string;
  readonly owner: SeriesOwner;
  /** The place of the numbers, or -1 if the series was removed. */
  row: number;
  /** The histograms that have a value, as bits. */
  present: number;
  /** The native histograms, by the index of the histogram. */
  readonly natives: Map<number, NativeBuckets>;
}

interface SeriesGroup {
  readonly key: string;
  readonly owner: SeriesOwner;
  readonly ingress: string;
  /** By method and status. */
  readonly series: Map<string, Series>;
  /** The labels except status and method, as text. */
  readonly labels: string;
}

export interface RequestTotals {
  /** `route`: the labels of the group's route; undefined if the request had none. */
  readonly add: (
    group: CountedGroup,
    route: RouteLabels | undefined,
    method: string,
    status: string,
    counted: CountedSeries,
  ) => void;
  /** Removes the series of all Ingresses that are not in `ingresses`. */
  readonly retain: (ingresses: ReadonlySet<string>) => void;
  readonly all: () => Iterable<Series>;
  readonly numbers: (series: Series) => Float64Array;
  readonly folded: () => Readonly<Record<FoldReason, number>>;
  /** Counts requests that a worker has counted less exactly. */
  readonly foldedByWorker: (requests: number) => void;
}

/** An owner gets exact series up to this part of its share, and series of classes up to the whole share. */
const EXACT_PART = 0.75;
/** How many hosts without an Ingress become values of a label. */
const MOST_HOSTS = 1000;
const OTHER = 'OTHER';

/** `2xx` for 204; `other` stays `other`. */
function classOf(status: string): string {
  return status === 'other' ? status : `${status.slice(0, 1)}xx`;
}

export function createRequestTotals(options: TotalsOptions): RequestTotals {
  const { measures, shares, perHost, perPath, statusClasses, ownLabels } = options;
  const slots = slotsOf(measures);
  const rows = createNumberRows(widthOf(measures));
  const groups = new Map<string, SeriesGroup>();
  const hosts = new Set<string>();
  const folded: Record<FoldReason, number> = { worker: 0, share: 0, limit: 0, host: 0 };
  /** The maximum number of time series of one combination of labels. */
  const linesEach = 1 + slots.reduce((sum, { buckets }) => sum + buckets + 2, 0);

  /** The group with these labels. A new one is not stored until it has a series. */
  function groupWith(ingress: string, service: string, canary: string, path: string, host: string): SeriesGroup {
    const key = JSON.stringify([ingress, service, canary, path, host]);
    const known = groups.get(key);
    if (known !== undefined) return known;
    const [namespace = '', name = ''] = ingress.split('/');
    return {
      key,
      ingress,
      owner: ownerOf(ingress, host),
      series: new Map(),
      labels: labelText([
        ...(perPath ? [['path', path] as const] : []),
        ['namespace', namespace],
        ['ingress', name],
        ['service', service],
        ['canary', canary],
        ...(perHost ? [['host', host] as const] : []),
      ]),
    };
  }

  /** The label `host`: a requested host is used only if no Ingress has the host, and while there are not too many. */
  function hostOf({ host: requested }: CountedGroup, { host }: RouteLabels, requests: number): string {
    if (!measures.undefinedHosts || requested === '' || host !== CATCH_ALL) return host;
    if (hosts.has(requested)) return requested;
    if (hosts.size >= MOST_HOSTS) {
      folded.host += requests;
      return host;
    }
    hosts.add(requested);
    return requested;
  }

  function groupOf(counted: CountedGroup, route: RouteLabels, requests: number): SeriesGroup {
    const { ingress } = route;
    const service = ingress === '' ? '' : (counted.service.split('/')[1] ?? '');
    const path = perPath ? route.path : '';
    const host = perHost ? hostOf(counted, route, requests) : '';
    return groupWith(ingress, service, counted.canary, path, host);
  }

  function newSeries(group: SeriesGroup, method: string, status: string): Series {
    const labels = `${ownLabels},status="${status}",method="${method}",${group.labels}`;
    const series = { labels, owner: group.owner, row: rows.take(), present: 0, natives: new Map() };
    group.series.set(`${method} ${status}`, series);
    groups.set(group.key, group);
    shares.use(group.owner, 1);
    return series;
  }

  function seriesOf(group: SeriesGroup, method: string, status: string, requests: number): Series {
    const exact = group.series.get(`${method} ${status}`);
    if (exact !== undefined) return exact;
    if (shares.fits(group.owner, linesEach, EXACT_PART)) return newSeries(group, method, status);
    const inClass = classOf(status);
    const known = group.series.get(`${OTHER} ${inClass}`);
    const hasPlace = known !== undefined || shares.fits(group.owner, linesEach, 1);
    folded[hasPlace ? 'share' : 'limit'] += requests;
    if (hasPlace) return known ?? newSeries(group, OTHER, inClass);
    // These series, one for each class, are created even if a limit is reached.
    const rest = groupWith('', '', '', '', perHost ? CATCH_ALL : '');
    return rest.series.get(`${OTHER} ${inClass}`) ?? newSeries(rest, OTHER, inClass);
  }

  /** As in ingress-nginx, a histogram exists only once it has a value. Beyond the limits on series, it is left out. */
  function markPresent(series: Series, numbers: Float64Array): void {
    for (const [index, { sum, buckets }] of slots.entries()) {
      const bit = 1 << index;
      const isNew = (series.present & bit) === 0 && hasValue(numbers, sum, buckets);
      if (!isNew || !shares.fits(series.owner, buckets + 2, 1)) continue;
      series.present |= bit;
      shares.use(series.owner, buckets + 2);
    }
  }

  /** A native histogram is there only if the classic one is. Each of its buckets counts as a time series. */
  function addNatives(series: Series, natives: ReadonlyMap<number, CountedBuckets>): void {
    const { native } = measures;
    if (native === undefined) return;
    for (const [index, { sum }] of slots.entries()) {
      const counted = natives.get(sum);
      if (counted === undefined || (series.present & (1 << index)) === 0) continue;
      const into = series.natives.get(index) ?? newBuckets(native.schema);
      const before = into.buckets.size;
      const hasPlace = shares.fits(series.owner, counted.buckets.size, 1);
      addBuckets(into, counted, hasPlace ? native.most : Math.max(1, before));
      series.natives.set(index, into);
      shares.use(series.owner, into.buckets.size - before);
    }
  }

  function linesOf({ present, natives }: Series): number {
    const lines = slots.map(({ buckets }, index) => ((present & (1 << index)) === 0 ? 0 : buckets + 2));
    const nativeBuckets = [...natives.values()].map(({ buckets }) => buckets.size);
    return [...lines, ...nativeBuckets].reduce((sum, count) => sum + count, 1);
  }

  function remove(group: SeriesGroup): void {
    groups.delete(group.key);
    for (const series of group.series.values()) {
      rows.free(series.row);
      series.row = -1;
      shares.use(group.owner, -linesOf(series));
    }
  }

  return {
    add: (counted, route, method, status, { numbers, natives }) => {
      const requests = numbers[0] ?? 0;
      const group = groupOf(counted, route ?? NO_ROUTE, requests);
      const series = seriesOf(group, method, statusClasses ? classOf(status) : status, requests);
      markPresent(series, numbers);
      rows.add(series.row, numbers);
      addNatives(series, natives);
    },
    retain: (ingresses) => {
      for (const group of groups.values()) {
        if (group.ingress !== '' && !ingresses.has(group.ingress)) remove(group);
      }
    },
    *all() {
      for (const group of groups.values()) yield* group.series.values();
    },
    numbers: ({ row }) => rows.view(row),
    folded: () => folded,
    foldedByWorker: (requests) => {
      folded.worker += requests;
    },
  };
}

function hasValue(numbers: Float64Array, sum: number, buckets: number): boolean {
  for (let place = sum; place <= sum + buckets; place += 1) if (numbers[place] !== 0) return true;
  return false;
}
