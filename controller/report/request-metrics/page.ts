/** Writes the request metrics in the text format of Prometheus. */
import { type Measures, METRIC_PREFIX, REQUESTS, slotsOf } from '../../types/request-metrics.ts';
import type { RequestTotals, Series } from './totals.ts';

export interface PageOptions {
  readonly measures: Measures;
  /** Whether the counter of requests is written. */
  readonly countsRequests: boolean;
}

/** How many series one step writes. */
const SERIES_AT_A_TIME = 64;

/** Yields parts of the text, so that the caller can pause in between. */
export function* requestPage(totals: RequestTotals, options: PageOptions): Generator<string, void> {
  const { measures, countsRequests } = options;
  if (countsRequests) {
    const name = `${METRIC_PREFIX}${REQUESTS}`;
    yield `# HELP ${name} Requests of clients\n# TYPE ${name} counter\n`;
    yield* inParts(totals, (series) => `${name}{${series.labels}} ${totals.numbers(series)[0]}\n`);
  }
  for (const [index, { sum }] of slotsOf(measures).entries()) {
    const histogram = measures.histograms[index];
    if (histogram === undefined) continue;
    const name = `${METRIC_PREFIX}${histogram.name}`;
    const write = histogramWriter(name, histogram.bounds, sum, histogram.per);
    yield `# HELP ${name} ${histogram.about}\n# TYPE ${name} histogram\n`;
    yield* inParts(totals, (series) =>
      (series.present & (1 << index)) === 0 ? '' : write(series.labels, totals.numbers(series)),
    );
  }
}

function* inParts(totals: RequestTotals, write: (series: Series) => string): Generator<string, void> {
  let text = '';
  let count = 0;
  for (const series of totals.all()) {
    // The series may have been removed since the iteration began.
    if (series.row >= 0) text += write(series);
    count += 1;
    if (count % SERIES_AT_A_TIME !== 0) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** Returns a function that writes the lines of one series. What all series have in common is computed only once. */
function histogramWriter(
  name: string,
  bounds: readonly number[],
  sum: number,
  per: number,
): (labels: string, numbers: Float64Array) => string {
  const ends = [...bounds.map(String), '+Inf'].map((bound) => `,le="${bound}"} `);
  return (labels, numbers) => {
    let text = '';
    let count = 0;
    for (const [bucket, end] of ends.entries()) {
      count += numbers[sum + 1 + bucket] ?? 0;
      text += `${name}_bucket{${labels}${end}${count}\n`;
    }
    return `${text}${name}_sum{${labels}} ${(numbers[sum] ?? 0) / per}\n${name}_count{${labels}} ${count}\n`;
  };
}
