/** What the workers have counted about requests, as the controller reads it. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseCounted } from '../../controller/nginx/figures.ts';
import { readCountReport } from '../../controller/report/request-metrics/count-report.ts';
import {
  addBuckets,
  type CountedBuckets,
  type NativeBuckets,
  newBuckets,
} from '../../controller/report/request-metrics/native-buckets.ts';
import {
  measuredHistograms,
  type Measures,
  measuresText,
  type Slots,
  slotsOf,
  widthOf,
} from '../../controller/types/request-metrics.ts';
import type { CountedRequests, HistogramName } from '../../controller/types/request-metrics.ts';
import type { Fixture } from './fixture.ts';

export const MEASURES: Measures = {
  histograms: measuredHistograms({ time: [0.05, 0.1, 1], length: [10, 100], size: [100, 1000] }, new Set()),
  undefinedHosts: false,
};

/** The sums of one series. */
export interface Counted {
  readonly numbers: readonly number[];
}

export interface Counter {
  /** Fetches and adds up what has been counted since the last call, and confirms it. */
  readonly fetch: () => Promise<void>;
  /** Number of requests by `<route> <service> <canary> <method> <status>`. */
  readonly requests: () => Record<string, number>;
  readonly total: () => number;
  /** Number of events by `<route> <event>`. */
  readonly events: () => Record<string, number>;
  /** Requests that were counted less exactly. */
  readonly folded: () => number;
  /** Lines that the controller would ignore. */
  readonly refused: () => number;
  /** The buckets and the sum of a histogram, over all series. */
  readonly histogram: (name: HistogramName) => { readonly buckets: readonly number[]; readonly sum: number };
  /** The native histogram, over all series. */
  readonly native: (name: HistogramName) => NativeBuckets | undefined;
  /** Calls `fetch` until `count` requests are counted, or throws after some seconds. */
  readonly reach: (count: number) => Promise<void>;
}

/** Sends `GET /v1/metrics`. */
export async function askFor(nginx: Fixture, query = ''): Promise<CountedRequests> {
  const { status, body } = await nginx.api.send('GET', `/v1/metrics${query}`);
  const counted = status === 200 ? parseCounted(body) : undefined;
  if (counted === undefined) throw new Error(`GET /v1/metrics: ${status} ${body}`);
  return counted;
}

export function createCounter(nginx: Fixture, measures = MEASURES): Counter {
  const width = widthOf(measures);
  const digest = createHash('md5').update(measuresText(measures)).digest('hex');
  const sums = new Float64Array(width);
  const requests: Record<string, number> = {};
  const events: Record<string, number> = {};
  const natives = new Map<number, NativeBuckets>();
  let received = '';
  let folded = 0;
  let refused = 0;

  function slotsFor(name: HistogramName): Slots {
    const slots = slotsOf(measures)[measures.histograms.findIndex((each) => each.name === name)];
    if (slots === undefined) throw new Error(`${name} is not measured`);
    return slots;
  }

  function addNative(place: number, counted: CountedBuckets): void {
    const into = natives.get(place) ?? newBuckets(counted.schema);
    addBuckets(into, counted, Infinity);
    natives.set(place, into);
  }

  async function fetch(): Promise<void> {
    const { epoch, reports } = await askFor(nginx, received);
    const last = reports.at(-1);
    if (last !== undefined) received = `?epoch=${epoch}&after=${last.number}`;
    for (const { text } of reports) {
      const result = readCountReport(text, {
        digest,
        width,
        native: measures.native,
        add: ({ route, service, canary }, method, status, { numbers, natives: counted }) => {
          for (const [place, number] of numbers.entries()) sums[place] = (sums[place] ?? 0) + number;
          const key = [route || '-', service || '-', canary || '-', method, status].join(' ');
          requests[key] = (requests[key] ?? 0) + (numbers[0] ?? 0);
          for (const [place, buckets] of counted) addNative(place, buckets);
        },
        addReason: () => undefined,
        addSessions: () => undefined,
        addEvent: (route, event, count) => {
          const key = `${route || '-'} ${event}`;
          events[key] = (events[key] ?? 0) + count;
        },
      });
      folded += result.folded;
      refused += result.refused;
    }
  }

  return {
    fetch,
    requests: () => requests,
    total: () => sums[0] ?? 0,
    events: () => events,
    folded: () => folded,
    refused: () => refused,
    native: (name) => natives.get(slotsFor(name).sum),
    histogram: (name) => {
      const { sum, buckets } = slotsFor(name);
      return { sum: sums[sum] ?? 0, buckets: Array.from(sums.subarray(sum + 1, sum + 1 + buckets)) };
    },
    reach: async (count) => {
      const end = performance.now() + 8000;
      while ((sums[0] ?? 0) < count) {
        if (performance.now() > end) throw new Error(`${sums[0]} of ${count} requests were counted`);
        await sleep(100);
        await fetch();
      }
    },
  };
}
