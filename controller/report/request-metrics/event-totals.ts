/**
 * Counters of what happens to requests of each Ingress: error responses by their reason, retries, and what the cache
 * for responses of authentication services did. Their time series count towards the same limits as those of requests;
 * beyond a limit, an event is counted without an Ingress.
 */
import { type MetricFamily, type Sample, simpleFamily } from '../exposition/family.ts';
import { labelText } from '../exposition/label-text.ts';
import { NO_ROUTE, type RouteLabels } from './known-routes.ts';
import { ownerOf, type SeriesOwner, type SeriesShares } from './shares.ts';

export interface EventTotalsOptions {
  readonly shares: SeriesShares;
  readonly perHost: boolean;
  readonly perPath: boolean;
  /** The labels of all series of this controller, as text. */
  readonly ownLabels: string;
}

interface EventFamily {
  readonly name: string;
  readonly about: string;
  /** The label that distinguishes the events of a family. */
  readonly label?: string;
}

const FAMILIES = {
  errors: {
    name: 'tidegate_error_responses_total',
    about: 'Responses with a status of 400 or more, by reason (docs/reasons.md)',
    label: 'reason',
  },
  retries: {
    name: 'tidegate_upstream_retries_total',
    about: 'Attempts to reach another endpoint after one has failed',
  },
  authCache: {
    name: 'tidegate_auth_cache_total',
    about: 'Requests to paths whose authentication responses are cached, by what the cache did',
    label: 'result',
  },
} as const satisfies Record<string, EventFamily>;
export type EventFamilyName = keyof typeof FAMILIES;

export interface EventTotals {
  /**
   * `route`: the labels of the route; undefined if the request had none. `value`: that of the family's label, empty if
   * it has none; the caller limits how many there are.
   */
  readonly add: (route: RouteLabels | undefined, family: EventFamilyName, value: string, count: number) => void;
  /** Removes the series of all Ingresses that are not in `ingresses`. */
  readonly retain: (ingresses: ReadonlySet<string>) => void;
  readonly families: () => readonly MetricFamily[];
}

interface EventSeries {
  readonly owner: SeriesOwner;
  readonly ingress: string;
  readonly labels: string;
  count: number;
}

export function createEventTotals({ shares, perHost, perPath, ownLabels }: EventTotalsOptions): EventTotals {
  /** By family, then by the values of the labels. */
  const all: Record<EventFamilyName, Map<string, EventSeries>> = {
    errors: new Map(),
    retries: new Map(),
    authCache: new Map(),
  };

  function newSeries({ ingress, service, host, path }: RouteLabels, label: string | undefined, value: string) {
    const [namespace = '', name = ''] = ingress.split('/');
    const labels = labelText([
      ...(label === undefined ? [] : [[label, value] as const]),
      ...(perPath ? [['path', path] as const] : []),
      ['namespace', namespace],
      ['ingress', name],
      ['service', service],
      ...(perHost ? [['host', host] as const] : []),
    ]);
    return { owner: ownerOf(ingress, host), ingress, labels, count: 0 };
  }

  function seriesOf(route: RouteLabels, family: EventFamilyName, value: string): EventSeries {
    const { label }: EventFamily = FAMILIES[family];
    const { ingress, service, host, path } = route;
    const key = JSON.stringify([value, ingress, service, perHost ? host : '', perPath ? path : '']);
    const known = all[family].get(key);
    if (known !== undefined) return known;
    const series = newSeries(route, label, value);
    // The series without an Ingress, one for each event, are created even if a limit is reached.
    if (route !== NO_ROUTE && !shares.fits(series.owner, 1, 1)) return seriesOf(NO_ROUTE, family, value);
    all[family].set(key, series);
    shares.use(series.owner, 1);
    return series;
  }

  function* samplesOf(family: ReadonlyMap<string, EventSeries>): Generator<Sample, void> {
    for (const { labels, count } of family.values()) yield { labels: `${ownLabels},${labels}`, value: count };
  }

  return {
    add: (route, family, value, count) => {
      seriesOf(route ?? NO_ROUTE, family, value).count += count;
    },
    retain: (ingresses) => {
      for (const family of Object.values(all)) {
        for (const [key, { ingress, owner }] of family) {
          if (ingress === '' || ingresses.has(ingress)) continue;
          family.delete(key);
          shares.use(owner, -1);
        }
      }
    },
    families: () =>
      Object.entries(FAMILIES).map(([family, { name, about }]) =>
        simpleFamily(name, about, 'counter', () => samplesOf(all[family as EventFamilyName])),
      ),
  };
}
