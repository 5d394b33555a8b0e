/** The request metrics as families of metrics. */
import { type Measures, METRIC_PREFIX, REQUESTS, slotsOf } from '../../types/request-metrics.ts';
import { type MetricFamily, type Sample, simpleFamily } from '../exposition/family.ts';
import type { RequestTotals, Series } from './totals.ts';

export interface RequestFamiliesOptions {
  readonly measures: Measures;
  /** Whether there is a counter of requests. */
  readonly countsRequests: boolean;
}

export function requestFamilies(totals: RequestTotals, options: RequestFamiliesOptions): readonly MetricFamily[] {
  const { measures, countsRequests } = options;
  const slots = slotsOf(measures);
  const histograms = measures.histograms.map(({ name, about, bounds, per }, index): MetricFamily => {
    const { sum = 0, buckets = 0 } = slots[index] ?? {};
    const bit = 1 << index;
    return {
      name: `${METRIC_PREFIX}${name}`,
      about,
      type: 'histogram',
      bounds,
      samples: () =>
        samplesOf(totals, (series) => {
          if ((series.present & bit) === 0) return undefined;
          const numbers = totals.numbers(series);
          const counts = numbers.subarray(sum + 1, sum + 1 + buckets);
          return { sum: (numbers[sum] ?? 0) / per, counts, native: series.natives.get(index) };
        }),
    };
  });
  const requests = simpleFamily(`${METRIC_PREFIX}${REQUESTS}`, 'Requests of clients', 'counter', () =>
    samplesOf(totals, (series) => totals.numbers(series)[0]),
  );
  return countsRequests ? [requests, ...histograms] : histograms;
}

/** `valueOf`: undefined if the series has no value of this family. */
function* samplesOf(
  totals: RequestTotals,
  valueOf: (series: Series) => Sample['value'] | undefined,
): Generator<Sample, void> {
  for (const series of totals.all()) {
    // The series may have been removed since the iteration began.
    const value = series.row < 0 ? undefined : valueOf(series);
    if (value !== undefined) yield { labels: series.labels, value };
  }
}
