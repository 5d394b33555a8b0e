/** How many requests were served, with errors and durations. */
import { sumTraffic, type TrafficHistory, type TrafficPeriod, type TrafficSums } from '../history/traffic.ts';
import type { Rates, TrafficAnswer } from '../schema/traffic.ts';

const MOST_HOSTS = 10;

/** Rates of a period of `seconds`; null without requests. */
export function ratesOf(sums: Readonly<TrafficSums> | undefined, seconds: number): Rates | null {
  if (sums === undefined || sums.requests === 0) return null;
  const { requests, errors, refused, timed, ms } = sums;
  return {
    perSecond: rounded(requests / seconds),
    errorShare: errors / requests,
    refusedShare: refused / requests,
    meanMs: timed === 0 ? null : rounded(ms / timed),
  };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/**
 * The duration in ms that `share` of the requests did not exceed, estimated from a histogram as Prometheus does:
 * durations are spread evenly within a bucket, and above the last bound, the bound itself is the result. `bounds`: the
 * upper bounds of the buckets in seconds. Null without requests.
 */
export function quantileMs(share: number, buckets: readonly number[], bounds: readonly number[]): number | null {
  const total = buckets.reduce((sum, count) => sum + count, 0);
  if (total === 0 || bounds.length === 0) return null;
  let [left, lower] = [share * total, 0];
  for (const [index, upper] of bounds.entries()) {
    const count = buckets[index] ?? 0;
    if (count > 0 && left <= count) return rounded((lower + (upper - lower) * (left / count)) * 1000);
    [left, lower] = [left - count, upper];
  }
  return rounded(lower * 1000);
}

export interface TrafficInput {
  readonly history: TrafficHistory;
  /** Upper bounds of the buckets of durations, in seconds; undefined if NGINX does not count requests. */
  readonly bounds: readonly number[] | undefined;
  readonly stepSeconds: number;
}

export function trafficAnswer({ history, bounds, stepSeconds }: TrafficInput): TrafficAnswer {
  if (bounds === undefined) return { counted: false, stepSeconds, points: [], lastMinute: null, hosts: [] };
  const seconds = history.hostSeconds();
  const periods = history.periods();
  const busiest = [...history.hosts()].toSorted(([, a], [, b]) => b.requests - a.requests).slice(0, MOST_HOSTS);
  return {
    counted: true,
    stepSeconds,
    points: periods.map((period) => pointOf(period, bounds)),
    lastMinute: ratesOf(sumTraffic(periods.slice(-Math.ceil(60 / stepSeconds))), seconds),
    hosts: busiest.flatMap(([host, sums]) => {
      const rates = ratesOf(sums, seconds);
      return rates === null ? [] : [{ host, rates }];
    }),
  };
}

function pointOf(period: TrafficPeriod, bounds: readonly number[]): TrafficAnswer['points'][number] {
  const { end, requests, errors, refused, buckets } = period;
  const quantile = (share: number) => quantileMs(share, buckets, bounds);
  return {
    at: new Date(end).toISOString(),
    requests,
    errors,
    refused,
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
  };
}
