/** Remembers how many requests NGINX has counted in the last ten minutes, and by host in the last minute. */
import type { CountedResponses } from '../../types/request-metrics.ts';

/** Sums of a period. `errors`: statuses from 500 on; `refused`: 400 to 499. */
export interface TrafficSums {
  requests: number;
  errors: number;
  refused: number;
  /** Requests whose duration is known, and the sum of these durations in ms. */
  timed: number;
  ms: number;
}

export interface TrafficPeriod extends Readonly<TrafficSums> {
  /** The end of the period, in milliseconds since 1970. */
  readonly end: number;
  /** How many requests each bucket of durations has, the last one for durations above all bounds. */
  readonly buckets: readonly number[];
}

export interface TrafficHistory {
  readonly add: (counted: CountedResponses) => void;
  /** The periods of the last ten minutes, oldest first; the last one has not ended. */
  readonly periods: () => readonly TrafficPeriod[];
  /** Host → its requests in the last minute, or somewhat less. Hosts without requests are left out. */
  readonly hosts: () => ReadonlyMap<string, TrafficSums>;
  /** The time in seconds to which `hosts` refers. */
  readonly hostSeconds: () => number;
}

export const STEP_MS = 10_000;
const PERIODS = 60;
/** How many periods `hosts` adds up: the one that has not ended, and those before it. */
const HOST_PERIODS = 6;
/** In one period, requests of more hosts than this are only counted in the sums of all hosts. */
const MOST_HOSTS = 20_000;

interface Period extends TrafficSums {
  readonly number: number;
  readonly buckets: number[];
  readonly hosts: Map<string, TrafficSums>;
}

function noTraffic(): TrafficSums {
  return { requests: 0, errors: 0, refused: 0, timed: 0, ms: 0 };
}

function addTo(sums: TrafficSums, { requests, errors, refused, timed, ms }: Readonly<TrafficSums>): void {
  sums.requests += requests;
  sums.errors += errors;
  sums.refused += refused;
  sums.timed += timed;
  sums.ms += ms;
}

/** The sums of several periods. */
export function sumTraffic(periods: readonly Readonly<TrafficSums>[]): TrafficSums {
  const sums = noTraffic();
  for (const period of periods) addTo(sums, period);
  return sums;
}

function sumsOf({ status, requests, durations }: CountedResponses): TrafficSums {
  return {
    requests,
    errors: status.startsWith('5') ? requests : 0,
    refused: status.startsWith('4') ? requests : 0,
    timed: durations === undefined ? 0 : durations.buckets.reduce((sum, count) => sum + count, 0),
    ms: durations?.ms ?? 0,
  };
}

/** `now`: milliseconds since 1970. */
export function createTrafficHistory(now: () => number): TrafficHistory {
  const started = now();
  /** At most PERIODS, in ascending order; periods without requests are left out. */
  const recent: Period[] = [];

  function drop(current: number): void {
    while (recent.length > 0 && (recent[0]?.number ?? 0) <= current - PERIODS) recent.shift();
    for (const { number, hosts } of recent) if (number <= current - HOST_PERIODS) hosts.clear();
  }

  function currentPeriod(): Period {
    const number = Math.floor(now() / STEP_MS);
    drop(number);
    const last = recent.at(-1);
    // A clock that was set back continues in the last period.
    if (last !== undefined && last.number >= number) return last;
    const period = { ...noTraffic(), number, buckets: [], hosts: new Map() };
    recent.push(period);
    return period;
  }

  function hostIn({ hosts }: Period, host: string): TrafficSums | undefined {
    const known = hosts.get(host);
    if (known !== undefined || hosts.size >= MOST_HOSTS) return known;
    const added = noTraffic();
    hosts.set(host, added);
    return added;
  }

  return {
    add: (counted) => {
      const period = currentPeriod();
      const sums = sumsOf(counted);
      addTo(period, sums);
      for (const [index, count] of (counted.durations?.buckets ?? []).entries())
        period.buckets[index] = (period.buckets[index] ?? 0) + count;
      const host = hostIn(period, counted.host);
      if (host !== undefined) addTo(host, sums);
    },
    periods: () => {
      const current = Math.floor(now() / STEP_MS);
      drop(current);
      const known = new Map(recent.map((period) => [period.number, period]));
      const first = Math.max(current - PERIODS + 1, Math.floor(started / STEP_MS));
      return Array.from({ length: Math.max(0, current - first + 1) }, (_, index) => {
        const number = first + index;
        const { requests, errors, refused, timed, ms, buckets } = known.get(number) ?? { ...noTraffic(), buckets: [] };
        return { end: (number + 1) * STEP_MS, requests, errors, refused, timed, ms, buckets: [...buckets] };
      });
    },
    hosts: () => {
      drop(Math.floor(now() / STEP_MS));
      const all = new Map<string, TrafficSums>();
      for (const { hosts } of recent)
        for (const [host, sums] of hosts) {
          const sum = all.get(host) ?? noTraffic();
          addTo(sum, sums);
          all.set(host, sum);
        }
      return all;
    },
    hostSeconds: () => {
      const begun = (Math.floor(now() / STEP_MS) - HOST_PERIODS + 1) * STEP_MS;
      return Math.max(1, (now() - Math.max(begun, started)) / 1000);
    },
  };
}
